"""A layered layout: where boxes stand and where lines run, in pixels from the upper left corner.

Layers are the longest paths from the top; the order within them and the exact places follow from
the arrows (``cells``, ``ordering``, ``placing``). Nothing recurses and every pass is O(nodes +
edges) or close to it, so ten thousand steps take seconds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from runfox.cli.drawing.cells import LANE, Cells, cells
from runfox.cli.drawing.diagram import Diagram, Edge, Loop
from runfox.cli.drawing.ordering import ordered
from runfox.cli.drawing.placing import placed

BESIDE = 26.0
THIN = 12.0
BETWEEN_LAYERS = 46.0
MARGIN = 24.0
TIP = 9.0
"""An arrow runs straight for its last pixels, so that its head points at the box."""


class Size(NamedTuple):
    width: float
    height: float


class Box(NamedTuple):
    """The outline of a node; ``x``, ``y`` is its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def centre(self) -> float:
        return self.y + self.height / 2


class Bend(NamedTuple):
    """A line runs straight at ``x`` between ``top`` and ``bottom``; between bends it curves."""

    x: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """An edge on its way down: the first bend begins at one box, the last one ends at the other."""

    edge: Edge
    bends: tuple[Bend, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """A loop on its way. The first bend is beside its source, the last one beside its target.

    It leaves the right side of its source at the height ``leaves`` and enters that of its target at
    ``enters``.
    """

    loop: Loop
    bends: tuple[Bend, ...]
    leaves: float
    enters: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """``arrows`` and ``backs`` are in the order of the diagram's edges and loops."""

    boxes: dict[str, Box]
    arrows: tuple[Arrow, ...]
    backs: tuple[Back, ...]
    width: float
    height: float


def lay_out(diagram: Diagram, sizes: Mapping[str, Size]) -> Layout:
    """Place boxes of the given sizes, and lead the lines around them."""
    grid = cells(diagram, {name: size.width for name, size in sizes.items()})
    half = [sizes[node.id].width / 2 for node in diagram.nodes]
    rows = ordered(grid)

    def reach(cell: int) -> float:
        return half[cell] if cell < grid.nodes else THIN / 2

    def room(left: int, right: int) -> float:
        return reach(left) + LANE * grid.lanes.get(left, 0) + reach(right) + BESIDE

    x = placed(grid, rows, room)
    outer = [x[cell] + reach(cell) + LANE * grid.lanes.get(cell, 0) for cell in range(len(x))]
    left = min((x[cell] - reach(cell) for cell in range(len(x))), default=0.0)
    x = [position - left + MARGIN for position in x]
    heights = [sizes[node.id].height for node in diagram.nodes]
    bands = _bands(grid, rows, x, heights)
    boxes = {
        name: Box(x[cell] - half[cell], bands[grid.layer[cell]].centre - heights[cell] / 2,
                  2 * half[cell], heights[cell])
        for name, cell in grid.ids.items()
    }  # fmt: skip
    return Layout(
        boxes=boxes,
        arrows=tuple(_arrows(diagram, grid, x, bands, boxes)),
        backs=tuple(_backs(diagram, grid, x, bands, boxes)),
        width=max(outer, default=0.0) - left + 2 * MARGIN,
        height=bands[-1].bottom + MARGIN if bands else 2 * MARGIN,
    )


class Band(NamedTuple):
    """What a layer takes up from top to bottom."""

    top: float
    bottom: float

    @property
    def centre(self) -> float:
        return (self.top + self.bottom) / 2


def _bands(
    grid: Cells, rows: Sequence[Sequence[int]], x: Sequence[float], heights: Sequence[float]
) -> list[Band]:
    bands: list[Band] = []
    top = MARGIN
    for row in rows:
        height = max((heights[cell] for cell in row if cell < grid.nodes), default=0.0)
        bands.append(Band(top, top + height))
        # The flatter its lines, the more room a gap needs for them to be told apart.
        spans = (abs(x[cell] - x[link.cell]) for cell in row for link in grid.down[cell])
        top += height + BETWEEN_LAYERS + min(110.0, max(spans, default=0.0) * 0.07)
    return bands


def _arrows(
    diagram: Diagram,
    grid: Cells,
    x: Sequence[float],
    bands: Sequence[Band],
    boxes: Mapping[str, Box],
) -> Iterator[Arrow]:
    for edge, ways in zip(diagram.edges, grid.edge_ways, strict=True):
        start, end = boxes[edge.source], boxes[edge.target]
        first = Bend(start.middle, start.y + start.height, bands[_layer(grid, edge.source)].bottom)
        last = Bend(end.middle, bands[_layer(grid, edge.target)].top - TIP, end.y)
        between = (_bend(cell, grid, x, bands) for cell in ways)
        yield Arrow(edge=edge, bends=(first, *between, last))


def _layer(grid: Cells, name: str) -> int:
    return grid.layer[grid.ids[name]]


def _bend(cell: int, grid: Cells, x: Sequence[float], bands: Sequence[Band]) -> Bend:
    return Bend(x[cell], *bands[grid.layer[cell]])


def _backs(
    diagram: Diagram,
    grid: Cells,
    x: Sequence[float],
    bands: Sequence[Band],
    boxes: Mapping[str, Box],
) -> Iterator[Back]:
    def beside(name: str, lane: int) -> Bend:
        box = boxes[name]
        return Bend(box.x + box.width + LANE * (lane + 1), *bands[_layer(grid, name)])

    def height(name: str, lane: int, *, other: str) -> float:
        upwards = _layer(grid, name) >= _layer(grid, other)
        return _height(boxes[name], lane, grid.lanes[grid.ids[name]], upwards=upwards)

    for loop, ways, (out, into) in zip(diagram.loops, grid.loop_ways, grid.ends, strict=True):
        first, last = beside(loop.source, out), beside(loop.target, into)
        between = [_bend(cell, grid, x, bands) for cell in ways]
        if first.top > last.top:
            between.reverse()
        yield Back(
            loop=loop,
            bends=(first, *between, last),
            leaves=height(loop.source, out, other=loop.target),
            enters=height(loop.target, into, other=loop.source),
        )


def _height(box: Box, lane: int, lanes: int, *, upwards: bool) -> float:
    """Where a line meets the side of a box: the nearer its lane, the farther from the middle."""
    step = min(9.0, box.height / 2 / (lanes + 1))
    away = (lanes - lane - 0.5) * step if lanes > 1 else 0.0
    return box.centre - away if upwards else box.centre + away
