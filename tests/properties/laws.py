"""What holds of every transition, whatever led to it. Tests of single rules check it on their way, too."""

from collections.abc import Iterator
from typing import Any

from runfox import graph
from runfox.backend import codec, records
from runfox.backend.protocols import Row
from runfox.graph import Transition, WorkflowRecord
from runfox.graph.facts import (
    ChildStarted,
    ResultIgnored,
    SignalIgnored,
    StepDispatched,
    StepWaiting,
    WorkflowEnded,
    WorkflowReopened,
)
from runfox.graph.facts.beginnings import BlockStarted, ItemsStarted
from runfox.graph.persistent import Layers, Stack, flat, from_top
from runfox.graph.places import step_at, walk
from runfox.graph.record import Frame, Origin
from runfox.results import Cancelled, Complete, Dispatch, Failed, Halt, Pending
from runfox.spec.model import Call, Each, Step
from runfox.status import StepStatus, WorkflowStatus

DERIVED = {
    Frame: {"gates", "ready", "open", "flying", "next", "successes", "failures"},
    WorkflowRecord: {"timers", "awaited", "state_bytes"},
}
BEGINNINGS = (StepDispatched, ChildStarted, BlockStarted, ItemsStarted, StepWaiting)


def stored(value: Any) -> Any:
    """All that facts say of a record, down to the last part, to be compared."""
    match value:
        case Origin():
            return (value.key, value.inputs, value.created_at, value.labels, value.parent)
        case Stack():
            return [stored(item) for item in from_top(value)]
        case Layers():
            return {key: stored(item) for key, item in value.items() if item != ()}
        case Frame():
            kept = {key: stored(item) for key, item in _fields(value) if key != "cells"}
            return kept | {"cells": [stored(cell) for cell in flat(value.cells)]}
        case tuple() if hasattr(value, "_fields"):
            return {key: stored(item) for key, item in _fields(value)}
        case _:
            return value


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    derived = DERIVED.get(type(value), set())
    return ((name, getattr(value, name)) for name in value._fields if name not in derived)


def snapshot(record: WorkflowRecord) -> str:
    """Everything in a record, down to the last part, as one text."""
    return repr(record._replace(origin=None))


def holds(before: WorkflowRecord, untouched: str, transition: Transition) -> None:
    """Check one transition. ``untouched`` is the snapshot of ``before`` that was taken before it."""
    assert snapshot(before) == untouched
    facts_make_the_record(before, transition)
    derived_parts_can_be_rebuilt(transition.record)
    texts_keep_everything(transition)
    nothing_starts_early(before, transition)
    the_end_is_final(before, transition)
    the_queue_is_told(before, transition)
    others_are_told(before, transition)
    the_decision_is_what_the_record_says(transition)


def facts_make_the_record(before: WorkflowRecord, transition: Transition) -> None:
    after = transition.record
    if not transition.facts:
        assert after is before
        return
    assert after.revision == before.revision + 1
    folded = graph.fold(before, transition.facts, revision=after.revision)
    assert stored(folded) == stored(after)
    assert graph.derived(graph.rebuild(folded)) == graph.derived(after)
    one_by_one = before
    for fact in transition.facts:
        one_by_one = graph.evolve(one_by_one, fact)
    assert stored(one_by_one._replace(revision=after.revision)) == stored(after)


def derived_parts_can_be_rebuilt(record: WorkflowRecord) -> None:
    rebuilt = graph.rebuild(record)
    assert graph.derived(record) == graph.derived(rebuilt)
    assert record.wake_at == rebuilt.wake_at
    assert record.state_bytes >= rebuilt.state_bytes - 2  # the braces of an empty state


def texts_keep_everything(transition: Transition) -> None:
    record = transition.record
    again = records.record_from(records.record_text(record), record.plan)
    assert stored(again) == stored(record)
    assert list(again.state) == list(record.state)
    assert graph.derived(again) == graph.derived(record)
    if transition.facts:
        at = transition.facts[0].at
        row = Row(record.revision, at, codec.facts_text(transition.facts))
        assert tuple(codec.facts(row)) == transition.facts


# What begins, and what ends --------------------------------------------------------------------------


def nothing_starts_early(before: WorkflowRecord, transition: Transition) -> None:
    record = before
    for fact in transition.facts:
        if isinstance(fact, BEGINNINGS):
            _begins_lawfully(record, fact)
        record = graph.evolve(record, fact)


def _begins_lawfully(record: WorkflowRecord, fact: Any) -> None:
    assert not record.status.ended
    assert record.status is not WorkflowStatus.PAUSED
    cell = record.steps[fact.step]
    assert fact.run_id == cell.run_id + 1
    assert fact.attempt == cell.attempt + 1
    if cell.status is StepStatus.RETRY:
        assert cell.due is not None
        assert cell.due <= fact.at
    outer = fact.step.rpartition(".")[0] if not fact.step.endswith("]") else None
    if outer is not None and not fact.step.startswith("undo["):
        step = step_at(record.plan, fact.step)
        prefix = f"{outer}." if outer else ""
        ends = {
            dependency.step: record.steps[prefix + dependency.step].status
            for dependency in step.depends_on
        }
        assert lets_through(step, ends), (fact.step, ends)
    for around in _around(fact.step):
        status = record.steps[around].status
        assert status is StepStatus.IN_PROGRESS or _ignores_the_rest(record, around), around


