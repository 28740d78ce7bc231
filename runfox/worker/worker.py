"""Take, execute, submit, decide: the loop of a worker."""

import logging
from collections import defaultdict
from collections.abc import Callable
from time import sleep
from typing import Any

from runfox.backend import Backend
from runfox.backend.driver import POLL
from runfox.backend.holding import Holding
from runfox.backend.protocols import Due, Taker, Wakes
from runfox.backend.queue import QueueRunner
from runfox.errors import RequestError, RunfoxError, StoreUnavailable
from runfox.execution import Executor, Mode, open_pool
from runfox.execution.pools import Done
from runfox.graph import StepResult
from runfox.results import DispatchJob

logger = logging.getLogger("runfox")

LOOK = 0.5
"""Seconds after which an idle worker looks for work, and for timers that are due, by itself."""

PAUSE = 1.0
"""Seconds between two tries at a store that does not answer."""

DUE = 100
"""How many executions that something is due for a worker moves on between two looks at its queue."""


class Worker:
    """Executes the jobs of a backend's queue, and decides what follows from their results.

    So executions move on with workers alone. ``on_job`` is told of each finished job and its result.
    """

    def __init__(
        self,
        backend: Backend,
        executor: Executor,
        *,
        concurrency: int = 1,
        mode: Mode | None = None,
        on_job: Callable[[DispatchJob, StepResult], Any] | None = None,
    ) -> None:
        if not isinstance(backend.runner, QueueRunner):
            raise RequestError(
                f"{type(backend.runner).__name__} has no worker's side here: its workers are its own"
            )
        self.backend = backend
        self.concurrency = concurrency
        self._source = backend.runner.ledger
        self._executor = executor
        self._mode: Mode = mode or ("inline" if concurrency == 1 else "thread")
        self._on_job = on_job
        self._lease = backend.lease if self._source.leased else None
        self._stops = 0

    def stop(self) -> None:
        """Take no more jobs and end when those taken are finished; called again, give them back and end now."""
        self._stops += 1

    def run(self, *, until_idle: bool = False) -> None:
        """Work until ``stop`` is called; with ``until_idle``, until there is nothing to do now.

        A store that does not answer is waited for: what was executed meanwhile is kept and recorded then.
        """
        pool = open_pool(self._executor, concurrency=self.concurrency, mode=self._mode)
        taker = Taker(self.backend.name, self._lease)
        with Holding(self._source, taker, pool) as holding:
            self._work(holding, until_idle=until_idle)

    def _work(self, holding: Holding, *, until_idle: bool) -> None:
        done: list[Done] = []
        while self._stops < 2 and not (self._stops and not holding.busy and not done):
            try:
                self._record(holding, done)
                done = []
                self._take(holding)
                if holding.busy:
                    done = holding.finished(LOOK)
                elif not self._move_due() and not self._stops:
                    if until_idle:
                        return
                    self._wait()
            except StoreUnavailable as error:
                logger.warning("the store does not answer, trying again: %s", error)
                sleep(PAUSE)
        self._record(holding, done)

    def _take(self, holding: Holding) -> None:
        free = 0 if self._stops else self.concurrency - holding.busy
        if free > 0:
            holding.take(free)

    def _record(self, holding: Holding, done: list[Done]) -> None:
        """Apply results, one commit for each execution, and keep as many of the next jobs as there are places."""
        by_execution: dict[str, list[Done]] = defaultdict(list)
        for job, result in done:
            by_execution[job.workflow_execution_id].append((job, result))
        for key, mine in by_execution.items():
            self._record_one(holding, key, mine)
            holding.recorded(mine)
            if self._on_job is not None:
                for job, result in mine:
                    self._on_job(job, result)

    def _record_one(self, holding: Holding, key: str, done: list[Done]) -> None:
        places = 0 if self._stops else max(0, self.concurrency - holding.busy)
        taker = holding.taker._replace(places=places) if self.backend.shared else None
        try:
            jobs = self.backend.step(key, [result for _, result in done], taker=taker).jobs
        except StoreUnavailable:
            raise
        except RunfoxError:
            # It is gone, or cannot be read: its results are of no use to anybody, and others wait.
            logger.exception("could not record results of %s", key)
        else:
            holding.begin(jobs[:places] if taker is not None else ())

    def _move_due(self) -> bool:
        """Move on what has messages or a due timer; return whether there was any."""
        store = self.backend.store
        found = store.due(DUE) if isinstance(store, Due) else []
        for execution_id in found:
            try:
                self.backend.step(execution_id)
            except StoreUnavailable:
                raise
            except RunfoxError:
                # One execution that cannot be moved must not keep the others from it.
                logger.exception("could not move %s on", execution_id)
        return bool(found)

    def _wait(self) -> None:
        if isinstance(self.backend.store, Wakes):
            self.backend.store.wait(LOOK)
        else:
            sleep(POLL)
