"""Calls of other workflows: names that are nearly those of the file, and calls that never end."""

from collections.abc import Iterator
from difflib import get_close_matches

from runfox.spec.checks.graph import cycles, graph_of
from runfox.spec.checks.outline import BlockOutline, Outline, StepOutline, WorkflowOutline
from runfox.spec.checks.places import waits
from runfox.spec.checks.words import MAX_COMPARED, MAX_SUGGESTIONS
from runfox.spec.problem import Finding

SELF = "self"
VERSION = "@"
UNCERTAIN = frozenset({"when", "foreach", "cache", "limit"})
"""Keys by which a step may come to do nothing."""


def nearly_local(outline: Outline) -> Iterator[Finding]:
    """Names that are not in the file, so that the store must have them, and nearly are."""
    told: set[str] = set()
    for step in outline.having("call"):
        name = step.data.get("call")
        local = step.block.workflow.local
        if type(name) is not str or name == SELF or name in local or name in told:
            continue
        if VERSION in name:
            continue  # that is certainly one of the store
        if not local or len(told) >= MAX_SUGGESTIONS:
            continue
        told.add(name)
        near = get_close_matches(name[:80], list(local)[:MAX_COMPARED], n=1, cutoff=0.8)
        if near:
            message = f"no workflow of this file is called {name!r:.80}, so the store must have it"
            hint = f"Did you mean {near[0]!r}?"
            yield Finding((*step.path, "call"), "nearly-local", message, hint, "warning")


def endless_calls(outline: Outline) -> Iterator[Finding]:
    """Workflows each run of which calls the same workflow again, at once or by way of others."""
    if not outline.having("call"):
        return
    numbers = {workflow: number for number, workflow in enumerate(outline.workflows)}
    calls = [dict(_certain_calls(workflow)) for workflow in outline.workflows]
    called = [list(dict.fromkeys(numbers[w] for w in found.values())) for found in calls]
    for cycle in cycles(graph_of(called)):
        first = cycle.index(min(cycle))
        number, following = cycle[first], cycle[(first + 1) % len(cycle)]
        step = next(s for s, w in calls[number].items() if numbers[w] == following)
        message = f"step {step.id!r} calls for ever: each run comes to the same call again"
        hint = "Give the call a condition with when."
        yield Finding((*step.path, "call"), "endless-call", message, hint)


def _certain_calls(workflow: WorkflowOutline) -> Iterator[tuple[StepOutline, WorkflowOutline]]:
    """Give the calls inside the file that each run makes, unless a step fails before."""
    inner = {block.owner: block for block in workflow.blocks if block.owner is not None}
    if any(_may_end_early(step) for block in workflow.blocks for step in block.steps):
        return
    blocks = [workflow.main, *([workflow.last] if workflow.last is not None else [])]
    while blocks:
        for step in _certain_steps(blocks.pop()):
            if step in inner:
                blocks.append(inner[step])
            name = step.data.get("call")
            if type(name) is str:
                called = workflow if name == SELF else workflow.local.get(name)
                if called is not None:
                    yield step, called


def _may_end_early(step: StepOutline) -> bool:
    return any(branch.action != "complete" for branch in step.branches)


def _certain_steps(block: BlockOutline) -> Iterator[StepOutline]:
    """Give the steps that run whatever the data."""
    certain: set[int] = set()
    for position in block.graph.order:
        step = block.steps[position]
        if (
            UNCERTAIN.isdisjoint(step.data)
            and not any("signal" in way for _, way in waits(step))
            and all(reference.wanted in {"complete", "ended"} for reference in step.depends_on)
            and certain.issuperset(block.graph.dependencies[position])
        ):
            certain.add(position)
            yield step
