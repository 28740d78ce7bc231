"""What a decision gives back: the facts, the record after them, and what has to be done about it elsewhere."""

from collections.abc import Iterator
from typing import NamedTuple

from runfox.graph.draft import Draft
from runfox.graph.facts import ChildStarted, Fact
from runfox.graph.layout import terms_of
from runfox.graph.outside import Claim, Kept, Question
from runfox.graph.places import step_at, walk
from runfox.graph.record import Parent, StepRecord, WorkflowRecord
from runfox.results import (
    TERMS,
    Cancelled,
    Complete,
    Decision,
    Dispatch,
    DispatchJob,
    Ended,
    Failed,
    Halt,
    Pending,
    Terms,
)
from runfox.spec.model import Call, Fn, Step
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import Json, plain


class ChildStart(NamedTuple):
    """An execution that begins with a transition: of ``workflow``, as the spec of its caller calls it."""

    execution_id: str
    workflow: str
    inputs: dict[str, Json]
    parent: Parent


class Elsewhere(NamedTuple):
    """What a transition asks of others than the execution itself. Nearly always it is nothing.

    Attributes:
        questions: What has to be known first: find the answers and decide again.
        starts: Executions that begin. ``cancels``: those that are not wanted any more. ``retries``: those that
            an operator lets go on.
        claims, blocked, freed: Places in limits that are taken, waited for, and left.
        replaced: Runs elsewhere that have to make way, as (execution_id, step, run_id).
        kept: Outputs to keep for others.
    """

    questions: tuple[Question, ...] = ()
    starts: tuple[ChildStart, ...] = ()
    cancels: tuple[str, ...] = ()
    retries: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    blocked: tuple[Claim, ...] = ()
    freed: tuple[tuple[str, int], ...] = ()
    replaced: tuple[tuple[str, str, int], ...] = ()
    kept: tuple[Kept, ...] = ()


NOWHERE = Elsewhere()


class Transition(NamedTuple):
    """The outcome of one decision. No facts: nothing happened, and there is nothing to write.

    ``closed`` are the runs, as (step, run_id), that no queue should hand out any longer.
    """

    record: WorkflowRecord
    facts: tuple[Fact, ...]
    decision: Decision | None
    jobs: tuple[DispatchJob, ...] = ()
    closed: tuple[tuple[str, int], ...] = ()
    elsewhere: Elsewhere = NOWHERE


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
    record = draft.freeze()
    jobs = tuple(_jobs(draft)) if draft.opened else ()
    decision = ended(record) if record.status.ended else Dispatch(jobs) if jobs else Pending()
    closed = tuple([run for run, child in draft.closed.items() if child is None])
    elsewhere = NOWHERE if draft.wishless else _elsewhere(draft)
    found = Transition(record, tuple(draft.facts), decision, jobs, closed, elsewhere)
    # Views and frames refer to the draft: without this it would be left to the garbage collector.
    draft.release()
    return found


def _jobs(draft: Draft) -> list[DispatchJob]:
    key = draft.before.origin.key
    return [
        job_of(key, path, step, frame.cells[position], frame.layout.term(position))
        for (path, _), (frame, position) in draft.opened.items()
        if type((step := frame.layout.steps[position]).body) is Fn
    ]


def _elsewhere(draft: Draft) -> Elsewhere:
    wishes = draft.wishes
    cancels = [
        child
        for run, child in draft.closed.items()
        if child is not None and run not in wishes.reported and run not in wishes.detached
    ]
    return Elsewhere(
        tuple(wishes.questions),
        tuple(_starts(draft)),
        tuple(cancels),
        tuple(wishes.retried),
        tuple(wishes.claims),
        tuple(wishes.blocked),
        tuple(wishes.freed),
        tuple(wishes.replaced),
        tuple(wishes.kept),
    )


def _starts(draft: Draft) -> Iterator[ChildStart]:
    origin = draft.before.origin
    above = origin.parent
    root = origin.execution_id if above is None else above.root
    depth = 1 if above is None else above.depth + 1
    for fact in draft.facts:
        if isinstance(fact, ChildStarted):
            run = (fact.step, fact.run_id)
            if run not in draft.opened and run not in draft.wishes.detached:
                continue  # it was withdrawn in the same decision
            # A detached one goes on even if the list of steps that it was called in is gone already.
            call = step_at(draft.plan, fact.step).body
            assert isinstance(call, Call)
            parent = Parent(origin.key, fact.step, fact.run_id, depth, root, call.detach)
            yield ChildStart(fact.child, call.workflow, fact.inputs, parent)


def in_flight(record: WorkflowRecord) -> tuple[DispatchJob, ...]:
    """Return the jobs that the record says are being worked on, as they were dispatched. Costs O(steps)."""
    key, priority = record.origin.key, record.plan.spec.priority
    return tuple(
        job_of(key, path, step, cell, terms_of(step, priority))
        for path, step, cell in walk(record)
        if cell.status is StepStatus.IN_PROGRESS and type(step.body) is Fn
    )


def job_of(key: str, path: str, step: Step, cell: StepRecord, terms: Terms) -> DispatchJob:
    """Return the job of a run that is in flight."""
    assert isinstance(step.body, Fn)
    inputs, name = cell.inputs or {}, step.body.name
    if terms is TERMS:
        return DispatchJob(key, path, name, inputs, cell.run_id, cell.attempt, cell.turn)
    return DispatchJob(key, path, name, inputs, cell.run_id, cell.attempt, cell.turn, terms=terms)
