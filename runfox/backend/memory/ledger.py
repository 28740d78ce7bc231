"""Jobs and leases in memory."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import RLock
from typing import NamedTuple

from runfox.backend.codec import milliseconds
from runfox.backend.memory.announcements import Announcements
from runfox.backend.memory.deadlines import Deadlines
from runfox.backend.memory.line import Key, Line, Queued
from runfox.backend.messages import expired, lease_lost
from runfox.backend.order import Numbers, first_number
from runfox.backend.protocols import (
    MAX_DELIVERIES,
    Ask,
    Clock,
    Depth,
    JobRow,
    Lease,
    Taker,
    WorkerRow,
)
from runfox.graph import StepResult
from runfox.results import TERMS, DispatchJob

MANY = 1_000_000
_NEVER = datetime.max.replace(tzinfo=UTC)


class _Held(NamedTuple):
    """A job that a worker has, since when it exists, and its number if it was in the line."""

    worker: str
    job: DispatchJob
    at: datetime
    number: int | None = None


class MemoryLedger:
    """The jobs that exist, queued or taken.

    ``lost`` is called, under the lock, with each job that was delivered too often, or is past its time.
    ``answered`` tells, under the lock, whether the answer to a job waits for its execution.
    """

    leased = False

    def __init__(
        self,
        now: Clock,
        lost: Callable[[DispatchJob, StepResult], None],
        answered: Callable[[DispatchJob], bool],
        lock: "RLock | None" = None,
    ) -> None:
        self._now = now
        self._lost = lost
        self._answered = answered
        self._lock = lock or RLock()
        self._line = Line()
        self._held: dict[Key, _Held] = {}
        self._leases: dict[str, datetime | None] = {}
        self._roles: dict[str, str] = {}
        self._numbers = Numbers()
        self._deadlines = Deadlines()
        self._announced = Announcements()

    def change(
        self,
        execution: str,
        jobs: Iterable[DispatchJob],
        closed: Iterable[tuple[str, int]],
        taker: Taker | None,
        at: datetime,
        announced: timedelta | None = None,
    ) -> None:
        """Forget closed runs of an execution and add those that are new then, queued or already taken."""
        for step, run_id in closed:
            self._close((execution, step, run_id))
        places = 0 if taker is None else taker.places
        for place, job in enumerate(jobs):
            key = (execution, job.step_id, job.run_id)
            if taker is not None and place < places:
                self._held[key] = _Held(taker.worker, job, at)
                if job.terms is not TERMS:
                    self._deadlines.taken(key, job.terms, self._now())
            elif key not in self._held and key not in self._line:
                self._add(key, job._replace(delivery=0))
            if announced is not None:
                self._announced.add(key, self._now(), announced)
        if taker is not None:
            self._renew(taker)

    def _close(self, key: Key) -> None:
        if self._held.pop(key, None) is None:
            self._line.pop(key)
        self._deadlines.drop(key)
        self._announced.drop(key)

    def _add(self, key: Key, job: DispatchJob) -> None:
        now = self._now()
        number = self._numbers.next(milliseconds(now), job.terms.priority)
        self._line.add(Queued(number, key, job, now))
        self._deadlines.queued(key, job.terms, now)

    def delivery(self, key: Key) -> int | None:
        """Return how often a run was delivered, or None if it is closed."""
        held = self._held.get(key)
        job = held.job if held is not None else self._line.get(key)
        return None if job is None else job.delivery

    def forget(self, workflow_execution_id: str, runs: Sequence[tuple[str, int]]) -> None:
        with self._lock:
            for step, run_id in runs:
                self._close((workflow_execution_id, step, run_id))

    def drop(self, execution_ids: Collection[str]) -> None:
        """Forget all jobs of executions, by their short ids."""
        with self._lock:
            for key in [*self._held, *self._line.keys()]:
                if key[0].rpartition("#")[2] in execution_ids:
                    self._close(key)

    def newest(self, workflow_execution_id: str, step: str) -> int | None:
        with self._lock:
            runs = [
                key[2]
                for key in (*self._held, *self._line.keys())
                if key[0] == workflow_execution_id and key[1] == step
            ]
        return max(runs, default=None)

    def queue(self, jobs: Sequence[DispatchJob]) -> None:
        with self._lock:
            for job in jobs:
                self.change(job.workflow_execution_id, [job], (), None, self._now())

    def take(self, ask: Ask) -> list[DispatchJob]:
        with self._lock:
            self._renew(ask.taker)
            self._expire(None)
            self._reclaim(but=ask.taker.worker)
            taken: list[DispatchJob] = []
            while found := list(islice(self._matching(ask), ask.limit - len(taken))):
                taken += [job for queued in found for job in self._deliver(queued, ask)]
            return taken

    def _deliver(self, queued: Queued, ask: Ask) -> list[DispatchJob]:
        """Give a job to a worker: none, where it has cost too many already."""
        number, key, job, since = queued
        if self._bury(key, job, ask.max_deliveries):
            return []
        taker = ask.taker
        self._line.pop(key)
        delivered = job._replace(delivery=job.delivery + 1)
        now = self._now()
        self._held[key] = _Held(taker.worker, delivered, since, number)
        self._deadlines.taken(key, job.terms, now)
        return [delivered]

    def _bury(self, key: Key, job: DispatchJob, max_deliveries: int) -> bool:
        """Fail a queued run that was delivered too often; return whether it was."""
        if job.delivery < max_deliveries:
            return False
        self._close(key)
        self._lost(job, lease_lost(job))
        return True

    def reclaim(self, max_deliveries: int = MAX_DELIVERIES) -> int:
        with self._lock:
            reclaimed = self._reclaim()
            for key in reclaimed:
                job = self._line.get(key)
                if job is not None:
                    self._bury(key, job, max_deliveries)
            return len(reclaimed)

    def unheard(self, limit: int, *, hold: timedelta) -> list[DispatchJob]:
        with self._lock:
            waiting = (key for key in self._announced.due(self._now()) if key in self._line)
            found = list(islice(waiting, limit))
            for key in found:
                self._announced.again(key, self._now(), hold)
            return [job for key in found if (job := self._line.get(key)) is not None]

    def beat(self, taker: Taker) -> frozenset[Key]:
        with self._lock:
            self._renew(taker)
            return frozenset(key for key, held in self._held.items() if held.worker == taker.worker)

    def alive(self, taker: Taker, job: DispatchJob) -> None:
        with self._lock:
            key = (job.workflow_execution_id, job.step_id, job.run_id)
            held = self._held.get(key)
            if held is not None and held.worker == taker.worker:
                self._deadlines.alive(key, held.job.terms, self._now())

    def expire(self, limit: int = 100) -> int:
        with self._lock:
            return self._expire(limit)

    def _expire(self, limit: int | None) -> int:
        passed = list(islice(self._deadlines.passed(self._now()), limit))
        for key, (taken_at, expires_at) in passed:
            job = self._line.get(key) or self._held[key].job
            self._close(key)
            self._lost(job, expired(job, taken_at, expires_at))
        return len(passed)

    def release(self, taker: Taker, jobs: Sequence[DispatchJob]) -> None:
        with self._lock:
            keys = {(job.workflow_execution_id, job.step_id, job.run_id) for job in jobs}
            self._put_back(
                {
                    key: held._replace(job=held.job._replace(delivery=held.job.delivery - 1))
                    for key, held in self._held.items()
                    if held.worker == taker.worker and key in keys
                }
            )

    def gone(self, worker: str) -> bool:
        """Return False: who is in this process's memory shares its life."""
        return False

    def leases(self, execution_id: str) -> list[Lease]:
        with self._lock:
            return [
                Lease(
                    held.job.step_id,
                    held.job.run_id,
                    held.worker,
                    None,
                    None,
                    self._leases.get(held.worker),
                )
                for held in self._held.values()
                if held.job.execution_id == execution_id
            ]

    def pending(self, execution_id: str | None = None) -> list[DispatchJob]:
        with self._lock:
            self._reclaim()
            anyone = Ask(Taker("", None), execution_id=execution_id)
            return [queued.job for queued in self._matching(anyone)]

    def workers(self) -> list[WorkerRow]:
        with self._lock:
            entered = sorted(self._leases.items(), key=lambda lease: (lease[1] or _NEVER, lease[0]))
            counts = Counter(held.worker for held in self._held.values())
            return [
                WorkerRow(name, self._roles[name], None, None, until, True, counts[name])
                for name, until in entered
            ]

    def depths(self) -> list[Depth]:
        found: dict[tuple[str, str], list[datetime]] = {}
        for row in self.oldest(MANY):
            status = "queued" if row.worker is None else "taken"
            found.setdefault((row.queue, status), []).append(row.queued_at)
        return [Depth(*key, len(times), min(times)) for key, times in sorted(found.items())]

    def oldest(self, limit: int = 100) -> list[JobRow]:
        with self._lock:
            rows = [_row(one.job, one.since) for one in self._line]
            rows += [
                _row(one.job, one.at, one.worker, self._leases.get(one.worker))
                for one in self._held.values()
            ]
        return sorted(rows, key=lambda row: (row.queued_at, row[:3]))[:limit]

    def _matching(self, ask: Ask) -> Iterator[Queued]:
        for queued in self._line.of(ask.runs) if ask.runs else self._line:
            of = ask.execution_id is None or queued.job.execution_id == ask.execution_id
            if of and (not ask.queues or queued.job.terms.queue in ask.queues):
                yield queued

    def _renew(self, taker: Taker) -> None:
        self._roles[taker.worker] = taker.role
        self._leases[taker.worker] = None if taker.lease is None else self._now() + taker.lease

    def _reclaim(self, *, but: str | None = None) -> list[Key]:
        """Take from workers whose lease is over what they hold, but for one; return what that was."""
        now = self._now()
        late = {
            worker
            for worker, until in self._leases.items()
            if until is not None and until <= now and worker != but
        }
        if not late:
            return []
        lost = {key: held for key, held in self._held.items() if held.worker in late}
        found = list(lost)
        for key, held in list(lost.items()):
            if self._answered(held.job):
                self._close(key)
                del lost[key]
        self._put_back(lost)
        for worker in late:
            del self._leases[worker], self._roles[worker]
        return found

    def _put_back(self, jobs: dict[Key, _Held]) -> None:
        """Queue jobs again that were taken, where they were."""
        now = self._now()
        for key, held in jobs.items():
            del self._held[key]
            self._deadlines.queued(key, held.job.terms, now)
            self._announced.now(key, now)
        self._line.put_back(
            [Queued(_number(held), key, held.job, now) for key, held in jobs.items()]
        )


def _row(
    job: DispatchJob, since: datetime, worker: str | None = None, until: datetime | None = None
) -> JobRow:
    key, queue = job.workflow_execution_id, job.terms.queue
    return JobRow(key, job.step_id, job.run_id, queue, job.delivery, since, worker, until)


def _number(held: _Held) -> int:
    """Return the place of a job in the line: before all of its time, if it was taken as soon as it existed."""
    if held.number is not None:
        return held.number
    return first_number(milliseconds(held.at), held.job.terms.priority) - 1
