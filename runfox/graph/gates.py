"""Gates: what becomes of a step once its dependencies have ended, and whether a failure is handled."""

from typing import Any

from runfox.errors import ExpressionFailed
from runfox.expressions import Expression, evaluate, truthy
from runfox.graph.draft import Draft
from runfox.graph.ending import expression_error, withdraw
from runfox.graph.facts import StepSkipped
from runfox.graph.frames import FrameDraft
from runfox.graph.layout import gate_decided
from runfox.graph.scope import scope_of
from runfox.graph.turns import judge
from runfox.status import StepStatus
from runfox.values import text

MOST_TOLD = 5
"""How many values are told of a condition that did not hold."""

_PLAIN = (type(None), bool, int, float, str, list, dict)
_GONE = (StepStatus.SKIPPED, StepStatus.CANCELLED)


def consider(draft: Draft, frame: FrameDraft, position: int) -> None:
    """Decide about a step whose gate has moved: it is ready, is skipped, or has to wait for more."""
    cell = frame.cells[position]
    if cell.status is not StepStatus.READY:
        return
    gate = frame.gates[position]
    if frame.layout.opens(position, gate, cell):
        if position not in frame.ready:
            _open(draft, frame, position)
    elif gate_decided(gate):
        skip(draft, frame, position)


def _open(draft: Draft, frame: FrameDraft, position: int) -> None:
    step = frame.step(position)
    if step.join is not None and step.join.rest == "cancel":
        for dependency in step.depends_on:
            other = frame.layout.index[dependency.step]
            if not frame.cells[other].status.ended:
                withdraw(draft, frame, other)
                frame.ask_again(other)
    if step.when is not None:
        seen = scope_of(frame, position)
        try:
            holds = truthy(step.when(seen))
        except ExpressionFailed as failure:
            judge(draft, frame, position, error=expression_error(failure, "when"))
            return
        if not holds:
            skip(draft, frame, position, "when", _values(step.when, seen))
            return
    frame.queue(position)


def _values(condition: Expression, seen: dict[str, Any]) -> str:
    """Return what a condition read, for the person who asks why it did not hold."""
    told = []
    for path in sorted(condition.reads, key=str)[:MOST_TOLD]:
        name = ".".join(map(str, path))
        value = evaluate({"var": name}, seen)
        if type(value) in _PLAIN:  # the views of all steps, and of all of state, are not
            told.append(f"{name} = {text(value):.60}")
    return ", ".join(told)


def skip(draft: Draft, frame: FrameDraft, position: int, why: str = "", detail: str = "") -> None:
    """Skip a step, and ask again about the failures that it might have handled."""
    draft.emit(StepSkipped(frame.path(position), draft.now, why, detail))
    frame.ask_again(position)


def handled(frame: FrameDraft, position: int) -> bool:
    """Whether a failure is somebody's to deal with.

    It is while a step that waits for a failure, or for any end, runs, ran or can still open; and while every
    step that waits for this one can do without it.
    """
    layout = frame.layout
    others = layout.others.get(position, ())
    if any(wanted in ("failed", "ended") and _alive(frame, one) for one, wanted in others):
        return True
    dependents = [*layout.dependents[position], *(one for one, _ in others)]
    return bool(dependents) and all(_alive(frame, one) for one in dependents)


def _alive(frame: FrameDraft, dependent: int) -> bool:
    """Whether a step runs, ran, or can still open."""
    status = frame.cells[dependent].status
    if status is StepStatus.READY:
        return frame.layout.can_open(dependent, frame.gates[dependent])
    return status not in _GONE
