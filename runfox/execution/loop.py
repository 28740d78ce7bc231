"""Tasks in one event loop, which runs in a thread of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from threading import Thread
from typing import TypeAlias

from runfox.execution.desk import Desk
from runfox.execution.errand import Errand
from runfox.graph import StepResult

GRACE = 1.0
"""Seconds that an event loop has to end what runs in it."""

Work: TypeAlias = Callable[[Errand], Awaitable[StepResult]]


class Loop:
    """Executes so many errands at a time. What is past its time, or not wanted any longer, is cancelled."""

    def __init__(self, desk: Desk, work: Work, places: int) -> None:
        self._desk = desk
        self._work = work
        self._places = asyncio.Semaphore(places)
        self._tasks: dict[Errand, asyncio.Task[None] | None] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="runfox-loop", daemon=True)
        self._thread.start()

    def start(self, errand: Errand) -> None:
        asyncio.run_coroutine_threadsafe(self._one(errand), self._loop)

    async def _one(self, errand: Errand) -> None:
        async with self._places:
            if self._desk.begin(errand):
                self._tasks[errand] = asyncio.current_task()
                try:
                    self._desk.report(errand, await self._work(errand))
                finally:
                    del self._tasks[errand]

    def leave(self, errand: Errand) -> None:
        self._loop.call_soon_threadsafe(self._cancel, errand)

    def withdraw(self, errand: Errand) -> None:
        if self._desk.strike(errand):
            self.leave(errand)

    def _cancel(self, errand: Errand) -> None:
        task = self._tasks.get(errand)
        if task is not None:
            task.cancel()

    async def _cancel_all(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def stop(self) -> None:
        ending = asyncio.run_coroutine_threadsafe(self._cancel_all(), self._loop)
        try:
            ending.result(GRACE)
        except TimeoutError:
            # An executor that blocks the loop has it: a daemon thread ends with the process.
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(GRACE)
        self._loop.close()
