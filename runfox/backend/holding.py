"""The jobs that a process has taken on: in its pool, or executed and not recorded yet."""

from collections.abc import Iterable
from typing import Self

from runfox.backend.heart import Heart
from runfox.backend.protocols import Ask, JobSource, Taker
from runfox.execution import Pool
from runfox.execution.pools import Done
from runfox.results import DispatchJob

Run = tuple[str, str, int]


class Holding:
    """What a worker holds of a queue, from taking to recording. On leaving, it gives back what is left."""

    def __init__(self, source: JobSource, taker: Taker, pool: Pool) -> None:
        self.taker = taker
        self._source = source
        self._pool = pool
        self._held: dict[Run, DispatchJob] = {}
        self._heart = Heart(lambda: source.beat(taker), taker.lease)

    def __enter__(self) -> Self:
        self._heart.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._heart.__exit__()
        self._pool.close()
        if self._held:
            self._source.release(self.taker, list(self._held.values()))

    @property
    def busy(self) -> int:
        """How many jobs are in the pool."""
        return self._pool.busy

    def take(self, limit: int, execution_id: str | None = None) -> None:
        """Claim up to ``limit`` queued jobs, and those that dead workers left behind, and begin with them."""
        self.begin(self._source.take(Ask(self.taker, limit, execution_id)))

    def begin(self, jobs: Iterable[DispatchJob]) -> None:
        """Begin with jobs that are this worker's already."""
        jobs = list(jobs)
        for job in jobs:
            self._held[run_of(job)] = job
        self._pool.submit(jobs)

    def finished(self, timeout: float) -> list[Done]:
        """Return what has been executed; waits for the first one, ``timeout`` seconds at most."""
        return self._pool.finished(timeout)

    def recorded(self, done: Iterable[Done]) -> None:
        """Let go of jobs whose results are recorded."""
        for job, _ in done:
            self._held.pop(run_of(job), None)


def run_of(job: DispatchJob) -> Run:
    """Return what a job is known by."""
    return (job.workflow_execution_id, job.step_id, job.run_id)
