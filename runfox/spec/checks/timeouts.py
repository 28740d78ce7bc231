"""Timeouts: that what they promise can be done where the steps are executed."""

from collections.abc import Iterator

from runfox.spec.checks.outline import Outline
from runfox.spec.problem import Finding
from runfox.values import Json

ELSEWHERE = ("call", "wait", "do")
"""The bodies of steps that no worker executes."""

CODE = "thread-goes-on"
HINT = "Execute it with --mode process, or have its function look at the deadline of its context."


def threads_that_go_on(outline: Outline) -> Iterator[Finding]:
    """Steps with a bound for each attempt, which a thread cannot be ended at."""
    for workflow in outline.workflows:
        usual = workflow.data.get("defaults")
        if type(usual) is dict and "timeout" in usual and _bounds_attempts(usual["timeout"]):
            message = "steps fail at this timeout, but a thread cannot be ended: it goes on unheard"
            yield Finding((*workflow.path, "defaults", "timeout"), CODE, message, HINT, "warning")
    for step in outline.having("timeout"):
        if _bounds_attempts(step.data["timeout"]) and not any(
            key in step.data for key in ELSEWHERE
        ):
            message = f"step {step.id!r} fails at its timeout, but a thread cannot be ended: it goes on unheard"
            yield Finding((*step.path, "timeout"), CODE, message, HINT, "warning")


def _bounds_attempts(timeout: Json) -> bool:
    return "attempt" in timeout if type(timeout) is dict else timeout is not None
