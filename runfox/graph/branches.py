"""Branches: the first whose condition holds says what becomes of the step, judged once per turn."""

from typing import Any, assert_never

from runfox.errors import ExpressionFailed
from runfox.expressions import truthy
from runfox.graph.draft import Draft
from runfox.graph.facts import Error, StepFailed, StepHalted, StepHandled, StepsReset
from runfox.graph.resets import Refused, reset_targets, steps_behind
from runfox.graph.scope import branch_scope
from runfox.graph.settle import complete, end, expression_error, resolve, settle
from runfox.spec.model import Branch, Complete, Fail, Finish, Halt, Set
from runfox.status import WorkflowStatus
from runfox.values import Json, TooBig


def judge(
    draft: Draft,
    position: int,
    *,
    output: dict[str, Json] | None = None,
    error: Error | None = None,
) -> None:
    """Apply the branch of a step whose turn succeeded with ``output``, or failed with ``error``."""
    branches = draft.plan.steps[position].branches
    if not branches and error is None:
        settle(draft)
        return
    seen = branch_scope(draft, draft.cells[position], output, error)
    try:
        branch = _first(branches, seen, lenient=seen.get("ok") is False)
        if branch is not None:
            _act(draft, position, branch, seen, error)
        elif error is not None:
            fail(draft, position, error)
        else:
            settle(draft)
    except ExpressionFailed as failure:
        fail(draft, position, error or expression_error(failure, "branch"))
    except TooBig as failure:
        fail(draft, position, {"type": "TooLarge", "message": f"result: {failure}"})


def fail(draft: Draft, position: int, error: Error) -> None:
    """Fail the step for good, which nothing handles: its dependents are skipped and the run fails."""
    step = draft.plan.steps[position].id
    draft.emit(StepFailed(step, error, draft.now))
    settle(draft, failed={**error, "step": step})


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
    draft: Draft, position: int, branch: Branch, seen: dict[str, Any], error: Error | None
) -> None:
    step = draft.plan.steps[position].id
    match branch.action:
        case Halt(result=result):
            outcome = resolve(result, seen)
            draft.emit(StepHalted(step, error, draft.now))
            end(draft, WorkflowStatus.HALTED, outcome=outcome)
        case Complete():
            _handle(draft, step, error)
            settle(draft)
        case Fail(error=template):
            fail(draft, position, _branch_error(step, resolve(template, seen), error))
        case Finish():
            _handle(draft, step, error)
            complete(draft)
        case Set() as action:
            _set(draft, position, action, seen, error)
        case _:
            assert_never(branch.action)


def _handle(draft: Draft, step: str, error: Error | None) -> None:
    """Complete a step whose turn failed; one that succeeded is complete already."""
    if error is not None:
        draft.emit(StepHandled(step, error, draft.now))


def _set(
    draft: Draft, position: int, action: Set, seen: dict[str, Any], error: Error | None
) -> None:
    step = draft.plan.steps[position]
    sets = draft.cells[position].sets
    if sets >= step.max_iterations:
        message = f"its branches have set steps {sets} times, the most that max_iterations allows"
        fail(draft, position, {"type": "MaxIterations", "message": message})
        return
    try:
        targets = reset_targets(draft, action, seen)
    except Refused as refusal:
        fail(draft, position, {"type": "ExpressionError", "message": f"set: {refusal}"})
        return
    _handle(draft, step.id, error)
    steps = steps_behind(draft, targets)
    names = draft.plan.steps
    draft.emit(
        StepsReset(
            step.id,
            tuple(names[target].id for target in targets),
            tuple(names[other].id for other in steps),
            draft.now,
        )
    )
    settle(draft)


def _branch_error(step: str, given: Json, cause: Error | None) -> Error:
    """Return the error of a ``fail`` branch: what its result leaves open is its own, or the cause's message."""
    told = given if isinstance(given, dict) else {}
    own = f"a branch of step {step!r} failed it" if cause is None else cause["message"]
    base = {"type": "BranchFailed", "message": own}
    return {
        word: str(base[word] if told.get(word) is None else told[word])
        for word in ("type", "message")
    }
