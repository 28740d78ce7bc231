"""The backend of programs that live in an event loop."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import ParamSpec, Self, TypeVar

from runfox.backend.base import Backend
from runfox.backend.inprocess import InProcessWorker
from runfox.backend.lifting import THREADS, Lift, awaited
from runfox.backend.observe import OnEnd, OnStateChange
from runfox.backend.protocols import MAX_DELIVERIES, Runner, Store
from runfox.backend.queue import LEASE
from runfox.backend.routes import HOLD
from runfox.execution import Executor, Secrets, from_environment, is_async

P = ParamSpec("P")
T = TypeVar("T")

CONCURRENCY = 100
"""How many jobs of one run a coroutine executor has at once, unless an ``InProcessWorker`` says otherwise."""


class AsyncBackend(Backend):
    """A backend for event loops: what blocks happens in at most ``threads`` threads of its own.

    It is a ``Backend``, and each of its methods has a form that is awaited: ``acreate``, ``astep``, ``asignal``.
    So has the handle (``await workflow.aadvance()``). Coroutine executors run in the loop of whoever awaits
    ``Workflow.arun``, 100 jobs of a run at a time. ``on_state_change`` and ``on_end`` are called in the threads.

    A call that has begun is finished, also when the task that awaits it is cancelled; what one has dispatched
    then is in the queue, as after a crash. ``async with`` waits at its end for what is under way.
    """

    def __init__(  # noqa: PLR0913 - those of a backend, and the number of threads
        self,
        store: Store | None = None,
        runner: Runner | None = None,
        *,
        executor: Executor | None = None,
        on_state_change: OnStateChange | None = None,
        on_end: OnEnd | None = None,
        lease: timedelta = LEASE,
        hold: timedelta = HOLD,
        max_deliveries: int = MAX_DELIVERIES,
        secrets: Secrets = from_environment,
        threads: int = THREADS,
    ) -> None:
        super().__init__(
            store,
            runner,
            executor=executor,
            on_state_change=on_state_change,
            on_end=on_end,
            lease=lease,
            hold=hold,
            max_deliveries=max_deliveries,
            secrets=secrets,
        )
        self._settle(threads)

    @classmethod
    def of(cls, backend: Backend, *, threads: int = THREADS) -> Self:
        """Return the same backend, store, runner, executor and callbacks, for event loops."""
        found = cls.__new__(cls)
        vars(found).update(vars(backend))
        found._settle(threads)  # noqa: SLF001 - it is one of these
        return found

    def _settle(self, threads: int) -> None:
        self.lift = Lift(self.store, threads)
        worker = self.worker
        if worker is not None and worker.mode == "inline" and is_async(worker.executor):
            self.worker = InProcessWorker(
                worker.runner,
                worker.executor,
                concurrency=CONCURRENCY,
                mode="async",
                secrets=worker.secrets,
            )

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call anything else that blocks in one of the threads: ``await backend.call(tokens.complete, ...)``."""
        return await self.lift.call(function, *args, **kwargs)

    async def aclose(self) -> None:
        """Return when what is under way has ended. The store stays open."""
        await asyncio.to_thread(self.lift.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    # Awaited ----------------------------------------------------------------------------------------

    acreate = awaited(Backend.create)
    aload = awaited(Backend.load)
    aexecutions = awaited(Backend.executions)
    ahistory = awaited(Backend.history)
    arecord_at = awaited(Backend.record_at)
    aexplain = awaited(Backend.explain)
    afork = awaited(Backend.fork)
    akeep = awaited(Backend.keep)
    adefinitions = awaited(Backend.definitions)
    aactivate = awaited(Backend.activate)
    afind = awaited(Backend.find)
    aexport = awaited(Backend.export)
    aimport_run = awaited(Backend.import_run)

    astep = awaited(Backend.step)
    amove = awaited(Backend.move)
    aon_step_result = awaited(Backend.on_step_result)
    aask = awaited(Backend.ask)
    asignal = awaited(Backend.signal)
    acancel = awaited(Backend.cancel)
    apause = awaited(Backend.pause)
    aresume = awaited(Backend.resume)
    aretry = awaited(Backend.retry)
    arerun = awaited(Backend.rerun)
    askip = awaited(Backend.skip)

    adispatch = awaited(Backend.dispatch)
    agather = awaited(Backend.gather)
    alist_pending_jobs = awaited(Backend.list_pending_jobs)
    atake_pending_jobs = awaited(Backend.take_pending_jobs)
    aclaim = awaited(Backend.claim)
    asubmit_work_result = awaited(Backend.submit_work_result)
    asubmit_work_error = awaited(Backend.submit_work_error)

    ahealth = awaited(Backend.health)
    aworkers = awaited(Backend.workers)
    adepths = awaited(Backend.depths)
    aoldest = awaited(Backend.oldest)
    astalled = awaited(Backend.stalled)
    afailures = awaited(Backend.failures)
