"""State: steps that run beside each other and write the same key of it."""

from collections.abc import Iterator
from itertools import pairwise

from runfox.spec.checks.graph import upstream_pairs
from runfox.spec.checks.outline import BlockOutline, Outline, StepOutline
from runfox.spec.problem import Finding
from runfox.values import Json


def state_races(outline: Outline) -> Iterator[Finding]:
    """Two steps that certainly write one declared key, where nothing says how it is merged or who is first."""
    latest = {workflow: _latest_wins(workflow.data.get("state")) for workflow in outline.workflows}
    for block in outline.blocks:
        keys = latest[block.workflow]
        # What items give is not merged.
        if keys and "index" not in block.names:
            yield from _races(block, keys)


def _latest_wins(state: Json) -> set[str]:
    """Return the declared keys that say nothing of how values are merged."""
    if type(state) is not dict:
        return set()
    return {key for key, about in state.items() if type(about) is dict and "merge" not in about}


def _races(block: BlockOutline, keys: set[str]) -> Iterator[Finding]:
    writers: dict[str, list[StepOutline]] = {}
    for step in _steps_that_run(block):
        for key in _written(step) & keys:
            writers.setdefault(key, []).append(step)
    # Of many writers in an order that the dependencies allow, all wait for each other if each does for the next.
    pairs = {
        (one.position, other.position)
        for found in writers.values()
        for one, other in pairwise(found)
    }
    ordered = upstream_pairs(block.graph, pairs)
    for key, found in sorted(writers.items()):
        for one, other in pairwise(found):
            if (one.position, other.position) not in ordered:
                yield _race(key, one, other)


def _race(key: str, one: StepOutline, other: StepOutline) -> Finding:
    first, second = sorted((one, other), key=lambda step: step.position)
    message = f"steps {first.id!r} and {second.id!r} both write {key!r} to state, in either order"
    hint = f"Say how {key!r} is merged, or let one of them depend on the other."
    place = (*second.path, "output", "properties", key)
    return Finding(place, "state-race", message, hint, "warning", at="key")


def _steps_that_run(block: BlockOutline) -> Iterator[StepOutline]:
    """Give the steps that nothing skips, each after those it depends on."""
    maybe_skipped: set[int] = set()
    for position in block.graph.order:
        step = block.steps[position]
        dependencies = block.graph.dependencies[position]
        if (
            "when" in step.data
            or "limit" in step.data
            or any(reference.wanted in {"failed", "skipped"} for reference in step.depends_on)
            or (dependencies and maybe_skipped.issuperset(dependencies))
        ):
            maybe_skipped.add(position)
        else:
            yield step


def _written(step: StepOutline) -> set[str]:
    if step.each is not None:
        return set()
    schema = step.data.get("output")
    properties = schema.get("properties") if type(schema) is dict else None
    return set(properties) if type(properties) is dict else set()
