"""Which node all ways to a node lead through last: its place in a tree."""

from collections.abc import Mapping, Sequence

TOP = ""
"""Stands above the nodes that have no dependency. No step can have this id."""


def dominators(order: Sequence[str], before: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the immediate dominator of each node, ``TOP`` where there is none.

    ``order`` has dependencies first. In it the dominator of a node is the lowest common ancestor,
    in the tree so far, of the nodes before it. Ancestors are found by jump pointers (Myers, 1983),
    so the whole is O(edges log nodes) however deep the tree.
    """
    tree = _Tree()
    for name in order:
        above = before.get(name, ())
        parent = above[0] if above else TOP
        for other in above[1:]:
            parent = tree.common(parent, other)
        tree.add(name, parent)
    return tree.parent


class _Tree:
    def __init__(self) -> None:
        self.parent: dict[str, str] = {}
        self._jump = {TOP: TOP}
        self._depth = {TOP: 0}

    def add(self, name: str, parent: str) -> None:
        depth, jump = self._depth, self._jump
        over = jump[parent]
        even = depth[parent] - depth[over] == depth[over] - depth[jump[over]]
        self.parent[name] = parent
        depth[name] = depth[parent] + 1
        jump[name] = jump[over] if even else parent

    def common(self, one: str, other: str) -> str:
        depth, jump = self._depth, self._jump
        if depth[one] < depth[other]:
            one, other = other, one
        while depth[one] > depth[other]:
            one = jump[one] if depth[jump[one]] >= depth[other] else self.parent[one]
        while one != other:
            if jump[one] != jump[other]:
                one, other = jump[one], jump[other]
            else:
                one, other = self.parent[one], self.parent[other]
        return one
