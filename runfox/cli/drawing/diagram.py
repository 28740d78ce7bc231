"""A workflow as a picture sees it: boxes, the arrows between them, and the loops back.

Every drawing is made from this value alone, so whatever makes a diagram smaller (``grouping``) is
done before, and no drawing knows about it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias, assert_never

from runfox.cli.drawing.phrases import phrase
from runfox.expressions import Expression
from runfox.spec import Branch, Complete, Fail, Finish, Halt, Set, Spec, Step
from runfox.values import Json

MarkKind: TypeAlias = Literal["halt", "fail", "finish", "complete", "set"]
Statuses: TypeAlias = Mapping[str, str]
"""The status of each step by its id; a step that is missing is drawn as one that has none."""


class Mark(NamedTuple):
    """What a branch of a step may do, in words: ``halts if score > 0.5``."""

    kind: MarkKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One box. ``members`` are the steps that it stands for: itself, or all those of a group."""

    id: str
    title: str
    fn: str
    label: str | None = None
    marks: tuple[Mark, ...] = ()
    members: tuple[str, ...]


class Edge(NamedTuple):
    """``target`` runs after ``source``. The arrow stands for ``times`` dependencies of steps."""

    source: str
    target: str
    times: int = 1


class Loop(NamedTuple):
    """A branch of ``source`` sets ``target`` to run again. Drawn once for ``times``."""

    source: str
    target: str
    text: str
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """Nodes in the order of the file. Edges and loops name nodes by id; edges have no cycle."""

    name: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    loops: tuple[Loop, ...] = ()

    @property
    def steps(self) -> int:
        """How many steps of the workflow the nodes stand for."""
        return sum(len(node.members) for node in self.nodes)


def diagram(spec: Spec) -> Diagram:
    """Return the picture of a checked spec, one node per step."""
    return Diagram(
        name=spec.name,
        nodes=tuple(_node(step, spec.index) for step in spec.steps),
        edges=tuple(Edge(name, step.id) for step in spec.steps for name in step.depends_on),
        loops=tuple(loop for step in spec.steps for loop in _loops(step, spec.index)),
    )


def _node(step: Step, known: Mapping[str, int]) -> Node:
    marks = (_mark(branch, known) for branch in step.branches)
    return Node(
        id=step.id,
        title=step.id,
        fn=step.fn,
        label=step.label,
        marks=tuple(mark for mark in marks if mark is not None),
        members=(step.id,),
    )


def _mark(branch: Branch, known: Mapping[str, int]) -> Mark | None:
    match branch.action:
        case Halt():
            return Mark("halt", _when("halts", branch))
        case Fail():
            return Mark("fail", _when("fails", branch))
        case Finish():
            return Mark("finish", _when("finishes", branch))
        case Complete():
            return Mark("complete", _when("completes", branch))
        case Set(targets=targets):
            if isinstance(targets, tuple) or any(_named(targets, known)):
                return None  # drawn as loops
            return Mark("set", _when(f"sets a step chosen by {phrase(targets.source)}", branch))
        case _:
            assert_never(branch.action)


def _when(verb: str, branch: Branch) -> str:
    why = _why(branch)
    return f"{verb} if {why}" if why else verb


def _why(branch: Branch) -> str:
    """The condition in words; nothing where it always holds, as in the last branch of many."""
    if branch.condition is None or branch.condition.source is True:
        return ""
    return phrase(branch.condition.source)


def _loops(step: Step, known: Mapping[str, int]) -> Iterator[Loop]:
    seen: set[tuple[str, str]] = set()
    for branch in step.branches:
        if not isinstance(branch.action, Set):
            continue
        text = _why(branch)
        for target in _named(branch.action.targets, known):
            if (target, text) not in seen:
                seen.add((target, text))
                yield Loop(step.id, target, text)


def _named(targets: tuple[str, ...] | Expression, known: Mapping[str, int]) -> Iterator[str]:
    """The steps that a ``set`` names; where logic chooses, every step that the logic spells out."""
    texts = targets if isinstance(targets, tuple) else _strings(targets.source)
    for text in dict.fromkeys(texts):
        name = text.removeprefix("steps.").removesuffix(".status")
        if name in known:
            yield name


def _strings(source: Json) -> Iterator[str]:
    open_parts = [source]
    while open_parts:
        part = open_parts.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, list):
            open_parts.extend(reversed(part))
        elif isinstance(part, dict) and "var" not in part and "vars" not in part:
            open_parts.extend(reversed(part.values()))
