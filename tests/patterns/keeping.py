"""What every transition is held to on the way: the laws, and that nobody is heard who is not wanted any more."""

from datetime import datetime

from runfox import graph
from runfox.graph import StepResult, Transition, WorkflowRecord
from runfox.graph.facts import (
    BlockStarted,
    ChildStarted,
    ItemsStarted,
    ResultIgnored,
    StepDispatched,
    StepWaiting,
)
from runfox.status import StepStatus
from tests.properties import laws

Begun = StepDispatched | ChildStarted | BlockStarted | ItemsStarted | StepWaiting


def keeps(before: WorkflowRecord, untouched: str, told: Transition) -> None:
    """Check one transition from ``before``, of which ``untouched`` is a snapshot from before it."""
    laws.holds(before, untouched, told)
    late_answers_change_nothing(told)


def late_answers_change_nothing(told: Transition) -> None:
    """A run that was withdrawn, or answered, may answer as it likes."""
    record = told.record
    for step, run_id in told.closed:
        if not _is_tried_again(record, step):
            late = StepResult(step, run_id, {"late": True})
            now = told.facts[0].at
            again = graph.step(record, (late,), now=now)
            assert all(isinstance(fact, ResultIgnored) for fact in again.facts), late


def _is_tried_again(record: WorkflowRecord, step: str) -> bool:
    """Whether a late success would still do: its turn is not over."""
    try:
        cell = record.steps[step]
    except KeyError:
        return False
    return cell.status is StepStatus.RETRY or (not cell.status.ended and cell.attempt > 1)


def order_in_a_commit_is_no_secret(
    record: WorkflowRecord, results: list[StepResult], now: datetime
) -> None:
    """Many results at once are the same as one after another, in the order of the spec."""
    at_once = graph.step(record, results, now=now)
    one_by_one, facts = record, []
    for result in results:
        told = graph.on_step_result(one_by_one, result, now=now)
        one_by_one, facts = told.record, [*facts, *told.facts]
    told = graph.advance(one_by_one, now=now)
    assert [*facts, *told.facts] == [*at_once.facts]
    after = told.record._replace(revision=at_once.record.revision)
    assert laws.stored(after) == laws.stored(at_once.record)


def begun(before: WorkflowRecord, told: Transition) -> list[tuple[Begun, WorkflowRecord]]:
    """Return what began in a transition, each with the record at that moment."""
    found: list[tuple[Begun, WorkflowRecord]] = []
    record = before
    for fact in told.facts:
        if isinstance(fact, Begun):
            found.append((fact, record))
        record = graph.evolve(record, fact)
    return found
