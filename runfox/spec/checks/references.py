"""Steps that are named: they exist once, and do not wait for themselves."""

from collections.abc import Iterator

from runfox.spec.checks.graph import Graph, cycles
from runfox.spec.checks.outline import Outline, Reference
from runfox.spec.checks.words import Words
from runfox.spec.problem import Finding


def duplicate_ids(outline: Outline) -> Iterator[Finding]:
    for position, step in enumerate(outline.steps):
        if step.id is not None and outline.positions[step.id] != position:
            first = outline.steps[outline.positions[step.id]].id_path
            yield Finding(
                step.id_path,
                "duplicate-id",
                f"two steps are called {step.id!r}, the first at {{earlier}}",
                earlier=first,
            )


def unknown_dependencies(outline: Outline, words: Words) -> Iterator[Finding]:
    for step in outline.steps:
        for reference in step.depends_on:
            if reference.step_id not in outline.positions:
                yield _unknown(reference, words)


def unknown_targets(outline: Outline, words: Words) -> Iterator[Finding]:
    for step in outline.steps:
        for branch in step.branches:
            for target in branch.targets:
                if target.step_id not in outline.positions:
                    yield _unknown(target, words)


def _unknown(reference: Reference, words: Words) -> Finding:
    hint = words.nearest(reference.step_id)
    return Finding(reference.path, "unknown-step", f"no step {reference.step_id!r:.80}", hint)


def self_dependencies(outline: Outline) -> Iterator[Finding]:
    for step in outline.steps:
        for reference in step.depends_on:
            if reference.step_id == step.id:
                message = f"step {step.id!r} waits for itself"
                hint = f"To repeat it, give it a branch with the action {{set: {step.id}}}."
                yield Finding(reference.path, "self-dependency", message, hint)


def dependency_cycles(outline: Outline, graph: Graph) -> Iterator[Finding]:
    for cycle in cycles(graph):
        # Told from its first step in the file, whichever the search came upon.
        first = cycle.index(min(cycle))
        turned = [*cycle[first:], *cycle[:first], cycle[first]]
        names = [outline.steps[position].id or "?" for position in turned]
        shown = names if len(names) <= 10 else [*names[:8], "...", names[-1]]
        step = outline.steps[turned[0]]
        place = next(r.path for r in step.depends_on if r.step_id == names[1])
        hint = "A loop is a branch whose action is {set: an earlier step}; depends_on has no way round."
        message = f"these steps wait for each other: {' -> '.join(shown)}"
        yield Finding(place, "dependency-cycle", message, hint)
