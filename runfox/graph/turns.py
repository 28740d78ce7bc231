"""What the end of an attempt makes true: another try, or the end of the turn, which the branches judge."""

from typing import Any, assert_never

from runfox.errors import ExpressionFailed
from runfox.expressions import truthy
from runfox.graph import fitting
from runfox.graph.caching import remember
from runfox.graph.draft import Draft
from runfox.graph.ending import (
    complete,
    conclude_last,
    end,
    expression_error,
    resolve,
    roll_back,
    too_large,
    withdraw,
    withdraw_inside,
)
from runfox.graph.facts import (
    Error,
    ItemsSucceeded,
    StepFailed,
    StepHalted,
    StepHandled,
    StepSucceeded,
)
from runfox.graph.frames import FrameDraft
from runfox.graph.resets import Refused, reset, reset_targets
from runfox.graph.retries import retry
from runfox.graph.scope import branch_scope, scope_of
from runfox.graph.undos import record_undo
from runfox.spec.model import Branch, Cancel, Complete, Each, Fail, Finish, Halt, Rollback, Set
from runfox.status import WorkflowStatus
from runfox.values import Json, TooBig

NOT_OK: Error = {"type": "NotOk", "message": "the executor answered ok: false"}
UNKNOWN_ENDS = ("Timeout", "HeartbeatMissed", "LeaseLost")


def succeeded(draft: Draft, frame: FrameDraft, position: int, run_id: int, output: Any) -> None:
    """Take an output: it completes the turn, unless it says ``ok: false`` and there is another try."""
    step = frame.step(position)
    if (
        type(output) is dict
        and output.get("ok") is False
        and not draft.draining
        and retry(draft, frame, position, run_id, dict(NOT_OK), output)
    ):
        return
    refused = fitting.refusal(draft, frame, step, output)
    if refused is not None:
        attempt_failed(draft, frame, position, run_id, refused)
        return
    if type(step.body) is Each:
        draft.emit(ItemsSucceeded(frame.path(position), run_id, draft.now))
    else:
        draft.emit(StepSucceeded(frame.path(position), run_id, output, draft.now))
    if step.undo is not None:
        record_undo(draft, frame, position, output)
    if step.cache is not None:
        remember(draft, frame, position, output)
    if step.branches and not draft.draining:
        judge(draft, frame, position, output=output)


def attempt_failed(
    draft: Draft, frame: FrameDraft, position: int, run_id: int, error: Error
) -> None:
    """Take note of a failure: the step is tried again, or its turn has failed."""
    if frame.cells[position].more.inner is not None:
        withdraw_inside(draft, frame.inside(position))
    if draft.draining:
        draft.emit(StepFailed(frame.path(position), error, draft.now))
        if frame.step(position).undo is not None and error["type"] in UNKNOWN_ENDS:
            record_undo(draft, frame, position, None)
    elif not retry(draft, frame, position, run_id, error, None):
        turn_failed(draft, frame, position, error)


def turn_failed(draft: Draft, frame: FrameDraft, position: int, error: Error) -> None:
    """Take note of a failure that no other try would mend, or that none is left for."""
    if frame.cells[position].more.inner is not None:
        withdraw_inside(draft, frame.inside(position))
    if frame.step(position).undo is not None and error["type"] in UNKNOWN_ENDS:
        record_undo(draft, frame, position, None)
    judge(draft, frame, position, error=error)


def judge(
    draft: Draft,
    frame: FrameDraft,
    position: int,
    *,
    output: Any = None,
    error: Error | None = None,
) -> None:
    """Apply the branch of a step whose turn succeeded with ``output``, or failed with ``error``."""
    branches = frame.step(position).branches
    if not branches:
        if error is not None:
            fail(draft, frame, position, error)
        return
    seen = branch_scope(frame, position, output, error)
    try:
        branch = _first(branches, seen, lenient=seen.get("ok") is False)
        if branch is not None:
            _act(draft, frame, position, branch, seen, error)
        elif error is not None:
            fail(draft, frame, position, error)
    except ExpressionFailed as failure:
        fail(draft, frame, position, error or expression_error(failure, "branch"))
    except TooBig as failure:
        fail(draft, frame, position, too_large(failure, "result"))


def fail(draft: Draft, frame: FrameDraft, position: int, error: Error) -> None:
    """Fail the step for good; whether anything handles that is judged when the skips have spread."""
    draft.emit(StepFailed(frame.path(position), error, draft.now))


