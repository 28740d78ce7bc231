"""Gates: conditions that decide something, and joins that can be met."""

from collections.abc import Iterator

from runfox.spec.checks.branches import never_completes
from runfox.spec.checks.certain import completed_before
from runfox.spec.checks.graph import batches
from runfox.spec.checks.logic import constant
from runfox.spec.checks.outline import BlockOutline, Outline, Reference, StepOutline
from runfox.spec.compiled import Compiled
from runfox.spec.problem import Finding

UNUSUAL = frozenset({"failed", "skipped"})
"""Outcomes that keep a step from running if its dependency completes."""


def constant_gates(outline: Outline, compiled: Compiled) -> Iterator[Finding]:
    for step in outline.having("when"):
        holds = constant(step.data["when"], compiled)
        place = (*step.path, "when")
        if holds is False:
            message = f"step {step.id!r} never runs: its condition is false whatever happens"
            yield Finding(place, "unreachable-step", message, None, "warning")
        elif holds:
            message = "this condition is true whatever happens"
            yield Finding(place, "constant-logic", message, "Leave when out.", "warning")


def unreachable_steps(outline: Outline, compiled: Compiled) -> Iterator[Finding]:
    """Steps behind one whose branches never let it complete."""
    ends = _ends(outline, compiled)
    for step in outline.having("depends_on") if ends else ():
        if not step.needs_all:
            continue
        for reference, other in step.block.dependencies(step):
            if _comes(reference, other, ends):
                continue
            message = f"step {step.id!r} never runs: {other.id!r} never completes"
            hint = "Give the branch that ends it a condition."
            yield Finding(
                reference.path, "unreachable-step", message, hint, "warning", at=reference.at
            )


def _ends(outline: Outline, compiled: Compiled) -> dict[StepOutline, str]:
    """Return the steps that never complete, each with the action that ends it."""
    return {
        step: action
        for step in outline.having("branch")
        if (action := never_completes(step, compiled)) is not None
    }


def _comes(reference: Reference, other: StepOutline, ends: dict[StepOutline, str]) -> bool:
    """Whether a step can end as its dependent wants. After other ends than a failure nothing runs."""
    action = ends.get(other)
    return action is None or (action == "fail" and reference.wanted in {"failed", "ended"})


def joins_of_too_few(outline: Outline) -> Iterator[Finding]:
    for step in outline.having("join"):
        if step.join is None:
            continue
        steps = len(step.depends_on)
        if steps == 0:
            message = f"step {step.id!r} joins nothing: it depends on no step"
            hint = "Name the steps it waits for in depends_on."
            yield Finding(step.join.path, "join-alone", message, hint)
        elif step.join.need is not None and step.join.need > steps:
            message = f"{step.join.need:,} are needed of the {steps:,} steps in depends_on"
            yield Finding(step.join.path, "need-too-high", message, "Need fewer, or write all.")


def joins_never_met(outline: Outline, compiled: Compiled) -> Iterator[Finding]:
    """Joins of a number whose dependencies cannot all end as is wanted of them, so that too few are left."""
    by_block: dict[BlockOutline, list[StepOutline]] = {}
    for step in outline.having("join"):
        if not step.needs_all:
            by_block.setdefault(step.block, []).append(step)
    ends = _ends(outline, compiled) if by_block else {}
    for block, joins in by_block.items():
        lost = _excluded(block, joins)
        for step in joins:
            join, steps = step.join, len(step.depends_on)
            if join is None or join.need is None:
                continue
            never = sum(not _comes(r, other, ends) for r, other in block.dependencies(step))
            met = steps - max(never, len(lost[step]) // 2)
            if met < join.need <= steps:
                message = (
                    f"step {step.id!r} never runs: at most {met:,} of what it waits for can come"
                )
                hint = "Need fewer, or wait for other outcomes."
                yield Finding(join.path, "join-never-met", message, hint, "warning")


def _excluded(block: BlockOutline, joins: list[StepOutline]) -> dict[StepOutline, set[int]]:
    """Return of each join dependencies that can be put in pairs of which only one ends as is wanted.

    That is: one must fail or be skipped, and the other runs only if that one completes.
    """
    taken: dict[StepOutline, set[int]] = {step: set() for step in joins}
    ones = {
        other.position
        for step in joins
        for reference, other in block.dependencies(step)
        if reference.wanted in UNUSUAL
    }
    for batch in batches(sorted(ones)):
        seeds = {position: 1 << bit for bit, position in enumerate(batch)}
        before = completed_before(block, seeds)
        for step in joins:
            _pair(step, seeds, before, taken[step])
    return taken


def _pair(step: StepOutline, seeds: dict[int, int], before: list[int], taken: set[int]) -> None:
    """Pair what is not taken yet; each is taken once, so half of them is what the join loses at least."""
    dependencies = list(step.block.dependencies(step))
    ones = {
        seeds[other.position]: other.position
        for reference, other in dependencies
        if reference.wanted in UNUSUAL and other.position in seeds and other.position not in taken
    }
    left = sum(ones)
    for reference, other in dependencies if ones else ():
        if reference.wanted not in {"complete", "failed"} or other.position in taken:
            continue
        clash = before[other.position] & left
        if clash:
            one = ones[clash & -clash]
            taken |= {one, other.position}
            left &= ~(seeds[one] | seeds.get(other.position, 0))
