"""Facts in words: one line for each, as ``run`` prints them and ``history`` lists them."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from runfox.cli.drawing.labels import cut, one_line
from runfox.cli.texts import clock, count, seconds
from runfox.cli.view.entries import shown_name
from runfox.graph import Fact, WorkflowRecord, facts
from runfox.spec import durations
from runfox.values import Json, text

_SECOND = timedelta(seconds=1)
_LONGEST = 160
_SKIPPED = {
    "": "what it depends on did not end as it needs",
    "when": "its condition does not hold",
    "limit": "no place is free in its limit",
    "operator": "by an operator",
}
_PHASES = {
    "draining": "what is at work is waited for, then undone",
    "undoing": "what was done is undone",
    "finally": "finally",
}


class Line(NamedTuple):
    """What happened to whom. ``status`` is the one that it led to, for glyphs and colours.

    ``step`` is empty where the execution itself is meant.
    """

    step: str
    status: str
    text: str


def lines(before: WorkflowRecord, told: Sequence[Fact], after: WorkflowRecord) -> Iterator[Line]:
    """Yield a line for each fact of a commit."""
    for fact in told:
        status, said = _of_run(fact) or _of_step(fact, before, after)
        path = fact.by if isinstance(fact, facts.StepsReset) else getattr(fact, "step", "")
        yield Line(shown_name(after, path), status, said)


def _of_run(fact: Any) -> tuple[str, str] | None:
    match fact:
        case facts.WorkflowCreated():
            given = cut(one_line(text(fact.inputs)), _LONGEST)
            later = f", to begin at {clock(fact.start_at, fact.at)}" if fact.start_at else ""
            return "pending", f"created{f' with {given}' if fact.inputs else ''}{later}"
        case facts.WorkflowEnded():
            return fact.status.value, f"{fact.status.value}{_because(fact.error)}"
        case facts.WorkflowEnding():
            begin = f"will be {fact.status.value}{_because(fact.error)}"
            return "waiting", f"{begin}; first: {_PHASES.get(fact.phase, fact.phase)}"
        case facts.WorkflowPaused():
            return "paused", "paused"
        case facts.WorkflowResumed():
            return "in_progress", "goes on"
        case facts.WorkflowReopened():
            return "in_progress", "reopened"
        case facts.WorkflowBlocked():
            return "waiting", f"waits for a place in the limit {one_line(fact.key)!r}"
        case facts.SignalReceived():
            return "complete" if fact.step else "waiting", _signal(fact)
        case facts.SignalUsed():
            return "complete", f"signal {fact.name} that was kept is used"
        case facts.SignalIgnored():
            return "ignored", f"signal {fact.name} ignored: {one_line(fact.reason)}"
        case facts.StepsReset() | facts.StepsReopened():
            verb = "sends back" if isinstance(fact, facts.StepsReset) else "to be tried again:"
            return "set", f"{verb} {cut(one_line(', '.join(fact.steps)), _LONGEST)}"
        case _:
            return None


def _signal(fact: facts.SignalReceived) -> str:
    told = cut(one_line(text(fact.data)), 60) if fact.data is not None else ""
    kept = "" if fact.step else ", kept until a step waits for it"
    return f"signal {fact.name} came{f' with {told}' if told else ''}{kept}"


def _of_step(fact: Any, before: WorkflowRecord, after: WorkflowRecord) -> tuple[str, str]:
    match fact:
        case facts.StepDispatched() | facts.BlockStarted():
            return "in_progress", _started(fact, after)
        case facts.ChildStarted():
            return "in_progress", f"{_started(fact, after)}: {fact.child}"
        case facts.ItemsStarted():
            return "in_progress", f"{_started(fact, after)}: {count(len(fact.items), 'item')}"
        case facts.ItemsAdded():
            return "in_progress", f"{count(len(fact.items), 'item')} more"
        case facts.StepWaiting():
            return "waiting", f"waits{_awaited(fact)}"
        case facts.StepBlocked():
            return "waiting", f"waits for a place in the limit {one_line(fact.key)!r}"
        case facts.FrameClosed():
            return "complete", "nothing more begins inside"
        case facts.BlockReopened():
            return "in_progress", "goes on where it failed"
        case _:
            return _end(fact, before)


def _end(fact: Any, before: WorkflowRecord) -> tuple[str, str]:
    match fact:
        case facts.StepSucceeded() | facts.ItemsSucceeded():
            took = _took(fact.step, before, fact.at)
            return "complete", f"complete{f' in {took}' if took else ''}"
        case facts.StepRecalled():
            return "complete", f"complete by {_whom(fact.by)}"
        case facts.StepRetrying():
            cell = before.steps.get(fact.step)
            attempt = cell.attempt if cell is not None else 1
            wait = durations.text(max(timedelta(0), fact.due - fact.at))
            told = f"attempt {attempt} failed, again in {wait}: {error_text(fact.error)}"
            return "retry", told
        case facts.StepFailed():
            return "failed", f"failed{_because(fact.error)}"
        case facts.FailureKept():
            return "failed", f"will fail, once the others have ended{_because(fact.error)}"
        case facts.StepHandled():
            told = f"failed, and its branch completes it: {error_text(fact.error)}"
            return "complete", told
        case _:
            return _left(fact)


def _left(fact: Any) -> tuple[str, str]:
    match fact:
        case facts.StepHalted():
            return "halted", "halts the workflow"
        case facts.StepSkipped():
            why = one_line(fact.detail) or _SKIPPED.get(fact.why, fact.why)
            return "skipped", f"skipped: {why}"
        case facts.StepWithdrawn():
            return "cancelled", "withdrawn"
        case facts.StepUndone():
            return "undone", "undone"
        case facts.UndoRecorded():
            able = "can be undone" if fact.error is None else "cannot be undone"
            return "ignored", f"{able}{_because(fact.error)}"
        case facts.ResultIgnored():
            told = f"result of run {fact.run_id} ignored: {one_line(fact.reason)}"
            return "ignored", told
        case _:  # a kind of fact that came later than this page
            return "", type(fact).__name__


def _whom(by: str) -> str:
    return "an operator" if by == "operator" else f"the {by}"


def _because(error: dict[str, Json] | None) -> str:
    return f": {error_text(error)}" if error else ""


def error_text(error: dict[str, Json] | None) -> str:
    """Return ``Type: message`` of an error on one line, of a long one the beginning."""
    if error is None:
        return ""
    return cut(one_line(f"{error.get('type')}: {error.get('message')}"), _LONGEST)


def rounds(turn: int, attempt: int) -> str:
    """Return ``turn 2, attempt 3``: what is not the first, turns counted from 1 as people do."""
    parts = []
    if turn > 0:
        parts.append(f"turn {turn + 1}")
    if attempt > 1:
        parts.append(f"attempt {attempt}")
    return ", ".join(parts)


def _awaited(fact: facts.StepWaiting) -> str:
    parts = [
        f"for signal {name}{f' of {one_line(key)}' if key else ''}" for name, key in fact.signals
    ]
    if fact.due is not None:
        parts.append(f"until {clock(fact.due, fact.at)}")
    return f" {' or '.join(parts)}" if parts else ""


def _started(fact: Any, after: WorkflowRecord) -> str:
    cell = after.steps.get(fact.step)
    again = rounds(cell.turn if cell is not None else 0, fact.attempt)
    return f"started, {again}" if again else "started"


def _took(path: str, before: WorkflowRecord, at: Any) -> str:
    cell = before.steps.get(path)
    if cell is None or cell.started_at is None:
        return ""
    return seconds((at - cell.started_at) / _SECOND)
