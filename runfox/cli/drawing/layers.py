"""Which layer each node stands in: as early as its dependencies allow."""

from collections.abc import Iterable

from runfox.cli.drawing.diagram import Diagram, Edge


def layers(diagram: Diagram) -> dict[str, int]:
    """Return the layer of every node, 0 at the top, in an order where dependencies come first.

    The layer is the length of the longest path that leads there. O(nodes + edges).

    Raises:
        ValueError: The edges have a cycle, so there is no top.
    """
    after = successors(diagram.edges)
    waits_for = dict.fromkeys((node.id for node in diagram.nodes), 0)
    for edge in diagram.edges:
        waits_for[edge.target] += 1
    found = {name: 0 for name, count in waits_for.items() if count == 0}
    open_nodes = list(found)
    ordered: dict[str, int] = {}
    for name in open_nodes:
        ordered[name] = found[name]
        for target in after.get(name, ()):
            found[target] = max(found.get(target, 0), found[name] + 1)
            waits_for[target] -= 1
            if waits_for[target] == 0:
                open_nodes.append(target)
    if len(ordered) < len(diagram.nodes):
        stuck = [name for name in waits_for if name not in ordered]
        raise ValueError(f"the dependencies of {', '.join(stuck[:5])} lead round in a circle")
    return ordered


def successors(edges: Iterable[Edge]) -> dict[str, list[str]]:
    """Return for each node that has any the nodes right after it."""
    after: dict[str, list[str]] = {}
    for edge in edges:
        after.setdefault(edge.source, []).append(edge.target)
    return after


def predecessors(edges: Iterable[Edge]) -> dict[str, list[str]]:
    """Return for each node that has any the nodes right before it."""
    before: dict[str, list[str]] = {}
    for edge in edges:
        before.setdefault(edge.target, []).append(edge.source)
    return before
