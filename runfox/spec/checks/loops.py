"""Loops: which reads that look impossible are of an earlier turn."""

from runfox.spec.checks.graph import Flow, batches, flow
from runfox.spec.checks.outline import BlockOutline, StepOutline


def read_in_a_later_turn(block: BlockOutline, pairs: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return those (reader, read) in which the reader may start again after the read step has run.

    That is: some step, which does not itself come before the read one, sets the reader or a step upstream of it.
    Targets that are computed may be any step.
    """
    result: set[tuple[int, int]] = set()
    if not pairs:
        return result
    setters = [step for step in block.steps if _sets(step)]
    wanted = {position for pair in pairs for position in pair}
    for batch in batches(setters):
        anywhere, resets = _resets(block, batch)
        reset = flow(block.graph, resets, wanted)
        seeds = {setter.position: 1 << bit for bit, setter in enumerate(batch)}
        after = flow(block.graph, seeds, wanted)
        for reader, read in pairs:
            starts_again = reset.get(reader, Flow(0, 0)).here | anywhere
            if starts_again & ~after.get(read, Flow(0, 0)).before:
                result.add((reader, read))
    return result


def _sets(step: StepOutline) -> bool:
    return any(branch.action == "set" for branch in step.branches)


def _resets(block: BlockOutline, setters: list[StepOutline]) -> tuple[int, dict[int, int]]:
    """Return the setters, as bits, that may reset any step, and those that reset each step they name."""
    anywhere = 0
    resets: dict[int, int] = {}
    for bit, setter in enumerate(setters):
        for branch in setter.branches:
            if branch.action != "set":
                continue
            if type(branch.data["action"]["set"]) is dict:
                anywhere |= 1 << bit
            for target in branch.targets:
                position = block.positions.get(target.step_id)
                if position is not None:
                    resets[position] = resets.get(position, 0) | 1 << bit
    return anywhere, resets
