"""Where each node stands in the text tree, and the rails that lead to it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from runfox.cli.drawing.diagram import Diagram, Node
from runfox.cli.drawing.dominators import TOP, dominators
from runfox.cli.drawing.layers import layers, predecessors


class Place(NamedTuple):
    """A node in the tree.

    ``lead`` is drawn before its bullet and ``under`` before the lines below it.
    """

    node: Node
    lead: str
    under: str


class _Open(NamedTuple):
    name: str
    lead: str
    rail: str


def places(diagram: Diagram, *, deepest: int) -> Iterator[Place]:
    """Yield every node once, from top to bottom; rails wider than ``deepest`` lose their left part.

    A node stands under its immediate dominator. What runs beside others is a branch; a single node,
    and one where branches come together, goes on below in the same column.
    """
    order = list(layers(diagram))
    before = predecessors(diagram.edges)
    parents = dominators(order, before)
    children: dict[str, list[str]] = {}
    for name in order:
        children.setdefault(parents[name], []).append(name)
    nodes = {node.id: node for node in diagram.nodes}
    waiting = list(_below(TOP, "", children.get(TOP, ()), before))
    while waiting:
        name, lead, rail = waiting.pop()
        below = children.get(name, ())
        under = f"{rail}│ " if below else f"{rail}  "
        yield Place(nodes[name], lead, under)
        waiting.extend(_below(name, _kept(rail, deepest), below, before))


def _below(
    parent: str, rail: str, children: Sequence[str], before: Mapping[str, Sequence[str]]
) -> Iterator[_Open]:
    """The children of a node, last one first, as they go onto the stack."""
    if not children:
        return
    *branches, last = children
    if not branches or len(before.get(last, ())) > 1:
        yield _Open(last, rail, rail)
    else:
        yield _Open(last, f"{rail}╰─", f"{rail}  ")
    for branch in reversed(branches):
        first = parent == TOP and branch == branches[0]
        yield _Open(branch, f"{rail}{'╭─' if first else '├─'}", f"{rail}│ ")


def _kept(rail: str, deepest: int) -> str:
    return rail if len(rail) <= deepest else "⋯ " + rail[-(deepest - 2) :]
