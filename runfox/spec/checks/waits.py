"""Waits: that each of them ends."""

from collections.abc import Iterator

from runfox.spec.checks.outline import BlockOutline, Outline, StepOutline, WorkflowOutline
from runfox.spec.checks.places import waits
from runfox.spec.problem import Finding
from runfox.values import Json

BOUNDS = ("attempt", "total")
"""The timeouts that end a wait."""


def waits_without_end(outline: Outline) -> Iterator[Finding]:
    """Waits for a signal that nobody may send, with no time bound on the way out of them."""
    withdrawn: dict[BlockOutline, set[str]] = {}
    for step in outline.having("wait"):
        if not _waits_for_signals_only(step) or _is_bounded(step):
            continue
        if step.block not in withdrawn:
            withdrawn[step.block] = _withdrawn(step.block)
        if step.id not in withdrawn[step.block]:
            message = f"step {step.id!r} waits for ever if its signal never comes"
            hint = "Add a second way out, such as {for: 1d}, or a timeout."
            yield Finding((*step.path, "wait"), "wait-without-end", message, hint, "warning")


def _waits_for_signals_only(step: StepOutline) -> bool:
    ways = list(waits(step))
    return bool(ways) and all(
        type(way.get("signal")) is str and "for" not in way and "until" not in way
        for _, way in ways
    )


def _is_bounded(step: StepOutline) -> bool:
    if _has_timeout(step.block.workflow):
        return True
    inner: StepOutline | None = step
    while inner is not None:
        if _bounds(inner.data.get("timeout")):
            return True
        inner = inner.block.owner
    return False


def _has_timeout(workflow: WorkflowOutline) -> bool:
    """Whether a run of the workflow ends in time, or the run that called it does."""
    usual = workflow.data.get("defaults")
    if "timeout" in workflow.data or (type(usual) is dict and _bounds(usual.get("timeout"))):
        return True
    return workflow.outer is not None and _has_timeout(workflow.outer)


def _bounds(timeout: Json) -> bool:
    if type(timeout) is dict:
        return any(key in timeout for key in BOUNDS)
    return timeout is not None


def _withdrawn(block: BlockOutline) -> set[str]:
    """Return the steps of a list that others withdraw: by a branch, or by a join that goes on without them."""
    found: set[str] = set()
    for step in block.steps:
        for branch in step.branches:
            if branch.action == "cancel":
                found |= {target.step_id for target in branch.targets}
        if step.join is not None and step.join.rest == "cancel":
            found |= {reference.step_id for reference in step.depends_on}
    return found
