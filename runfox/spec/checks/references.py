"""Steps that are named: they exist once, can be reached from there, and do not wait for themselves."""

from collections.abc import Iterator

from runfox.spec.checks.graph import cycles
from runfox.spec.checks.outline import BlockOutline, Outline, Reference
from runfox.spec.checks.words import Hints
from runfox.spec.problem import Finding

UNDO = "undo"


def reserved_ids(outline: Outline) -> Iterator[Finding]:
    for block in outline.blocks:
        if UNDO in block.positions:
            place = block.steps[block.positions[UNDO]].id_path
            message = f"{UNDO!r} cannot be a step's id: what takes steps back is called that"
            yield Finding(place, "bad-id", message, "Choose another.")


def duplicate_ids(outline: Outline) -> Iterator[Finding]:
    for block in outline.blocks:
        # The steps of finally have their ids together with the others.
        both = [block.workflow.main, block] if block is block.workflow.last else [block]
        if len(both) == 1 and len(block.positions) == len(block.steps):
            continue
        for step in block.steps:
            first = next(
                (b.steps[b.positions[step.id]] for b in both if step.id in b.positions), step
            )
            if first is not step:
                yield Finding(
                    step.id_path,
                    "duplicate-id",
                    f"two steps are called {step.id!r}, the first at {{earlier}}",
                    earlier=first.id_path,
                )


def unknown_dependencies(outline: Outline, hints: Hints) -> Iterator[Finding]:
    for step in outline.having("depends_on"):
        for reference in step.depends_on:
            if reference.step_id not in step.block.positions:
                yield _unknown(reference, step.block, "depends_on", hints)


def unknown_targets(outline: Outline, hints: Hints) -> Iterator[Finding]:
    for step in outline.having("branch"):
        for branch in step.branches:
            for target in branch.targets:
                if target.step_id not in step.block.positions:
                    yield _unknown(target, step.block, branch.action or "branch", hints)


def _unknown(reference: Reference, block: BlockOutline, key: str, hints: Hints) -> Finding:
    step_id, path = reference.step_id, reference.path
    way_out = _way_out(step_id, block, key)
    if way_out is not None:
        message = f"{key} reaches the steps of its own list, and {step_id!r} is not in it"
        return Finding(path, "out-of-reach", message, way_out, at=reference.at)
    hint = hints.nearest(step_id, block)
    return Finding(path, "unknown-step", f"no step {step_id!r:.80}", hint, at=reference.at)


def _way_out(step_id: str, block: BlockOutline, key: str) -> str | None:
    """Return what to do instead where the step is in a list further out, or None where there is none such."""
    last = block.workflow.last
    found = block.find(step_id)
    if found is None:
        if last is None or step_id not in last.positions:
            return None
        return f"{step_id!r} is in finally, which begins when all others have ended."
    if block is last:
        return "The steps of finally begin when all others have ended."
    if key == "depends_on" and block.owner is not None and found.id != block.owner.id:
        return f"Let {block.owner.id!r} depend on it; the steps inside begin after that."
    return "A step further out can do it by a branch of its own."


def self_dependencies(outline: Outline) -> Iterator[Finding]:
    for step in outline.having("depends_on"):
        for reference in step.depends_on:
            if reference.step_id == step.id:
                message = f"step {step.id!r} waits for itself"
                hint = f"To repeat it, give it a branch with the action {{set: {step.id}}}."
                yield Finding(reference.path, "self-dependency", message, hint, at=reference.at)


def dependency_cycles(outline: Outline) -> Iterator[Finding]:
    for block in outline.blocks:
        for cycle in cycles(block.graph):
            yield _circle(block, cycle)


def _circle(block: BlockOutline, cycle: list[int]) -> Finding:
    # Told from its first step in the file, whichever the search came upon.
    first = cycle.index(min(cycle))
    turned = [*cycle[first:], *cycle[:first], cycle[first]]
    names = [block.steps[position].id or "?" for position in turned]
    shown = names if len(names) <= 10 else [*names[:8], "...", names[-1]]
    place = next(r for r in block.steps[turned[0]].depends_on if r.step_id == names[1])
    hint = "A loop is a branch whose action is {set: an earlier step}; depends_on has no way round."
    message = f"these steps wait for each other: {' -> '.join(shown)}"
    return Finding(place.path, "dependency-cycle", message, hint, at=place.at)
