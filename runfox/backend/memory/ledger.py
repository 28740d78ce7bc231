"""Jobs and leases in memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from threading import RLock

from runfox.backend.messages import lease_lost
from runfox.backend.protocols import MAX_DELIVERIES, Ask, Clock, Taker
from runfox.graph import StepResult
from runfox.results import DispatchJob

Key = tuple[str, str, int]
"""A run of a step: execution id in the long form, step, run_id."""


class MemoryLedger:
    """The jobs that exist, queued or taken.

    ``lost`` is called, under the lock, with each job that was delivered too often.
    """

    leased = False

    def __init__(
        self,
        now: Clock,
        lost: Callable[[DispatchJob, StepResult], None],
        lock: "RLock | None" = None,
    ) -> None:
        self._now = now
        self._lost = lost
        self._lock = lock or RLock()
        self._queued: dict[Key, DispatchJob] = {}
        self._held: dict[Key, tuple[str, DispatchJob]] = {}
        self._leases: dict[str, datetime | None] = {}

    def change(
        self,
        execution: str,
        jobs: Iterable[DispatchJob],
        closed: Iterable[tuple[str, int]],
        taker: Taker | None,
    ) -> None:
        """Forget closed runs of an execution and add new ones, queued or already taken."""
        for step, run_id in closed:
            key = (execution, step, run_id)
            if self._held.pop(key, None) is None:
                self._queued.pop(key, None)
        places = 0 if taker is None else taker.places
        for number, job in enumerate(jobs):
            key = (execution, job.step_id, job.run_id)
            if taker is not None and number < places:
                self._held[key] = (taker.worker, job)
            elif key not in self._held:
                self._queued.setdefault(key, job._replace(delivery=0))
        if taker is not None:
            self._renew(taker)

    def delivery(self, key: Key) -> int | None:
        """Return how often a run was delivered, or None if it is closed."""
        held = self._held.get(key)
        job = held[1] if held is not None else self._queued.get(key)
        return None if job is None else job.delivery

    def forget(self, workflow_execution_id: str, runs: Sequence[tuple[str, int]]) -> None:
        with self._lock:
            self.change(workflow_execution_id, (), runs, None)

    def newest(self, workflow_execution_id: str, step: str) -> int | None:
        with self._lock:
            runs = [
                key[2]
                for key in (*self._held, *self._queued)
                if key[0] == workflow_execution_id and key[1] == step
            ]
        return max(runs, default=None)

    def queue(self, jobs: Sequence[DispatchJob]) -> None:
        with self._lock:
            for job in jobs:
                self.change(job.workflow_execution_id, [job], (), None)

    def take(self, ask: Ask) -> list[DispatchJob]:
        with self._lock:
            self._renew(ask.taker)
            self._reclaim(but=ask.taker.worker)
            taken: list[DispatchJob] = []
            for key, job in list(self._matching(ask.execution_id)):
                if len(taken) == ask.limit:
                    break
                del self._queued[key]
                if job.delivery >= MAX_DELIVERIES:
                    self._lost(job, lease_lost(job))
                    continue
                delivered = job._replace(delivery=job.delivery + 1)
                self._held[key] = (ask.taker.worker, delivered)
                taken.append(delivered)
            return taken

    def beat(self, taker: Taker) -> frozenset[Key]:
        with self._lock:
            self._renew(taker)
            return frozenset(
                key for key, (worker, _) in self._held.items() if worker == taker.worker
            )

    def release(self, taker: Taker, jobs: Sequence[DispatchJob]) -> None:
        with self._lock:
            keys = {(job.workflow_execution_id, job.step_id, job.run_id) for job in jobs}
            self._put_back(
                {
                    key: job._replace(delivery=job.delivery - 1)
                    for key, (worker, job) in self._held.items()
                    if worker == taker.worker and key in keys
                }
            )

    def gone(self, worker: str) -> bool:
        """Return False: who is in this process's memory shares its life."""
        return False

    def pending(self, execution_id: str | None = None) -> list[DispatchJob]:
        with self._lock:
            self._reclaim()
            return [job for _, job in self._matching(execution_id)]

    def _matching(self, execution_id: str | None) -> Iterator[tuple[Key, DispatchJob]]:
        for key, job in self._queued.items():
            if execution_id is None or key[0].rpartition("#")[2] == execution_id:
                yield key, job

    def _renew(self, taker: Taker) -> None:
        self._leases[taker.worker] = None if taker.lease is None else self._now() + taker.lease

    def _reclaim(self, *, but: str | None = None) -> None:
        now = self._now()
        late = {
            worker
            for worker, until in self._leases.items()
            if until is not None and until <= now and worker != but
        }
        if late:
            self._put_back(
                {key: job for key, (worker, job) in self._held.items() if worker in late}
            )
            for worker in late:
                del self._leases[worker]

    def _put_back(self, jobs: dict[Key, DispatchJob]) -> None:
        """Queue jobs again that were taken: before all others, for the oldest were taken first."""
        for key in jobs:
            del self._held[key]
        self._queued = {**jobs, **self._queued}
