"""Branches: each can be reached, a loop can end, and a result stands where somebody takes it."""

from collections.abc import Iterator

from runfox import expressions
from runfox.errors import ExpressionError
from runfox.spec.checks.outline import EXITS, BranchOutline, Outline, StepOutline
from runfox.spec.compiled import Compiled
from runfox.spec.problem import Finding

ENDS = frozenset({"halt", "fail", "finish"})
ERROR_KEYS = ("type", "message")


def sets_without_exit(outline: Outline) -> Iterator[Finding]:
    for step in outline.steps:
        sets = [branch for branch in step.branches if branch.action == "set"]
        if sets and not any(branch.action in EXITS for branch in step.branches):
            message = f"step {step.id!r} has no branch that ends its loop"
            hint = "Add a branch with the action complete, halt, fail or finish."
            yield Finding((*sets[0].path, "action"), "set-without-exit", message, hint)


def misplaced_results(outline: Outline) -> Iterator[Finding]:
    for step in outline.steps:
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
    for step in outline.steps:
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
    try:
        condition = compiled.expression(branch.data["condition"])
        return (
            bool(expressions.evaluate({"!!": [condition.source]})) if condition.constant else None
        )
    except ExpressionError:
        return None


def unreachable_steps(outline: Outline, compiled: Compiled) -> Iterator[Finding]:
    """Steps behind one whose branches never let it complete."""
    dead = {step.id for step in outline.steps if step.branches and _never_completes(step, compiled)}
    for step in outline.steps if dead else ():
        for reference in step.depends_on:
            if reference.step_id in dead:
                message = f"step {step.id!r} never runs: {reference.step_id!r} never completes"
                hint = "Give the branch that ends it a condition."
                yield Finding(reference.path, "unreachable-step", message, hint, "warning")


def _never_completes(step: StepOutline, compiled: Compiled) -> bool:
    for branch in step.branches:
        if branch.action not in ENDS:
            return False
        if always(branch, compiled):
            return True
    return False
