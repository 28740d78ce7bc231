"""Threads that execute errands, one after the other each."""

import logging
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Semaphore, Thread
from typing import TypeAlias

from runfox.execution.desk import Desk
from runfox.execution.errand import Errand
from runfox.execution.returned import raised
from runfox.graph import StepResult

logger = logging.getLogger("runfox")

Work: TypeAlias = Callable[[Errand], StepResult]


class Threads:
    """As many threads as there are places, begun when they are first needed.

    A thread cannot be ended. One whose errand is past its time is left alone, and another takes its place. All
    end with the process, wherever they are.
    """

    def __init__(self, desk: Desk, work: Work, places: int, name: str = "runfox") -> None:
        self._desk = desk
        self._work = work
        self._name = name
        self._line: SimpleQueue[Errand | None] = SimpleQueue()
        self._idle = Semaphore(0)
        self._free = places
        self._begun = 0
        self._left: set[Errand] = set()
        self._lock = Lock()

    def start(self, errand: Errand) -> None:
        self._line.put(errand)
        if not self._idle.acquire(blocking=False):
            self._enlist()

    def _enlist(self) -> None:
        with self._lock:
            if self._free == 0:
                return
            self._free -= 1
            self._begun += 1
            name = f"{self._name}-{self._begun}"
        Thread(target=self._run, name=name, daemon=True).start()

    def _run(self) -> None:
        while (errand := self._line.get()) is not None:
            if self._desk.begin(errand):
                result = self._result(errand)
                with self._lock:
                    if errand in self._left:
                        self._left.remove(errand)
                        return
                self._idle.release()
                self._desk.report(errand, result)
            else:
                self._idle.release()

    def _result(self, errand: Errand) -> StepResult:
        try:
            return self._work(errand)
        except BaseException as error:  # noqa: BLE001 - no person interrupts here: the executor raised it
            job = errand.job
            return raised(job.step_id, job.run_id, error, job.delivery)

    def leave(self, errand: Errand) -> None:
        with self._lock:
            if not self._left:
                logger.warning(
                    "step %s is past its time, but a thread cannot be ended: it goes on, and another takes"
                    " its place. In processes (mode 'process') it would be ended",
                    errand.job.step_id,
                )
            self._left.add(errand)
            self._free += 1
        if not self._line.empty():
            self._enlist()

    def withdraw(self, errand: Errand) -> None:
        """Leave it to the executor: it is told when it asks."""

    def stop(self) -> None:
        with self._lock:
            begun, self._free = self._begun, 0
        for _ in range(begun):
            self._line.put(None)
