"""What does not move that should: jobs, and executions, each with the way out."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from runfox.backend import codec
from runfox.backend.protocols import JobRow, Summary, WorkerRow
from runfox.status import WorkflowStatus

Kind = Literal["lost", "waiting", "due", "quiet", "newer"]


class Stalled(NamedTuple):
    """Something that has stood still since then. ``step`` is "" for an execution as a whole.

    ``kind``: a job of a "lost" worker, a job "waiting" for one, an execution that is "due", "quiet", or
    left to a "newer" runfox.
    """

    kind: Kind
    id: str
    step: str
    since: datetime
    why: str
    way_out: str


class Standing(NamedTuple):
    """How a store and its queue stand at a moment. ``due`` are short ids."""

    now: datetime
    jobs: Collection[JobRow]
    workers: Collection[WorkerRow]
    executions: Collection[Summary]
    due: Collection[str]


def stalled(standing: Standing, than: timedelta) -> list[Stalled]:
    """Return what has not moved for longer than that, and what nobody will move: the oldest first."""
    found = [*_jobs(standing, than), *_executions(standing, than)]
    return sorted(found, key=lambda one: (one.since, one.id, one.step))


def _jobs(standing: Standing, than: timedelta) -> Iterator[Stalled]:
    now, serving = standing.now, _alive(standing.workers, standing.now)
    for job in standing.jobs:
        place = (job.workflow_execution_id, job.step, job.queued_at)
        if job.worker is not None:
            if not job.alive or (job.until is not None and job.until <= now):
                dead = "is dead" if not job.alive else "has let its lease run out"
                why = f"run {job.run_id} is with worker {job.worker}, which {dead}"
                out = "the next worker, driver or sweep takes it back: 'runfox sweep --once'"
                yield Stalled("lost", *place, why, out)
        elif now - job.queued_at > than:
            queue = f"the queue {job.queue!r}" if job.queue else "the queue"
            if serving:
                out = "add workers, or more --concurrency, and see that some serve its queue"
            else:
                out = (
                    f"start a worker: 'runfox worker{f' --queue {job.queue}' if job.queue else ''}'"
                )
            yield Stalled("waiting", *place, f"run {job.run_id} waits in {queue}", out)


def _alive(workers: Iterable[WorkerRow], now: datetime) -> bool:
    return any(
        row.role == "worker" and row.alive and (row.until is None or row.until > now)
        for row in workers
    )


def _executions(standing: Standing, than: timedelta) -> Iterator[Stalled]:
    now, due = standing.now, set(standing.due)
    at_work = {job.workflow_execution_id.rpartition("#")[2] for job in standing.jobs}
    # Who called one that is open waits for that.
    at_work |= {one.parent for one in standing.executions if one.parent is not None}
    for summary in standing.executions:
        if now - summary.updated_at <= than or summary.status is WorkflowStatus.PAUSED:
            continue
        key = f"{summary.workflow_id}#{summary.execution_id}"
        place = (key, "", summary.updated_at)
        if summary.min_engine > codec.FORMAT:
            why = "a newer runfox has moved it on, and this one leaves it alone"
            yield Stalled(
                "newer", *place, why, "start a worker of that runfox, or upgrade the ones there are"
            )
        elif summary.execution_id in due:
            why = "something is to be decided, and nobody does"
            yield Stalled(
                "due", *place, why, "start a worker, 'runfox drive', or 'runfox sweep --once'"
            )
        elif summary.status is WorkflowStatus.PENDING and summary.wake_at is None:
            out = f"'runfox resume {summary.execution_id}' begins with it"
            yield Stalled("due", *place, "nobody has begun with it", out)
        elif summary.execution_id not in at_work and not (
            summary.wake_at is not None and summary.wake_at > now
        ):
            out = f"'runfox explain {summary.execution_id}' says what it waits for"
            yield Stalled("quiet", *place, "none of its steps is queued or at work", out)
