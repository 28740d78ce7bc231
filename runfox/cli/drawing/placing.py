"""Where each cell stands from left to right: arrows should be straight, boxes never overlap."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from runfox.cli.drawing.cells import Cells, Link

ROUNDS = 6

Neighbours = Callable[[int], Sequence[Link]]


def placed(
    grid: Cells, rows: Sequence[Sequence[int]], room: Callable[[int, int], float]
) -> list[float]:
    """Return the middle of every cell, in pixels; the leftmost may be negative.

    ``room(left, right)`` is the least distance between the middles of two cells side by side. Row
    by row, down and up a fixed number of times, cells move as near as they can to where their
    neighbours pull them. O(cells + links) per round.
    """
    x = [0.0] * len(grid.layer)
    gaps = [[room(a, b) for a, b in pairwise(row)] for row in rows]
    for row, between in zip(rows, gaps, strict=True):
        position = -sum(between) / 2
        for cell, gap in zip(row, (*between, 0.0), strict=True):
            x[cell] = position
            position += gap
    pairs = list(zip(rows, gaps, strict=True))
    for _ in range(ROUNDS):
        _sweep(pairs, grid.up.__getitem__, x)
        _sweep(pairs[::-1], grid.down.__getitem__, x)
    _sweep(pairs, lambda cell: grid.up[cell] + grid.down[cell], x)
    return x


def _sweep(
    pairs: Sequence[tuple[Sequence[int], Sequence[float]]], links: Neighbours, x: list[float]
) -> None:
    for row, between in pairs:
        wanted: list[float] = []
        weights: list[float] = []
        for cell in row:
            pulls = links(cell)
            weight = sum(link.pull for link in pulls)
            weights.append(weight or ALONE)
            wanted.append(
                sum((x[link.cell] + link.shift) * link.pull for link in pulls) / weight
                if weight
                else x[cell]
            )
        for cell, position in zip(row, spread(wanted, weights, between), strict=True):
            x[cell] = position


ALONE = 0.01
"""A cell that nothing pulls gives way to one that is pulled."""


def spread(wanted: Sequence[float], weights: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Return the positions nearest to ``wanted`` that keep the order and at least ``gaps`` between.

    Nearest is the least sum of weighted squared distances. With the gaps subtracted that is
    isotonic regression, which pooling adjacent violators solves in O(n) (Ayer et al., 1955).
    """
    offset, offsets = 0.0, [0.0]
    for gap in gaps:
        offset += gap
        offsets.append(offset)
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for want, weight, before in zip(wanted, weights, offsets, strict=False):
        pool = (want - before, weight, 1)
        while pools and pools[-1][0] > pool[0]:
            mean, heavy, many = pools.pop()
            total = heavy + pool[1]
            pool = ((mean * heavy + pool[0] * pool[1]) / total, total, many + pool[2])
        pools.append(pool)
    means = [mean for mean, _, many in pools for _ in range(many)]
    return [mean + before for mean, before in zip(means, offsets, strict=False)]
