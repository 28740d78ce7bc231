"""What must have completed before a step runs, told for many steps at once."""

from runfox.spec.checks.outline import BlockOutline


def completed_before(block: BlockOutline, seeds: dict[int, int]) -> list[int]:
    """Return of each step, by position, the seeds of the steps that have completed whenever it runs.

    Seeds are bits by the position of their step. What may as well have been skipped is not among them: a skip
    is neutral to a join of all, so of several dependencies only what all of them have in common is certain.
    Costs O(steps + dependencies) for some 1,024 bits.
    """
    found = [0] * len(block.steps)
    for position in block.graph.order:
        step = block.steps[position]
        common, together = -1, 0
        for reference, other in block.dependencies(step):
            here = 0
            if reference.wanted == "complete":
                here = found[other.position] | seeds.get(other.position, 0)
            elif reference.wanted == "failed":
                here = found[other.position]
            common &= here
            together |= here
        if step.join is not None and step.join.need == len(step.depends_on):
            found[position] = together
        elif step.depends_on and common != -1:
            found[position] = common
    return found
