"""Take, execute, submit, decide: the loop of a worker."""

import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from runfox.backend import Backend
from runfox.backend.heart import Heart
from runfox.backend.protocols import Ask, Due, Taker, Wakes
from runfox.backend.queue import QueueRunner
from runfox.errors import RequestError, StoreError
from runfox.execution import Executor, Mode, Pool, open_pool
from runfox.graph import StepResult
from runfox.results import DispatchJob

logger = logging.getLogger("runfox")

LOOK = 0.5
"""Seconds after which an idle worker looks for work, and for timers that are due, by itself."""

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
        """Work until ``stop`` is called; with ``until_idle``, until there is nothing to do."""
        pool = open_pool(self._executor, concurrency=self.concurrency, mode=self._mode)
        try:
            with Heart(lambda: self._source.beat(self._taker(0)), self._lease):
                self._work(pool, until_idle=until_idle)
        finally:
            self._put_down(pool)

    def _work(self, pool: Pool, *, until_idle: bool) -> None:
        while self._stops < 2 and not (self._stops and not pool.busy):
            free = 0 if self._stops else self.concurrency - pool.busy
            if free > 0:
                pool.submit(self._source.take(Ask(self._taker(free), free)))
            if pool.busy:
                self._submit(pool, pool.finished(LOOK))
            elif not self._move_due() and not self._stops:
                if until_idle:
                    return
                self._wait()

    def _taker(self, places: int) -> Taker:
        return Taker(self.backend.name, self._lease, places)

    def _submit(self, pool: Pool, done: list[tuple[DispatchJob, StepResult]]) -> None:
        """Apply results, one commit for each execution, and keep as many of the next jobs as there are places."""
        by_execution: dict[str, list[StepResult]] = defaultdict(list)
        for job, result in done:
            by_execution[job.workflow_execution_id].append(result)
            if self._on_job is not None:
                self._on_job(job, result)
        for key, results in by_execution.items():
            places = 0 if self._stops else max(0, self.concurrency - pool.busy)
            taker = self._taker(places) if self.backend.shared else None
            jobs = self.backend.step(key, results, taker=taker).jobs
            if taker is not None:
                pool.submit(jobs[:places])

    def _move_due(self) -> bool:
        """Move on what has messages or a due timer; return whether there was any."""
        store = self.backend.store
        found = store.due(DUE) if isinstance(store, Due) else []
        for execution_id in found:
            try:
                self.backend.step(execution_id)
            except StoreError as error:
                # One execution that cannot be moved must not keep the others from it.
                logger.warning("could not move %s on: %s", execution_id, error)
        return bool(found)

    def _wait(self) -> None:
        if isinstance(self.backend.store, Wakes):
            self.backend.store.wait(LOOK)

    def _put_down(self, pool: Pool) -> None:
        jobs = pool.close()
        if jobs:
            self._source.release(self._taker(0), jobs)
