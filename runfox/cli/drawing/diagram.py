"""A workflow as a picture sees it: boxes, the arrows between them, and the loops back.

Every drawing is made from this value alone, so whatever makes a diagram smaller (``grouping``) is
done before, and no drawing knows about it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

MarkKind: TypeAlias = Literal[
    "join",
    "when",
    "each",
    "limit",
    "halt",
    "fail",
    "finish",
    "complete",
    "set",
    "cancel",
    "rollback",
    "undo",
]
Statuses: TypeAlias = Mapping[str, str]
"""The status of each step by its path; a step that is missing is drawn as one that has none."""


class Mark(NamedTuple):
    """What is special about a step, in words: ``halts if score > 0.5``."""

    kind: MarkKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One box. ``members`` are the steps that it stands for: itself, or all those of a group.

    ``inner`` are the steps inside of it, of a ``do``, or of each item of a ``foreach``.
    """

    id: str
    title: str
    fn: str
    label: str | None = None
    marks: tuple[Mark, ...] = ()
    members: tuple[str, ...]
    inner: "Diagram | None" = None


class Edge(NamedTuple):
    """``target`` runs after ``source``, once that has ended as ``wanted``.

    The arrow stands for ``times`` dependencies of steps.
    """

    source: str
    target: str
    times: int = 1
    wanted: str = "complete"


class Loop(NamedTuple):
    """A branch of ``source`` sets ``target`` to run again. Drawn once for ``times``."""

    source: str
    target: str
    text: str
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """Nodes in the order of the file. Edges and loops name nodes by id; edges have no cycle.

    ``last`` are the steps of ``finally``.
    """

    name: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    loops: tuple[Loop, ...] = ()
    last: "Diagram | None" = None

    @property
    def steps(self) -> int:
        """How many steps of the workflow the nodes stand for, at any depth."""
        return sum(len(node.members) for node in self.all_nodes())

    @property
    def boxes(self) -> int:
        """How many nodes there are, at any depth."""
        return sum(1 for _ in self.all_nodes())

    def all_nodes(self) -> Iterator[Node]:
        """Yield the nodes at any depth, each before those inside of it, ``last`` ones last."""
        for node in self.nodes:
            yield node
            if node.inner is not None:
                yield from node.inner.all_nodes()
        if self.last is not None:
            yield from self.last.all_nodes()
