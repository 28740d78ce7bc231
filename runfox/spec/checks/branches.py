"""Branches: each can be reached, a loop can end, and a result stands where somebody takes it."""

from collections.abc import Iterator

from runfox import expressions
from runfox.spec.checks.logic import constant
from runfox.spec.checks.outline import BranchOutline, Outline, StepOutline
from runfox.spec.compiled import Compiled
from runfox.spec.problem import Finding

EXITS = frozenset({"complete", "halt", "fail", "finish", "cancel", "rollback"})
ENDS = frozenset({"halt", "fail", "finish", "rollback"})
ERROR_KEYS = ("type", "message")


def sets_without_exit(outline: Outline, compiled: Compiled) -> Iterator[Finding]:
    for step in outline.having("branch"):
        sets = [branch for branch in step.branches if branch.action == "set"]
        if not sets:
            continue
        exits = [branch for branch in step.branches if branch.action in EXITS]
        place = (*sets[0].path, "action")
        hint = "Add a branch with the action complete, halt, fail or finish."
        if not exits:
            message = f"step {step.id!r} has no branch that ends its loop"
            yield Finding(place, "set-without-exit", message, hint)
        elif not any(branch.action in EXITS for branch in _reached(step, compiled)):
            message = f"no branch of step {step.id!r} that ends its loop is ever taken"
            hint = "Give the branches before it conditions, and it one that can hold."
            yield Finding(place, "set-without-exit", message, hint)


def _reached(step: StepOutline, compiled: Compiled) -> Iterator[BranchOutline]:
    for branch in step.branches:
        holds = always(branch, compiled)
        if holds is not False:
            yield branch
        if holds:
            return


def misplaced_results(outline: Outline) -> Iterator[Finding]:
    for step in outline.having("branch"):
        for branch in step.branches:
            if "result" not in branch.data:
                continue
            place = (*branch.path, "result")
            if branch.action not in {None, "halt", "fail"}:
                message = f"{branch.action} has no result"
                hint = "result belongs to halt and fail; data for later steps goes into the step's output."
                yield Finding(place, "misplaced-result", message, hint, at="key")
            elif branch.action == "fail":
                yield from _fail_result(branch)


def _fail_result(branch: BranchOutline) -> Iterator[Finding]:
    result = branch.data["result"]
    place = (*branch.path, "result")
    hint = "Write {type: ..., message: ...}."
    if type(result) is not dict:
        yield Finding(
            place, "wrong-type", "the result of fail is a mapping of type and message", hint
        )
    elif not expressions.is_logic(result):
        for key in result:
            if key not in ERROR_KEYS:
                message = f"unknown key {key!r} in the result of fail"
                yield Finding((*place, key), "unknown-key", message, hint, at="key")


def unreachable_branches(outline: Outline, compiled: Compiled) -> Iterator[Finding]:
    for step in outline.having("branch"):
        before: BranchOutline | None = None
        for branch in step.branches:
            if before is not None:
                message = "this branch is never reached: the one at {earlier} always holds"
                hint = "Put the branch without a condition last."
                place = before.path
                yield Finding(
                    branch.path, "unreachable-branch", message, hint, "warning", earlier=place
                )
            elif always(branch, compiled) is False:
                place = (*branch.path, "condition")
                message = "this branch is never taken: its condition is false whatever happens"
                yield Finding(place, "unreachable-branch", message, severity="warning")
            elif always(branch, compiled):
                before = branch


def always(branch: BranchOutline, compiled: Compiled) -> bool | None:
    """Return what a condition is whatever the data, or None where that depends."""
    if "condition" not in branch.data:
        return True
    return constant(branch.data["condition"], compiled)


def never_completes(step: StepOutline, compiled: Compiled) -> str | None:
    """Return the action by which a step ends that no branch lets complete, or None for other steps."""
    for branch in step.branches:
        if branch.action not in ENDS:
            return None
        if always(branch, compiled):
            return branch.action
    return None
