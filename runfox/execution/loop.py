"""Errands as tasks: of an event loop that is there, or of one in a thread of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from threading import Thread
from typing import Any, TypeAlias

from runfox.execution.desk import Desk
from runfox.execution.errand import Errand
from runfox.graph import StepResult

GRACE = 1.0
"""Seconds that an event loop has to end what runs in it."""

Work: TypeAlias = Callable[[Errand], Awaitable[StepResult]]


class Tasks:
    """Executes so many errands at a time in an event loop. What is past its time, or not wanted any longer, is
    cancelled."""

    def __init__(
        self, desk: Desk, work: Work, places: int, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._desk = desk
        self._work = work
        self._places = asyncio.Semaphore(places)
        self._begun: dict[Errand, asyncio.Task[None] | None] = {}
        self._mine: set[asyncio.Task[None] | None] = set()
        self._loop = loop

    def start(self, errand: Errand) -> None:
        asyncio.run_coroutine_threadsafe(self._one(errand), self._loop)

    async def _one(self, errand: Errand) -> None:
        task = asyncio.current_task()
        self._mine.add(task)
        try:
            async with self._places:
                if self._desk.begin(errand):
                    self._begun[errand] = task
                    try:
                        self._desk.report(errand, await self._work(errand))
                    finally:
                        del self._begun[errand]
        finally:
            self._mine.discard(task)

    def leave(self, errand: Errand) -> None:
        self._loop.call_soon_threadsafe(self._cancel, errand)

    def withdraw(self, errand: Errand) -> None:
        if self._desk.strike(errand):
            self.leave(errand)

    def _cancel(self, errand: Errand) -> None:
        task = self._begun.get(errand)
        if task is not None:
            task.cancel()

    def _running(self) -> set[asyncio.Task[Any]]:
        """Return the tasks that are to end when this does."""
        return {task for task in self._mine if task is not None}

    async def _cancel_all(self) -> None:
        tasks = self._running() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def stop(self) -> None:
        self._stopped()

    def _stopped(self) -> bool:
        """End what runs, and return whether it has ended. Not to be called in the loop itself."""
        ending = asyncio.run_coroutine_threadsafe(self._cancel_all(), self._loop)
        try:
            ending.result(GRACE)
        except TimeoutError:
            return False
        return True


class Loop(Tasks):
    """The same in a loop of its own, which runs in a thread of its own."""

    def __init__(self, desk: Desk, work: Work, places: int) -> None:
        super().__init__(desk, work, places, asyncio.new_event_loop())
        self._thread = Thread(target=self._loop.run_forever, name="runfox-loop", daemon=True)
        self._thread.start()

    def _running(self) -> set[asyncio.Task[Any]]:
        # Those that executors have begun, too.
        return asyncio.all_tasks(self._loop)

    def stop(self) -> None:
        if not self._stopped():
            # An executor that blocks the loop has it: a daemon thread ends with the process.
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(GRACE)
        self._loop.close()