def _first(branches: tuple[Branch, ...], seen: dict[str, Any], *, lenient: bool) -> Branch | None:
    """Return the first branch that holds. After a failure a condition that cannot be evaluated does not."""
    for branch in branches:
        try:
            if branch.condition is None or truthy(branch.condition(seen)):
                return branch
        except ExpressionFailed:
            if not lenient:
                raise
    return None


def _act(
    draft: Draft,
    frame: FrameDraft,
    position: int,
    branch: Branch,
    seen: dict[str, Any],
    error: Error | None,
) -> None:
    step = frame.path(position)
    match branch.action:
        case Halt(result=result):
            outcome = resolve(result, seen)
            draft.emit(StepHalted(step, error, draft.now))
            end(draft, WorkflowStatus.HALTED, outcome=outcome)
        case Complete():
            _handle(draft, step, error)
        case Fail(error=template):
            fail(draft, frame, position, _branch_error(step, resolve(template, seen), error))
        case Finish():
            _handle(draft, step, error)
            finish(draft, frame)
        case Set() as action:
            _set(draft, frame, position, action, seen, error)
        case Cancel(targets=targets):
            _handle(draft, step, error)
            _cancel(draft, frame, targets)
        case Rollback():
            _handle(draft, step, error)
            roll_back(draft, _rollback_error(step, error))
        case _:
            assert_never(branch.action)


def _handle(draft: Draft, step: str, error: Error | None) -> None:
    """Complete a step whose turn failed; one that succeeded is complete already."""
    if error is not None:
        draft.emit(StepHandled(step, error, draft.now))


def _cancel(draft: Draft, frame: FrameDraft, targets: tuple[str, ...]) -> None:
    for target in targets:
        position = frame.layout.index[target]
        if not frame.cells[position].status.ended:
            withdraw(draft, frame, position)
            frame.ask_again(position)


def _rollback_error(step: str, error: Error | None) -> Error:
    if error is not None:
        return {**error, "step": step}
    message = f"a branch of step {step!r} asked for a rollback"
    return {"type": "BranchFailed", "message": message, "step": step}


# The ends of what steps are inside of ----------------------------------------------------------------


def finish(draft: Draft, frame: FrameDraft) -> None:
    """End a block, or the run, as complete now."""
    if frame is draft.root:
        complete(draft)
    elif frame is draft.last:
        conclude_last(draft)
    else:
        withdraw_inside(draft, frame)
        block_complete(draft, frame)


def block_complete(draft: Draft, frame: FrameDraft) -> None:
    """Complete the step that a list of steps is inside of, with the block's resolved ``outputs``."""
    assert frame.parent is not None
    assert frame.layout.block is not None
    outer, place = frame.parent, frame.where[-1]
    try:
        output = resolve(frame.layout.block.outputs, scope_of(frame, 0))
    except ExpressionFailed as error:
        turn_failed(draft, outer, place, expression_error(error, "outputs"))
    except TooBig as error:
        turn_failed(draft, outer, place, too_large(error, "outputs"))
    else:
        succeeded(draft, outer, place, outer.cells[place].run_id, output)


def _set(
    draft: Draft,
    frame: FrameDraft,
    position: int,
    action: Set,
    seen: dict[str, Any],
    error: Error | None,
) -> None:
    sets = frame.cells[position].sets
    if sets >= frame.step(position).max_iterations:
        message = f"its branches have set steps {sets} times, the most that max_iterations allows"
        fail(draft, frame, position, {"type": "MaxIterations", "message": message})
        return
    try:
        targets = reset_targets(frame, action, seen)
    except Refused as refusal:
        fail(draft, frame, position, {"type": "ExpressionError", "message": f"set: {refusal}"})
        return
    step = frame.path(position)
    _handle(draft, step, error)
    reset(draft, frame, targets, by=step)


def _branch_error(step: str, given: Json, cause: Error | None) -> Error:
    """Return the error of a ``fail`` branch: what its result leaves open is its own, or the cause's message."""
    told = given if isinstance(given, dict) else {}
    own = f"a branch of step {step!r} failed it" if cause is None else cause["message"]
    base = {"type": "BranchFailed", "message": own}
    return {
        word: str(base[word] if told.get(word) is None else told[word])
        for word in ("type", "message")
    }
