"""The diagram as layers of cells: nodes, and the waypoints that lead long arrows around them.

An arrow over several layers gets a waypoint in each layer between, so that ordering and placing
treat it as a thin node and nothing is drawn over it. A loop is led the same way beside the arrows,
from the layer of its target down to its source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from runfox.cli.drawing.diagram import Diagram, Edge, Loop
from runfox.cli.drawing.layers import layers

LANE = 18.0
"""How far apart the lines of loops run beside a node, in pixels."""

MOST_WAYPOINTS_PER_ARROW = 4
"""On average. Beyond it the longest arrows are drawn straight, which keeps all of this O(edges)."""

ARROW, LONG, THROUGH = 1.0, 1.0, 8.0
BACK, BACK_THROUGH = 0.01, 0.08
"""How strongly a link pulls: long arrows want to be straight, loops give way to everything else."""


class Link(NamedTuple):
    """A cell in a neighbouring layer, and where this one would stand if that one alone decided."""

    cell: int
    shift: float
    pull: float


@dataclass(slots=True, kw_only=True)
class Cells:
    """Cells are numbered: nodes first, in the order of the diagram, then waypoints.

    ``rows[layer]`` holds cells from left to right. ``edge_ways`` and ``loop_ways`` lead from top to
    bottom; ``ends[loop]`` are the lanes of its source and its target, counted from 0 at the node.
    """

    ids: dict[str, int]
    layer: list[int]
    rows: list[list[int]]
    up: list[list[Link]]
    down: list[list[Link]]
    edge_ways: list[list[int]] = field(default_factory=list)
    loop_ways: list[list[int]] = field(default_factory=list)
    ends: list[tuple[int, int]] = field(default_factory=list)
    lanes: dict[int, int] = field(default_factory=dict)

    @property
    def nodes(self) -> int:
        """Cells from here on are waypoints."""
        return len(self.ids)

    def waypoint(self, layer: int) -> int:
        """Add a waypoint to a layer."""
        cell = len(self.layer)
        self.layer.append(layer)
        self.rows[layer].append(cell)
        self.up.append([])
        self.down.append([])
        return cell

    def link(self, upper: int, lower: int, *, pull: float, shift: float = 0.0) -> None:
        """Connect two cells. ``shift`` is how far right of the upper one the lower one belongs."""
        self.up[lower].append(Link(upper, shift, pull))
        self.down[upper].append(Link(lower, -shift, pull))

    def lane(self, cell: int) -> int:
        """Take the next free lane at the right side of a node."""
        taken = self.lanes.get(cell, 0)
        self.lanes[cell] = taken + 1
        return taken


def cells(diagram: Diagram, widths: Mapping[str, float]) -> Cells:
    """Return the layers of a diagram in the order of the file, all arrows led. O(nodes + edges)."""
    found = layers(diagram)
    ids = {node.id: number for number, node in enumerate(diagram.nodes)}
    rows: list[list[int]] = [[] for _ in range(max(found.values(), default=-1) + 1)]
    for name, number in ids.items():
        rows[found[name]].append(number)
    result = Cells(
        ids=ids,
        layer=[found[name] for name in ids],
        rows=rows,
        up=[[] for _ in ids],
        down=[[] for _ in ids],
    )
    longest = _longest_led(diagram, found)
    for edge in diagram.edges:
        result.edge_ways.append(_lead(result, edge, longest))
    half = [widths[node.id] / 2 for node in diagram.nodes]
    result.ends = _lanes(result, diagram.loops)
    for loop, ends in zip(diagram.loops, result.ends, strict=True):
        result.loop_ways.append(_lead_back(result, loop, ends, half, longest))
    return result


def _lanes(grid: Cells, loops: Sequence[Loop]) -> list[tuple[int, int]]:
    """Give each loop a lane beside its source and its target: short ways inside, long outside."""

    def span(number: int) -> tuple[bool, int]:
        source, target = (grid.ids[name] for name in loops[number][:2])
        return source == target, abs(grid.layer[source] - grid.layer[target])

    ends: dict[int, tuple[int, int]] = {}
    for number in sorted(range(len(loops)), key=span):
        loop = loops[number]
        ends[number] = (grid.lane(grid.ids[loop.source]), grid.lane(grid.ids[loop.target]))
    return [ends[number] for number in range(len(loops))]


def _longest_led(diagram: Diagram, layer: Mapping[str, int]) -> int:
    """The most layers that an arrow may pass so that all waypoints together stay within bounds."""
    lines: tuple[Edge | Loop, ...] = (*diagram.edges, *diagram.loops)
    left = MOST_WAYPOINTS_PER_ARROW * (len(lines) + 100)
    longest = 0
    for span in sorted(abs(layer[line.target] - layer[line.source]) for line in lines):
        left -= span
        if left < 0:
            break
        longest = span
    return longest


def _waypoints(grid: Cells, upper: int, lower: int, longest: int) -> list[int]:
    top, bottom = grid.layer[upper], grid.layer[lower]
    if bottom - top > longest:
        return []
    return [grid.waypoint(layer) for layer in range(top + 1, bottom)]


def _lead(grid: Cells, edge: Edge, longest: int) -> list[int]:
    source, target = grid.ids[edge.source], grid.ids[edge.target]
    ways = _waypoints(grid, source, target, longest)
    path = [source, *ways, target]
    for upper, lower in pairwise(path):
        ends = (upper == source) + (lower == target)
        grid.link(upper, lower, pull=(THROUGH, LONG, ARROW)[ends])
    return ways


def _lead_back(
    grid: Cells, loop: Loop, ends: tuple[int, int], half: Sequence[float], longest: int
) -> list[int]:
    """Lead a loop through the layers between its ends, which it leaves and enters by lanes."""
    source, target = grid.ids[loop.source], grid.ids[loop.target]
    if source == target:
        return []
    beside = {
        cell: half[cell] + LANE * (lane + 1)
        for cell, lane in zip((source, target), ends, strict=True)
    }
    upper, lower = sorted((source, target), key=lambda cell: grid.layer[cell])
    ways = _waypoints(grid, upper, lower, longest)
    path = [upper, *ways, lower]
    for above, below in pairwise(path):
        shift = beside.get(above, 0.0) - beside.get(below, 0.0)
        if grid.layer[above] != grid.layer[below]:
            pull = BACK if above in beside or below in beside else BACK_THROUGH
            grid.link(above, below, pull=pull, shift=shift)
    return ways
