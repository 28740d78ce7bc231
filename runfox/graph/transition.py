"""What a decision gives back: the facts, the record after them, and what a queue has to do about it."""

from typing import NamedTuple

from runfox.graph.draft import Draft
from runfox.graph.facts import Fact
from runfox.graph.persistent import flat
from runfox.graph.record import StepRecord, WorkflowRecord
from runfox.results import (
    Cancelled,
    Complete,
    Decision,
    Dispatch,
    DispatchJob,
    Ended,
    Failed,
    Halt,
    Pending,
)
from runfox.spec.model import Step
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import plain


class Transition(NamedTuple):
    """The outcome of one decision. No facts: nothing happened, and there is nothing to write.

    ``closed`` are the runs, as (step, run_id), that no queue should hand out any longer.
    """

    record: WorkflowRecord
    facts: tuple[Fact, ...]
    decision: Decision | None
    jobs: tuple[DispatchJob, ...] = ()
    closed: tuple[tuple[str, int], ...] = ()


def ended(record: WorkflowRecord) -> Ended:
    """Return how an execution that is over ended. The values are copies, the caller's to keep."""
    match record.status:
        case WorkflowStatus.COMPLETE:
            return Complete(plain(record.outcome))
        case WorkflowStatus.HALTED:
            return Halt(plain(record.outcome))
        case WorkflowStatus.CANCELLED:
            return Cancelled()
        case _:
            return Failed(plain(record.error))


def transition(draft: Draft) -> Transition:
    """Close a draft. The decision is the one that the record after it tells."""
    # The views refer to the draft: without this it would be left to the garbage collector.
    draft.seen = None
    record = draft.freeze()
    jobs = tuple(_jobs(draft))
    decision = ended(record) if record.status.ended else Dispatch(jobs) if jobs else Pending()
    steps = draft.plan.steps
    closed = tuple([(steps[position].id, run_id) for position, run_id in draft.closed])
    return Transition(record, tuple(draft.facts), decision, jobs, closed)


def _jobs(draft: Draft) -> list[DispatchJob]:
    key, steps = draft.before.origin.key, draft.plan.steps
    return [_job(key, steps[position], draft.cells[position]) for position, _ in draft.opened]


def in_flight(record: WorkflowRecord) -> tuple[DispatchJob, ...]:
    """Return the jobs that the record says are being worked on, as they were dispatched. Costs O(steps)."""
    steps = record.plan.steps
    return tuple(
        _job(record.origin.key, steps[position], cell)
        for position, cell in enumerate(flat(record.cells))
        if cell.status is StepStatus.IN_PROGRESS
    )


def _job(key: str, step: Step, cell: StepRecord) -> DispatchJob:
    return DispatchJob(
        key, step.id, step.fn, cell.inputs or {}, cell.run_id, cell.attempt, cell.turn
    )
