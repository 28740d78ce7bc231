"""What a queue is asked for: the producer's side, the keeper's, and the worker's.

``protocols`` is what a store is asked for, and says what holds for both. ``shapes`` are the values they speak of.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol, runtime_checkable

from runfox.backend.shapes import (
    MAX_DELIVERIES,
    Ask,
    Depth,
    Hint,
    JobRow,
    Lease,
    Taker,
    WorkerRow,
)
from runfox.results import DispatchJob


class Runner(Protocol):
    """The producer's side of a queue. ``dispatch`` alone makes a runner: the rest is for others to implement."""

    def dispatch(self, workflow_execution_id: str, jobs: Sequence[DispatchJob]) -> None:
        """Put jobs where workers find them. A job that is there already changes nothing.

        It is known by (execution, step, run_id), and may be sent again after a crash.
        """


@runtime_checkable
class Hints(Protocol):
    """A queue that carries the keys of jobs that a store keeps. It may lose, repeat, delay and reorder them.

    A hint is nothing that anybody relies on: a worker claims the job in the store before it executes, and what
    nobody has taken is announced again.
    """

    def hint(self, hints: Sequence[Hint]) -> None:
        """Put hints where workers find them. One that is there already may be there twice."""

    def receive(self, limit: int, queues: Sequence[str] = ()) -> list[Hint]:
        """Return up to ``limit`` hints, of these queues or of any, at once. They may be forgotten then."""


@runtime_checkable
class Ledger(Protocol):
    """The jobs that exist, as their keeper sees them."""

    def queue(self, jobs: Sequence[DispatchJob]) -> None:
        """Add jobs. One that is known, by (execution, step, run_id), changes nothing."""

    def forget(self, workflow_execution_id: str, runs: Sequence[tuple[str, int]]) -> None:
        """Drop runs, as (step, run_id), that nobody wants any longer, queued or taken."""

    def newest(self, workflow_execution_id: str, step: str) -> int | None:
        """Return the newest run of a step that is queued or taken, or None."""

    def unheard(self, limit: int, *, hold: timedelta) -> list[DispatchJob]:
        """Return announced jobs that nobody has taken in time, so that they are announced again.

        Each is returned to one caller only, and again when it has waited twice as long as by now, ``hold`` at
        least and an hour at most. One that went back to the queue is returned at once.
        """


@runtime_checkable
class Leases(Protocol):
    """A ledger that tells who has the jobs."""

    def leases(self, execution_id: str) -> list[Lease]:
        """Return who has the jobs of an execution that are taken, by step and run."""


@runtime_checkable
class JobSource(Protocol):
    """The worker's side of a queue, with leases.

    A worker has one lease for all that it holds, kept alive by ``beat``. A job whose worker let its lease run
    out, or is certainly dead, goes back to the queue and may be taken by another: an executor can be called
    more than once for the same run.

    Jobs are taken in the order of their age, of which each level of ``terms.priority`` is worth a minute. A
    job that may wait, or take, so long and no longer is past its time by the queue's clock then. One that comes
    back to the queue keeps its place there, and its wait begins anew.

    ``leased`` is False where no other process can take jobs, so that a worker here needs no heartbeat.
    """

    leased: bool

    def take(self, ask: Ask) -> list[DispatchJob]:
        """Claim queued jobs, oldest first, at once; empty when there are none. ``delivery`` counts the claims.

        It renews the worker's lease. What the worker holds itself is not given to it again. Jobs past their
        time are given to nobody: they ``expire`` first.

        A job that was delivered ``ask.max_deliveries`` times is not given out again: its run fails as
        ``LeaseLost``, through the inbox. One whose execution needs a newer engine is left to that.
        """

    def beat(self, taker: Taker) -> frozenset[tuple[str, str, int]]:
        """Renew the lease. Returns what the worker still holds, as (workflow_execution_id, step, run_id).

        A run that it works on and that is missing was withdrawn, taken over, or is past its time.
        """

    def alive(self, taker: Taker, job: DispatchJob) -> None:
        """Note a sign of life of the executor of a job that the worker holds: ``terms.heartbeat`` begins anew.

        ``terms.attempt`` does not. Nothing happens for a job that the worker does not hold.
        """

    def expire(self, limit: int = 100) -> int:
        """Remove jobs that are past their time, and fail their runs through the inbox; return how many.

        The failure is ``Timeout``, of a wait or of an attempt, or ``HeartbeatMissed``.
        """

    def reclaim(self, max_deliveries: int = MAX_DELIVERIES) -> int:
        """Take from workers that are dead, or let their lease run out, what they hold; return how many jobs.

        Each goes back to the queue, but for those whose answer waits in the inbox, which nobody has to execute
        again, and those delivered too often, which fail as ``take`` says. ``take`` does all this, too.
        """

    def release(self, taker: Taker, jobs: Sequence[DispatchJob]) -> None:
        """Give claimed jobs back unexecuted. The claim does not count as a delivery."""

    def gone(self, worker: str) -> bool:
        """Return whether that worker is certainly dead. False when nobody can tell."""

    def pending(self, execution_id: str | None = None) -> list[DispatchJob]:
        """Return the jobs that are queued and not taken, oldest first."""


@runtime_checkable
class Reports(Protocol):
    """A ledger that tells people how its queue stands."""

    def workers(self) -> list[WorkerRow]:
        """Return the workers that are entered, those first whose lease ends first."""

    def depths(self) -> list[Depth]:
        """Return how many jobs there are, by queue and status."""

    def oldest(self, limit: int = 100) -> list[JobRow]:
        """Return the jobs that are there longest, queued or taken."""
