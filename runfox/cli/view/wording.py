"""Facts in words: one line for each, as ``run`` prints them and ``history`` lists them."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from runfox.cli.drawing.labels import cut, one_line
from runfox.cli.texts import seconds
from runfox.graph import Fact, WorkflowCreated, WorkflowRecord
from runfox.graph.facts import (
    ResultIgnored,
    StepDispatched,
    StepFailed,
    StepHalted,
    StepHandled,
    StepRetrying,
    StepSkipped,
    StepsReset,
    StepSucceeded,
    StepWithdrawn,
    WorkflowEnded,
)
from runfox.spec import durations
from runfox.values import Json, text

_SECOND = timedelta(seconds=1)
_LONGEST = 160


class Line(NamedTuple):
    """What happened to whom. ``status`` is the one that it led to, for glyphs and colours.

    ``step`` is empty where the execution itself is meant.
    """

    step: str
    status: str
    text: str


def lines(before: WorkflowRecord, facts: Sequence[Fact], after: WorkflowRecord) -> Iterator[Line]:
    """Yield a line for each fact of a commit."""
    for fact in facts:
        yield _line(fact, before, after)


def _line(fact: Any, before: WorkflowRecord, after: WorkflowRecord) -> Line:
    match fact:
        case WorkflowCreated():
            told = cut(one_line(text(fact.inputs)), _LONGEST)
            return Line("", "pending", f"created{f' with {told}' if fact.inputs else ''}")
        case WorkflowEnded():
            error = f": {error_text(fact.error)}" if fact.error else ""
            return Line("", fact.status.value, f"{fact.status.value}{error}")
        case StepsReset():
            return Line(fact.by, "set", f"sends back {one_line(', '.join(fact.steps))}")
        case _:
            status, told = _of_step(fact, before, after)
            return Line(getattr(fact, "step", ""), status, told)


def _of_step(fact: Any, before: WorkflowRecord, after: WorkflowRecord) -> tuple[str, str]:
    match fact:
        case StepDispatched():
            return "in_progress", _started(fact, after)
        case StepSucceeded():
            took = _took(fact.step, before, fact.at)
            return "complete", f"complete{f' in {took}' if took else ''}"
        case StepRetrying():
            attempt = before.steps[fact.step].attempt
            wait = durations.text(max(timedelta(0), fact.due - fact.at))
            told = f"attempt {attempt} failed, again in {wait}: {error_text(fact.error)}"
            return "retry", told
        case StepFailed():
            return "failed", f"failed: {error_text(fact.error)}"
        case StepHandled():
            told = f"failed, and its branch completes it: {error_text(fact.error)}"
            return "complete", told
        case StepHalted():
            return "halted", "halts the workflow"
        case StepSkipped():
            return "skipped", "skipped"
        case StepWithdrawn():
            return "cancelled", "withdrawn"
        case ResultIgnored():
            told = f"result of run {fact.run_id} ignored: {one_line(fact.reason)}"
            return "ignored", told
        case _:  # a kind of fact that came later than this page
            return "", type(fact).__name__


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


def _started(fact: StepDispatched, after: WorkflowRecord) -> str:
    again = rounds(after.steps[fact.step].turn, fact.attempt)
    return f"started, {again}" if again else "started"


def _took(step: str, before: WorkflowRecord, at: Any) -> str:
    started = before.steps[step].started_at
    return seconds((at - started) / _SECOND) if started is not None else ""
