"""How a run ends: what is under way is withdrawn, or waited for and undone; then ``finally`` runs."""

from typing import Any

from runfox.errors import ExpressionFailed
from runfox.graph.draft import Draft
from runfox.graph.facts import (
    Error,
    StepUndone,
    StepWithdrawn,
    WorkflowEnded,
    WorkflowEnding,
)
from runfox.graph.frames import FrameDraft
from runfox.graph.persistent import from_top
from runfox.graph.record import UndoEntry
from runfox.spec.model import Fn
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import Json, TooBig, size

MAX_OUTCOME = 1_000_000

_FLYING = (StepStatus.IN_PROGRESS, StepStatus.RETRY, StepStatus.WAITING)


def complete(draft: Draft) -> None:
    """End the run with its resolved ``outputs``; where they cannot be resolved, as failed."""
    try:
        outcome = resolve(draft.plan.spec.outputs, draft.scope())
    except ExpressionFailed as error:
        end(draft, WorkflowStatus.FAILED, error=expression_error(error, "outputs"))
    except TooBig as error:
        end(draft, WorkflowStatus.FAILED, error=too_large(error, "outputs"))
    else:
        end(draft, WorkflowStatus.COMPLETE, outcome=outcome)


def end(
    draft: Draft, status: WorkflowStatus, *, outcome: Json = None, error: Error | None = None
) -> None:
    """Decide how the run ends, and withdraw what is under way. What never began stays ready."""
    if not draft.over:
        withdraw_inside(draft, draft.root)
        _conclude(draft, status, outcome, error)


def _conclude(draft: Draft, status: WorkflowStatus, outcome: Json, error: Error | None) -> None:
    if draft.plan.last is None:
        draft.emit(WorkflowEnded(status, outcome, error, draft.now))
    else:
        draft.emit(WorkflowEnding("finally", status, outcome, error, draft.now))


def conclude_last(draft: Draft) -> None:
    """End the run as it was decided, after its ``finally``, or without the rest of it."""
    ending, last = draft.ending, draft.last
    assert ending is not None
    assert last is not None
    withdraw_inside(draft, last)
    draft.emit(WorkflowEnded(ending.status, ending.outcome, ending.error, draft.now))


def withdraw(draft: Draft, frame: FrameDraft, position: int) -> None:
    """Withdraw a step that has not ended, and all that runs inside it."""
    if frame.cells[position].more.inner is not None:
        withdraw_inside(draft, frame.inside(position))
    doubt(draft, frame, position)
    draft.emit(StepWithdrawn(frame.path(position), draft.now))


def doubt(draft: Draft, frame: FrameDraft, position: int) -> None:
    """Note that a run which nobody waits for any longer may have an effect that a rollback has to undo."""
    step = frame.step(position)
    if step.undo is None or frame.cells[position].status is not StepStatus.IN_PROGRESS:
        return
    if type(step.body) is Fn:
        from runfox.graph.undos import record_undo  # it resolves templates as endings do

        record_undo(draft, frame, position, None)


def withdraw_inside(draft: Draft, frame: FrameDraft) -> None:
    """Withdraw every step of a frame that something is under way for. Costs O(steps of it), if there is any."""
    for position in frame.left_over():
        withdraw_inside(draft, frame.inside(position))
    if frame.flying:
        for position in frame.begun():
            if frame.cells[position].status in _FLYING:
                withdraw(draft, frame, position)


# Rollback ---------------------------------------------------------------------------------------------


def roll_back(draft: Draft, error: Error) -> None:
    """Decide that the run fails and its effects are undone, once what is under way has been answered."""
    if not draft.over:
        _let_drain(draft, draft.root)
        draft.emit(WorkflowEnding("draining", WorkflowStatus.FAILED, None, error, draft.now))
        drained(draft, draft.root)


def _let_drain(draft: Draft, frame: FrameDraft) -> None:
    """Withdraw what waits for a time, a signal, another try or another run: executors alone are waited for."""
    for position in frame.left_over():
        _let_drain(draft, frame.inside(position))
    for position in frame.begun():
        cell = frame.cells[position]
        if cell.status not in _FLYING:
            continue
        if cell.more.inner is not None and cell.status is StepStatus.IN_PROGRESS:
            inside = frame.inside(position)
            _let_drain(draft, inside)
            if inside.flying:
                continue
        elif cell.status is StepStatus.IN_PROGRESS and type(frame.step(position).body) is Fn:
            continue
        draft.emit(StepWithdrawn(frame.path(position), draft.now))


def drained(draft: Draft, frame: FrameDraft) -> None:
    """Note that something was answered while the run drains: when nothing is left, what was done is undone."""
    while frame.flying == 0 and not frame.left_over() and frame.parent is not None:
        place, frame = frame.where[-1], frame.parent
        if not frame.goes_on(place):
            return
        if not frame.cells[place].status.ended:
            draft.emit(StepWithdrawn(frame.path(place), draft.now))
    if frame is draft.root and frame.flying == 0 and not frame.left_over():
        ending = draft.ending
        assert ending is not None
        draft.emit(WorkflowEnding("undoing", ending.status, None, ending.error, draft.now))
        undone(draft)


def undone(draft: Draft) -> None:
    """Conclude the rollback, if every effect was undone, or could not be."""
    frame, ending = draft.undo, draft.ending
    assert frame is not None
    assert ending is not None
    if frame.open:
        return
    entries: list[UndoEntry] = list(from_top(draft.undos))
    good: list[Json] = []
    bad: list[str] = []
    for position, entry in enumerate(entries):
        complete_ = frame.cells[position].status is StepStatus.COMPLETE
        (good if complete_ else bad).append(entry.step)
    error = ending.error or {}
    if bad:
        cause = error.get("message", "")
        message = f"could not be undone: {', '.join(bad[:10])} (the run failed: {cause})"
        error = {**error, "type": "UndoFailed", "message": message, "not_undone": [*bad]}
    _conclude(draft, ending.status, None, {**error, "rolled_back": good})


def mark_undone(draft: Draft, position: int) -> None:
    """Mark the step whose effect was taken back, if it is still in the turn of that effect."""
    entry: UndoEntry = list(from_top(draft.undos))[position]
    try:
        frame, place = draft.find(entry.step)
    except KeyError:
        return
    cell = frame.cells[place]
    if cell.turn == entry.turn and cell.status in (
        StepStatus.COMPLETE,
        StepStatus.FAILED,
        StepStatus.CANCELLED,
    ):
        draft.emit(StepUndone(entry.step, draft.now))


# Values -----------------------------------------------------------------------------------------------


def resolve(template: Any, seen: dict[str, Any]) -> Json:
    """Return a template's value as plain JSON within the limit of a payload; ``{}`` where there is none."""
    if template is None:
        return {}
    # Plain JSON, made of plain JSON: only how much of it there is has to be asked.
    value = template(seen)
    if size(value) > MAX_OUTCOME:
        raise TooBig(MAX_OUTCOME)
    return value


def expression_error(error: ExpressionFailed, where: str) -> Error:
    """Return the stored form of an expression that could not be evaluated."""
    return {"type": "ExpressionError", "message": f"{where}: {error}"}


def too_large(error: TooBig, where: str) -> Error:
    """Return the stored form of a value that is over a limit."""
    return {"type": "TooLarge", "message": f"{where}: {error}"}
