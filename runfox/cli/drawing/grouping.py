"""Fewer boxes for large workflows, before anything is drawn.

A thousand boxes are no picture. Steps that stand side by side and call the same function are drawn
as one box, ``project ×120``; if that is still too much, so are steps of one function in a row. What
can be reached from what stays as it was.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace

from runfox.cli.drawing.diagram import Diagram, Edge, Loop, Node
from runfox.cli.drawing.layers import layers, predecessors, successors

MOST_NODES = 150


def group(diagram: Diagram, *, most: int = MOST_NODES) -> Diagram:
    """Return a diagram of groups if there are more than ``most`` nodes, else the diagram itself.

    Groups hold whatever is alike, so the result may still have more than ``most`` nodes where few
    steps are. O(nodes + edges).
    """
    diagram = _inside(diagram, most)
    if len(diagram.nodes) <= most:
        return diagram
    beside = side_by_side(diagram)
    return beside if len(beside.nodes) <= most else in_a_row(beside)


def _inside(diagram: Diagram, most: int) -> Diagram:
    """Return a diagram in which what is inside of nodes, and ``finally``, is made smaller too."""
    if diagram.last is None and all(node.inner is None for node in diagram.nodes):
        return diagram
    return replace(
        diagram,
        nodes=tuple(
            node if node.inner is None else replace(node, inner=group(node.inner, most=most))
            for node in diagram.nodes
        ),
        last=None if diagram.last is None else group(diagram.last, most=most),
    )


def side_by_side(diagram: Diagram) -> Diagram:
    """Make one node of all nodes in the same layer with the same function."""
    layer = layers(diagram)
    keys = {node.id: (layer[node.id], node.fn, _own(node)) for node in diagram.nodes}
    return _merged(diagram, keys, "×{}")


def in_a_row(diagram: Diagram) -> Diagram:
    """Make one node of each chain of single steps with the same function."""
    before, after = predecessors(diagram.edges), successors(diagram.edges)
    nodes = {node.id: node for node in diagram.nodes}
    heads: dict[str, Hashable] = {}
    for name in layers(diagram):
        match before.get(name, ()):
            case [only] if len(after[only]) == 1 and _alike(nodes[only], nodes[name]):
                heads[name] = heads[only]
            case _:
                heads[name] = name
    return _merged(diagram, heads, "×{} in a row")


def _alike(one: Node, other: Node) -> bool:
    return _own(one) == _own(other) and one.fn == other.fn and len(other.members) == 1


def _own(node: Node) -> str:
    """What tells a node from all others: nothing, unless there is something inside of it, or it is a group."""
    return "" if node.inner is None and len(node.members) == 1 else node.id


def _merged(diagram: Diagram, keys: Mapping[str, Hashable], form: str) -> Diagram:
    parts: dict[Hashable, list[Node]] = {}
    for node in diagram.nodes:
        parts.setdefault(keys[node.id], []).append(node)
    into = {node.id: same[0].id for same in parts.values() for node in same}
    return Diagram(
        name=diagram.name,
        nodes=_with_own_titles([_one(same, form) for same in parts.values()]),
        edges=tuple(_edges(diagram.edges, into)),
        loops=tuple(_loops(diagram.loops, into)),
        last=diagram.last,
    )


def _one(same: Sequence[Node], form: str) -> Node:
    if len(same) == 1:
        return same[0]
    members = tuple(step for node in same for step in node.members)
    return Node(
        id=same[0].id,
        title=f"{same[0].fn} {form.format(len(members))}",
        fn=same[0].fn,
        label=f"{members[0]} … {members[-1]}",
        marks=tuple(dict.fromkeys(mark for node in same for mark in node.marks)),
        members=members,
    )


def _with_own_titles(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Number groups of the same title: the text drawing refers to nodes by it."""
    seen: Counter[str] = Counter()
    result: list[Node] = []
    for node in nodes:
        seen[node.title] += 1
        again = seen[node.title]
        result.append(node if again == 1 else replace(node, title=f"{node.title} ({again})"))
    return tuple(result)


def _edges(edges: Iterable[Edge], into: Mapping[str, str]) -> Iterable[Edge]:
    counts: Counter[tuple[str, str, str]] = Counter()
    for edge in edges:
        counts[into[edge.source], into[edge.target], edge.wanted] += edge.times
    return (Edge(a, b, count, wanted) for (a, b, wanted), count in counts.items() if a != b)


def _loops(loops: Iterable[Loop], into: Mapping[str, str]) -> Iterable[Loop]:
    counts: Counter[tuple[str, str, str]] = Counter()
    for loop in loops:
        counts[into[loop.source], into[loop.target], loop.text] += loop.times
    return (Loop(a, b, text, count) for (a, b, text), count in counts.items())
