"""Loops: which reads that look impossible are of an earlier turn."""

from runfox.spec.checks.graph import BATCH, Flow, Graph, flow
from runfox.spec.checks.outline import Outline


def read_in_a_later_turn(
    outline: Outline, graph: Graph, pairs: set[tuple[int, int]]
) -> set[tuple[int, int]]:
    """Return those (reader, read) in which the reader may start again after the read step has run.

    That is: some step, which does not itself come before the read one, sets the reader or a step upstream of it.
    Targets that are computed may be any step.
    """
    result: set[tuple[int, int]] = set()
    if not pairs:
        return result
    setters = [position for position, step in enumerate(outline.steps) if _sets(outline, position)]
    wanted = {position for pair in pairs for position in pair}
    for start in range(0, len(setters), BATCH):
        batch = setters[start : start + BATCH]
        anywhere, resets = _resets(outline, batch)
        reset = flow(graph, resets, wanted)
        after = flow(graph, {setter: 1 << bit for bit, setter in enumerate(batch)}, wanted)
        for reader, read in pairs:
            starts_again = reset.get(reader, Flow(0, 0)).here | anywhere
            if starts_again & ~after.get(read, Flow(0, 0)).before:
                result.add((reader, read))
    return result


def _sets(outline: Outline, position: int) -> bool:
    return any(branch.action == "set" for branch in outline.steps[position].branches)


def _resets(outline: Outline, setters: list[int]) -> tuple[int, dict[int, int]]:
    """Return the setters, as bits, that may reset any step, and those that reset each step they name."""
    anywhere = 0
    resets: dict[int, int] = {}
    for bit, setter in enumerate(setters):
        for branch in outline.steps[setter].branches:
            if branch.action != "set":
                continue
            if type(branch.data["action"]["set"]) is dict:
                anywhere |= 1 << bit
            for target in branch.targets:
                position = outline.positions.get(target.step_id)
                if position is not None:
                    resets[position] = resets.get(position, 0) | 1 << bit
    return anywhere, resets
