"""What one result makes true: accepted or ignored. What follows from an accepted one is decided in ``turns``."""

from typing import Any

from runfox.graph.draft import Draft
from runfox.graph.events import ChildEnded, StepResult
from runfox.graph.facts import Error, ResultIgnored
from runfox.graph.fitting import refusal
from runfox.graph.frames import FrameDraft
from runfox.graph.record import StepRecord
from runfox.graph.turns import NOT_OK, attempt_failed, succeeded
from runfox.spec.model import Call, Fn
from runfox.status import StepStatus

_IN_PROGRESS = StepStatus.IN_PROGRESS


def accept(draft: Draft, result: StepResult) -> None:
    """Decide what one result makes true.

    A success of any run of the current turn is accepted, first wins; a failure, which ``ok: false`` is too,
    only from the current run. Everything else changes nothing, so delivering a result twice, late or never
    asked for is harmless.
    """
    try:
        frame, position = draft.find(result.step_id)
    except KeyError:
        _ignore(draft, result, "unknown step")
        return
    if type(frame.step(position).body) is not Fn:
        _ignore(draft, result, "no executor runs this step")
        return
    _accept(draft, frame, position, result)


def child_ended(draft: Draft, report: ChildEnded) -> None:
    """Take the report of an execution that a step began: it is the result of that run."""
    result = StepResult(report.step, report.run_id, report.output, report.error)
    try:
        frame, position = draft.find(report.step)
    except KeyError:
        _ignore(draft, result, "unknown step")
        return
    if type(frame.step(position).body) is Call:
        draft.wishes.reported.add((report.step, report.run_id))
        _accept(draft, frame, position, result)


def _accept(draft: Draft, frame: FrameDraft, position: int, result: StepResult) -> None:
    cell = frame.cells[position]
    run_id = cell.run_id if result.run_id is None else result.run_id
    reason = None
    if cell.status is not _IN_PROGRESS or run_id != cell.run_id or draft.over:
        reason = _refusal(draft, frame, position, cell, run_id, result)
    if reason is not None:
        if not _repeats(cell, run_id, result):
            _ignore(draft, result._replace(run_id=run_id), reason)
    elif result.error is not None:
        attempt_failed(draft, frame, position, run_id, result.error)
    else:
        succeeded(draft, frame, position, run_id, result.output or {})


def _refusal(
    draft: Draft,
    frame: FrameDraft,
    position: int,
    cell: StepRecord,
    run_id: int,
    result: StepResult,
) -> str | None:
    """Return why a result that is not of the run in flight is ignored; None if it is accepted all the same."""
    if draft.status.ended:
        return f"the workflow is {draft.status.value}"
    if run_id > cell.run_id or cell.run_id < 0:
        return "no such run was dispatched"
    if run_id < cell.first_run:
        return "it answers an earlier turn"
    if cell.status is _IN_PROGRESS and run_id == cell.run_id:
        return None  # the run is ending, and this is waited for
    if cell.status not in (_IN_PROGRESS, StepStatus.RETRY):
        return f"the step is {cell.status.value}"
    if result.error is not None or _not_ok(result):
        return "it is a failure of an attempt that is over"
    if draft.ending is not None:
        return "the workflow is ending"
    misfit: Error | None = refusal(draft, frame, frame.step(position), result.output or {})
    return None if misfit is None else str(misfit["message"])


def _not_ok(result: StepResult) -> bool:
    output: Any = result.output
    return type(output) is dict and output.get("ok") is False


def _repeats(cell: StepRecord, run_id: int, result: StepResult) -> bool:
    """Whether it is the result of that run once more, as far as the record still tells."""
    if run_id != cell.answered:
        return False
    if result.error is not None:
        return cell.error == result.error
    return cell.output == result.output or (_not_ok(result) and cell.error == NOT_OK)


def _ignore(draft: Draft, result: StepResult, reason: str) -> None:
    run_id = -1 if result.run_id is None else result.run_id
    # One note per run is enough: a queue that repeats itself must not make the history grow.
    if f"{result.step_id}#{run_id}" not in draft.ignored:
        draft.emit(ResultIgnored(result.step_id, run_id, reason, draft.now))