def _ignores_the_rest(record: WorkflowRecord, path: str) -> bool:
    """Whether a step has ended and lets those of its items run that are left."""
    body = step_at(record.plan, path).body
    ended = record.steps[path].status.ended
    return ended and isinstance(body, Each) and not path.endswith("]") and body.rest == "ignore"


def _around(path: str) -> Iterator[str]:
    """The paths of the steps that a step is inside of."""
    while (cut := max(path.rfind("."), path.rfind("["))) > 0:
        path = path[:cut]
        if path != "undo":
            yield path


def lets_through(step: Step, ends: dict[str, StepStatus]) -> bool:
    """What the language says of a gate, in the plainest form."""
    if not step.depends_on:
        return True
    good = [_as_wanted(one.wanted, ends[one.step]) for one in step.depends_on]
    if step.join is not None:
        over = all(status.ended for status in ends.values())
        return sum(good) >= step.join.need and (over or step.join.rest != "wait")
    neutral = (StepStatus.SKIPPED, StepStatus.CANCELLED, StepStatus.UNDONE)
    return any(good) and all(
        fits or ends[one.step] in neutral for fits, one in zip(good, step.depends_on, strict=True)
    )


def _as_wanted(wanted: str, status: StepStatus) -> bool:
    match wanted:
        case "ended":
            return status.ended
        case "skipped":
            return status in (StepStatus.SKIPPED, StepStatus.CANCELLED)
        case _:
            return status.value == wanted


def the_end_is_final(before: WorkflowRecord, transition: Transition) -> None:
    """Nothing but notes follows an end, unless an operator reopened what was over."""
    over = before.status.ended
    for fact in transition.facts:
        if isinstance(fact, WorkflowReopened | WorkflowEnded):
            assert over is isinstance(fact, WorkflowReopened)
            over = not over
        elif over:
            assert isinstance(fact, ResultIgnored | SignalIgnored)
    after = transition.record
    assert over is after.status.ended
    if over:
        assert after.wake_at is None
        assert after.ending is None
        assert not graph.in_flight(after)
        assert not [path for path, _, cell in walk(after) if cell.status in _UNDER_WAY]
    if before.status.ended and over:
        assert not transition.jobs
    if all(isinstance(fact, ResultIgnored) for fact in transition.facts):
        quiet = after._replace(revision=before.revision, ignored=before.ignored)
        assert stored(quiet) == stored(before)


_UNDER_WAY = (StepStatus.IN_PROGRESS, StepStatus.RETRY, StepStatus.WAITING)


# What others are told --------------------------------------------------------------------------------


def the_queue_is_told(before: WorkflowRecord, transition: Transition) -> None:
    """The jobs of a transition are the runs in flight after it and not before; the closed, the other way."""
    was = {(job.step_id, job.run_id): job for job in graph.in_flight(before)}
    now = {(job.step_id, job.run_id): job for job in graph.in_flight(transition.record)}
    jobs = {(job.step_id, job.run_id): job for job in transition.jobs}
    assert len(jobs) == len(transition.jobs)
    assert jobs == {run: job for run, job in now.items() if run not in was}
    assert set(transition.closed) == was.keys() - now.keys()


def others_are_told(before: WorkflowRecord, transition: Transition) -> None:
    """Executions begin with the run that calls them, and are cancelled if that ends before they do."""
    elsewhere = transition.elsewhere
    was, now = children(before), children(transition.record)
    detached = {start.execution_id for start in elsewhere.starts if start.parent.detached}
    begun = {start.execution_id for start in elsewhere.starts}
    assert len(begun) == len(elsewhere.starts)
    assert begun == (now.keys() - was.keys() - set(elsewhere.retries)) | detached
    assert set(elsewhere.cancels) <= was.keys() - now.keys()
    assert begun.isdisjoint(elsewhere.cancels)
    places = [claim for claim in elsewhere.claims if claim.step]
    for claim in places:
        cell = transition.record.steps[claim.step]
        assert claim.run_id <= cell.run_id
    held = {(claim.step, claim.run_id) for claim in elsewhere.claims}
    waiting = {(claim.step, claim.run_id) for claim in elsewhere.blocked}
    assert held.isdisjoint(waiting)


def children(record: WorkflowRecord) -> dict[str, str]:
    """The executions that a record waits for, with the paths of the steps that called them."""
    return {
        cell.more.child: path
        for path, step, cell in walk(record)
        if type(step.body) is Call
        and cell.more.child is not None
        and cell.status is StepStatus.IN_PROGRESS
    }


def the_decision_is_what_the_record_says(transition: Transition) -> None:
    record, decision = transition.record, transition.decision
    match record.status:
        case WorkflowStatus.COMPLETE:
            assert decision == Complete(record.outcome) or decision is None
        case WorkflowStatus.HALTED:
            assert decision == Halt(record.outcome)
        case WorkflowStatus.FAILED:
            assert decision == Failed(record.error) or decision is None
        case WorkflowStatus.CANCELLED:
            assert decision == Cancelled() or decision is None
        case _:
            assert decision in (Dispatch(transition.jobs), Pending(), None)
            assert not transition.jobs or decision == Dispatch(transition.jobs)


def can_go_on(record: WorkflowRecord) -> bool:
    """Whether an execution that was just advanced is over, or something is under way for it.

    That is a job, an execution that it called, a time, a signal or a place that it waits for, or an operator.
    """
    return (
        record.status.ended
        or record.status is WorkflowStatus.PAUSED
        or bool(graph.in_flight(record))
        or record.wake_at is not None
        or bool(children(record))
        or record.blocked is not None
        or any(record.awaited.values())
    )
