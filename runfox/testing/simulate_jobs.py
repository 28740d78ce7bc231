"""The jobs of a simulated run that have begun: when each is answered, or is over its time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from runfox.backend.memory.ledger import MemoryLedger
from runfox.backend.protocols import Ask, Taker
from runfox.graph import StepResult
from runfox.results import DispatchJob
from runfox.testing.clock import FakeClock
from runfox.testing.script import Told

_TAKER = Taker("simulation", None)
_MOST = 1_000_000


class _Entry(NamedTuple):
    """A job and its answer, in the order of heaps: when it answers, then which began first."""

    at: datetime
    number: int
    begun: datetime
    job: DispatchJob
    result: StepResult


class Jobs:
    """Jobs under way, with workers enough for all of them.

    One whose answer is late is alive until then; one that never answers gives no sign of life either.
    """

    def __init__(self, ledger: MemoryLedger, clock: FakeClock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._answers: list[_Entry] = []
        self._hanging: list[tuple[DispatchJob, datetime]] = []
        self._begun = 0

    def take(self) -> list[DispatchJob]:
        """Take all jobs that are queued."""
        return self._ledger.take(Ask(_TAKER, _MOST))

    def begin(self, job: DispatchJob, told: Told) -> None:
        """Begin with a job that was taken just now."""
        now = self._clock()
        self._begun += 1
        if told.result is None:
            self._hanging.append((job, now))
        else:
            heappush(self._answers, _Entry(now + told.time, self._begun, now, job, told.result))

    def answered(self) -> tuple[str, StepResult] | None:
        """Take the next answer that is there by now, with the id of its execution."""
        while self._answers and self._answers[0].at <= self._clock():
            entry = heappop(self._answers)
            if self._is_wanted(entry.job):
                return entry.job.execution_id, entry.result
        return None

    def live(self) -> None:
        """Show, as soon as time has passed, that those were alive meanwhile that will answer."""
        for entry in self._answers:
            if entry.job.terms.heartbeat is not None:
                self._ledger.alive(_TAKER, entry.job)

    def expire(self) -> None:
        """Have those fail that are over their time by now."""
        self._ledger.expire(_MOST)

    def moments(self) -> Iterator[datetime]:
        """Yield when something becomes of the jobs."""
        self._answers = [entry for entry in self._answers if self._is_wanted(entry.job)]
        heapify(self._answers)
        for entry in self._answers:
            yield entry.at
            if entry.job.terms.attempt is not None:
                yield entry.begun + timedelta(seconds=entry.job.terms.attempt)
        self._hanging = [entry for entry in self._hanging if self._is_wanted(entry[0])]
        for job, begun in self._hanging:
            for bound in (job.terms.attempt, job.terms.heartbeat):
                if bound is not None:
                    yield begun + timedelta(seconds=bound)

    @property
    def hanging(self) -> list[DispatchJob]:
        """The jobs that never answer."""
        return [job for job, _ in self._hanging if self._is_wanted(job)]

    def _is_wanted(self, job: DispatchJob) -> bool:
        run = (job.workflow_execution_id, job.step_id, job.run_id)
        return self._ledger.delivery(run) is not None
