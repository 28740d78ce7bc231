"""Telling the tasks of event loops that a store may have changed: one thread waits for all of them."""

import asyncio
from contextlib import suppress
from threading import Lock, Thread
from time import monotonic, sleep

from runfox.backend.protocols import Store, Wakes

LISTEN = 0.2
"""Seconds after which the thread looks whether anybody listens still."""

POLL = 0.05
"""Seconds between two looks at a store that cannot tell when something has changed."""


class Bell:
    """Rings when a store may have changed, while somebody listens. Safe for use from many loops and threads.

    ``rings`` counts: who reads it before looking at the store, and waits beyond that, misses nothing.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listening: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._thread: Thread | None = None
        self._lock = Lock()
        self.rings = 0

    async def wait(self, rings: int, seconds: float) -> None:
        """Return when it has rung more often than that, or the time is over."""
        me = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            if self.rings > rings:
                return
            if self._thread is None:
                thread = Thread(target=self._run, name="runfox-bell", daemon=True)
                thread.start()  # which the system may refuse: then the next to wait tries again
                self._thread = thread
            self._listening.add(me)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await me[1].wait()
        finally:
            with self._lock:
                self._listening.discard(me)

    def _run(self) -> None:
        while True:
            changed = self._changed()
            with self._lock:
                if changed:
                    self._ring()
                if not self._listening:
                    self._thread = None
                    return

    def _changed(self) -> bool:
        if not isinstance(self._store, Wakes):
            sleep(POLL)
            return True
        began = monotonic()
        try:
            self._store.wait(LISTEN)
        except Exception:  # noqa: BLE001 - those who listen ask the store themselves, and are told what is wrong
            sleep(LISTEN)
        return monotonic() < began + LISTEN

    def _ring(self) -> None:
        self.rings += 1
        for loop, event in self._listening:
            with suppress(RuntimeError):  # a loop that was closed
                loop.call_soon_threadsafe(event.set)

    def close(self) -> None:
        """Return when the thread has ended, unless somebody listens still."""
        thread = self._thread
        if thread is not None and not self._listening:
            thread.join()
