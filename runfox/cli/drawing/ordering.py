"""Which cell stands left of which: few arrows should cross."""

from bisect import bisect_right, insort
from collections.abc import Sequence

from runfox.cli.drawing.cells import Cells, Link

SWEEPS = 4


def ordered(grid: Cells) -> list[list[int]]:
    """Return the rows of a grid, reordered so that fewer arrows cross.

    Each cell moves to the mean of its neighbours in the layer above, then below, a fixed number of
    times (the barycentre method of Sugiyama, Tagawa and Toda, 1981); the best order on the way is
    kept. O(cells log cells + links) per sweep.
    """
    rows = [list(row) for row in grid.rows]
    place = [0.0] * len(grid.layer)
    for row in rows:
        _number(row, place)
    best, fewest = rows, crossings(rows, grid.down, place)
    for _ in range(SWEEPS):
        if fewest == 0:
            break
        rows = _swept(rows, grid.up, place)
        rows = _swept(rows[::-1], grid.down, place)[::-1]
        count = crossings(rows, grid.down, place)
        if count < fewest:
            best, fewest = rows, count
    return best


def _swept(
    rows: Sequence[list[int]], links: Sequence[list[Link]], place: list[float]
) -> list[list[int]]:
    result: list[list[int]] = []
    for row in rows:
        wanted = {cell: _mean(links[cell], place, place[cell]) for cell in row}
        result.append(sorted(row, key=wanted.__getitem__))
        _number(result[-1], place)
    return result


def _number(row: Sequence[int], place: list[float]) -> None:
    """Count from the middle, so that places in rows of different length can be compared."""
    for position, cell in enumerate(row):
        place[cell] = position - (len(row) - 1) / 2


def _mean(links: Sequence[Link], place: Sequence[float], otherwise: float) -> float:
    if not links:
        return otherwise
    pull = sum(link.pull for link in links)
    return sum(place[link.cell] * link.pull for link in links) / pull


def crossings(
    rows: Sequence[Sequence[int]], down: Sequence[Sequence[Link]], place: Sequence[float]
) -> int:
    """Count the pairs of arrows between neighbouring layers that cross."""
    total = 0
    for row in rows:
        ends: list[float] = []
        for cell in row:
            targets = sorted(place[link.cell] for link in down[cell])
            total += sum(len(ends) - bisect_right(ends, target) for target in targets)
            for target in targets:
                insort(ends, target)
    return total
