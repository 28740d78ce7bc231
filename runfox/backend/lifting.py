"""Calls that block, made by an event loop: they happen in threads, so that the loop goes on."""

import contextvars
from collections.abc import Callable, Coroutine
from functools import partial, update_wrapper
from os import getpid
from threading import Lock
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from runfox.backend.protocols import Store

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from runfox.backend.bell import Bell

THREADS = 8
"""How many calls of one backend can be under way at once. More wait for their turn, and the loop does not."""

S = TypeVar("S")
P = ParamSpec("P")
T = TypeVar("T")


class Lift:
    """The threads of a backend for calls from event loops, begun when they are first needed.

    A call that has begun is finished, whatever becomes of the task that awaits it: cancelling that is as if
    the process had died just after the call. One that has not begun never happens then.
    """

    def __init__(self, store: Store, threads: int = THREADS) -> None:
        self._store = store
        self._threads = threads
        self._pool: ThreadPoolExecutor | None = None
        self._bell: Bell | None = None
        self._pid = getpid()
        self._lock = Lock()

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in a thread, in the context of the task."""
        import asyncio  # 40 ms that only callers of this pay

        copied = contextvars.copy_context()
        call = partial(copied.run, function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._executor(), call)

    async def settled(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same, but whoever is cancelled stays until the call has ended: nothing of it goes on afterwards."""
        import asyncio

        copied = contextvars.copy_context()
        call = partial(copied.run, function, *args, **kwargs)
        future = asyncio.get_running_loop().run_in_executor(self._executor(), call)
        cancelled: asyncio.CancelledError | None = None
        while not future.done():
            try:
                await asyncio.wait({future})
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            future.exception()  # what it raised, if anything, is nobody's any longer
            raise cancelled
        return future.result()

    def _executor(self) -> "ThreadPoolExecutor":
        from concurrent.futures import ThreadPoolExecutor

        with self._lock:
            self._leave_to_parent()
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._threads, "runfox-call")
            return self._pool

    @property
    def bell(self) -> "Bell":
        """What tells tasks that the store may have changed."""
        from runfox.backend.bell import Bell

        with self._lock:
            self._leave_to_parent()
            if self._bell is None:
                self._bell = Bell(self._store)
            return self._bell

    def _leave_to_parent(self) -> None:
        """Forget what a process forked from another has of it: its threads are not here."""
        if self._pid != getpid():
            self._pid, self._pool, self._bell = getpid(), None, None

    def close(self) -> None:
        """End the threads, once what they have in hand is done. The next call begins new ones."""
        with self._lock:
            self._leave_to_parent()
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown()
        if self._bell is not None:
            self._bell.close()


class awaited(Generic[S, P, T]):  # noqa: N801 - it is written, and read, as the function that it acts as
    """The form of a method, or of a class method, that is awaited: ``arun = awaited(run)``.

    It has the parameters of the method, and happens in a thread of the backend that it belongs to, or is given.
    """

    def __init__(self, method: Callable[Concatenate[S, P], T]) -> None:
        self._method = method
        self.__doc__ = method.__doc__

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> Callable[P, Coroutine[Any, Any, T]]: ...

    @overload
    def __get__(self, instance: S, owner: type[Any]) -> Callable[P, Coroutine[Any, Any, T]]: ...

    def __get__(
        self, instance: S | None, owner: type[Any]
    ) -> Callable[P, Coroutine[Any, Any, T]] | Self:
        method: Any = self._method
        if instance is None and not isinstance(method, classmethod):
            return self
        bound: Callable[P, T] = method.__get__(instance, owner)

        async def call(*args: P.args, **kwargs: P.kwargs) -> T:
            lift = _lift_of((instance, *args, *kwargs.values()))
            if lift is None:
                import asyncio

                return await asyncio.to_thread(bound, *args, **kwargs)
            return await lift.call(bound, *args, **kwargs)

        return update_wrapper(call, bound)


def _lift_of(involved: tuple[object, ...]) -> Lift | None:
    """Return the threads of the first who has some: the handle, or the backend that something is created in."""
    lifts = (getattr(one, "lift", None) for one in involved)
    return next((lift for lift in lifts if isinstance(lift, Lift)), None)
