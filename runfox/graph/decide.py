"""The decisions: from a record and what happened to the facts that follow. No clock, no I/O, no chance."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from runfox.errors import SignalRefused, VerbRefused
from runfox.graph.dispatch import dispatch
from runfox.graph.draft import Draft
from runfox.graph.ending import end
from runfox.graph.events import CancelAsked, ChildEnded, Event, SignalSent, SlotFreed, StepResult
from runfox.graph.facts import SignalIgnored, WorkflowCreated
from runfox.graph.layout import Plan
from runfox.graph.outcomes import accept, child_ended
from runfox.graph.outside import NOTHING_KNOWN, Outside
from runfox.graph.persistent import Timer, meld
from runfox.graph.record import Origin, Parent, WorkflowRecord
from runfox.graph.settle import settle
from runfox.graph.swift import swift
from runfox.graph.transition import Transition, transition
from runfox.graph.turns import attempt_failed, turn_failed
from runfox.graph.verbs import obey, refuse_if_reported
from runfox.graph.waits import key_text, receive, time_came
from runfox.results import Halt, Pending
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import Json, plain


def start(
    plan: Plan,
    *,
    execution_id: str,
    inputs: dict[str, Json],
    now: datetime,
    labels: Mapping[str, str] | None = None,
    parent: Parent | None = None,
    start_at: datetime | None = None,
) -> Transition:
    """Bring an execution into being, with nothing dispatched yet.

    ``inputs`` must be checked JSON (``values.checked``). Costs the same for any number of steps.
    """
    created = WorkflowCreated(
        plan.workflow_id,
        inputs,
        now,
        dict(labels) if labels else None,
        None if parent is None else (*parent,),
        start_at,
    )
    draft = Draft(blank(plan, execution_id=execution_id, created=created), now)
    draft.emit(created)
    return transition(draft)


def blank(plan: Plan, *, execution_id: str, created: WorkflowCreated) -> WorkflowRecord:
    """Return the record that the facts of a history are folded into, at revision 0."""
    key = f"{plan.workflow_id}#{execution_id}"
    parent = None if created.parent is None else Parent(*created.parent)
    labels = plan.spec.labels if created.labels is None else created.labels
    origin = Origin(
        plan, execution_id, key, created.inputs, created.at, labels, parent, created.start_at
    )
    return WorkflowRecord(origin, frame=plan.layout.blank())


def advance(
    record: WorkflowRecord, *, now: datetime, outside: Outside = NOTHING_KNOWN
) -> Transition:
    """Dispatch every step that is ready, and every retry that is due."""
    return step(record, (), now=now, outside=outside)


def on_step_result(
    record: WorkflowRecord, result: StepResult, *, now: datetime, outside: Outside = NOTHING_KNOWN
) -> Transition:
    """Decide what one result makes true, and dispatch nothing.

    The decision is ``Halt`` if a branch halted the workflow, ``Pending`` if the step will be tried again,
    else None.
    """
    draft = Draft(record, now, outside)
    accept(draft, result)
    settle(draft)
    decided = transition(draft)
    return decided._replace(decision=_told(decided.record, result))


def _told(record: WorkflowRecord, result: StepResult) -> Halt | Pending | None:
    if record.status is WorkflowStatus.HALTED:
        return Halt(plain(record.outcome))
    try:
        cell = record.steps[result.step_id]
    except KeyError:
        return None
    return Pending() if cell.status is StepStatus.RETRY else None


def decide(
    record: WorkflowRecord, event: Event, *, now: datetime, outside: Outside = NOTHING_KNOWN
) -> Transition:
    """Decide what one event makes true, and dispatch nothing. Raises what ``obey`` and ``receive`` raise."""
    draft = Draft(record, now, outside)
    _apply(draft, event)
    return transition(draft)


def step(
    record: WorkflowRecord,
    events: Iterable[Event],
    *,
    now: datetime,
    outside: Outside = NOTHING_KNOWN,
    asked: Event | None = None,
) -> Transition:
    """Apply events, then advance: everything that they lead to, in one transition.

    A cancel comes first, then other verbs, then signals, then results in the order of the spec, then timers;
    many results at once are the same as one after another. What is ``asked`` is done before all, or refused
    with an error; of the others, what cannot be done is let be.
    """
    told = list(events)
    if asked is None and outside.most is None:
        short = swift(record, told, now)
        if short is not None:
            return short
    return step_in_full(record, told, now=now, outside=outside, asked=asked)


def step_in_full(
    record: WorkflowRecord,
    events: Iterable[Event],
    *,
    now: datetime,
    outside: Outside = NOTHING_KNOWN,
    asked: Event | None = None,
) -> Transition:
    """Do what ``step`` does without looking for the short way."""
    draft = Draft(record, now, outside)
    if asked is not None:
        refuse_if_reported(draft, asked)
        _apply(draft, asked)
    for event in in_order(draft, events):
        if type(event) is StepResult:
            accept(draft, event)
            settle(draft)
        else:
            _try(draft, event)
    if not draft.status.ended:
        _fire_timers(draft)
        dispatch(draft)
    return transition(draft)


def in_order(draft: Draft, events: Iterable[Event]) -> list[Event]:
    """Return events in the order they are applied in; those of one step as they came."""
    told = list(events)
    return told if len(told) < 2 else sorted(told, key=lambda event: _rank(draft, event))


def _rank(draft: Draft, event: Event) -> tuple[int, tuple[int, ...]]:
    match event:
        case StepResult(step_id=step) | ChildEnded(step=step):
            return 2, _where(draft, step)
        case SlotFreed():
            return 3, ()
        case SignalSent():
            return 1, ()
        case CancelAsked():
            return -1, ()
        case _:
            return 0, ()


def _where(draft: Draft, path: str) -> tuple[int, ...]:
    try:
        frame, position = draft.find(path)
    except KeyError:
        return (len(draft.index),)
    return (*frame.where, position)


def _try(draft: Draft, event: Event) -> None:
    """Apply an event that nobody waits for the answer to."""
    try:
        _apply(draft, event)
    except SignalRefused as refused:
        assert isinstance(event, SignalSent)
        told = (event.name, key_text(event.key), event.id)
        if not draft.status.ended:
            draft.emit(SignalIgnored(*told, str(refused), draft.now))
    except VerbRefused:
        pass  # a cancel of what is over, a retry of what goes on


def _apply(draft: Draft, event: Event) -> None:
    match event:
        case StepResult():
            accept(draft, event)
        case ChildEnded():
            child_ended(draft, event)
        case SignalSent():
            receive(draft, event)
        case SlotFreed(key=key):
            _slot_freed(draft, key)
        case verb:
            obey(draft, verb)
    settle(draft)


def _slot_freed(draft: Draft, key: str) -> None:
    """Have those try again that wait for a place in a limit."""
    if draft.blocked_by == key:
        draft.blocked_by = None
    draft.rouse(draft.awaited.get(f"limit\0{key}", ()))


def _fire_timers(draft: Draft) -> None:
    if draft.status is WorkflowStatus.PAUSED:
        # The run's own time goes on; all else that is due comes when it is resumed.
        deadline = draft.before.deadline
        if deadline is not None and deadline <= draft.now and not draft.over:
            _run_timed_out(draft)
            settle(draft)
        return
    while draft.timers is not None and draft.timers.due <= draft.now and not draft.status.ended:
        timer = draft.timers
        draft.timers = meld(timer.left, timer.right)
        if draft.waits_for(timer):
            _fire(draft, timer)
            settle(draft)


def _fire(draft: Draft, timer: Timer) -> None:
    if not timer.where:
        if timer.kind == "run":
            _run_timed_out(draft)
        else:
            draft.blocked_by = None  # a place in its limit may be free
        return
    found: Any = draft.at(timer.where)
    frame, position = found
    match timer.kind:
        case "wait":
            time_came(draft, frame, position)
        case "total":
            message = "the step took longer than its timeout.total"
            turn_failed(draft, frame, position, {"type": "Timeout", "message": message})
        case "attempt":
            message = "the attempt took longer than its timeout"
            error = {"type": "Timeout", "message": message}
            attempt_failed(draft, frame, position, timer.run_id, error)
        case _:  # another try, or another look at a limit
            frame.queue(position)


def _run_timed_out(draft: Draft) -> None:
    message = "the run took longer than its timeout"
    end(draft, WorkflowStatus.FAILED, error={"type": "Timeout", "message": message})
