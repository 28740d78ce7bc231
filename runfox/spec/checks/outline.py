"""The steps of a workflow as far as they can be made out, for the rules that look across steps.

Whatever has the wrong shape is left out: another rule reports it, and the rest is still looked at.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, Optional

from runfox.spec.checks.graph import Graph, graph_of
from runfox.spec.problem import Path
from runfox.values import Json


class Reference(NamedTuple):
    """A step that is named at a place, which is a key where it says how the step must have ended."""

    step_id: str
    path: Path
    wanted: str = "complete"
    at: Literal["key", "value"] = "value"


class BranchOutline(NamedTuple):
    """``action`` is its name, None for what is none. ``targets`` are the named ones of set and cancel."""

    data: dict[str, Json]
    path: Path
    action: str | None
    targets: list[Reference]


class JoinOutline(NamedTuple):
    """``need`` is None for all."""

    need: int | None
    rest: str
    path: Path


@dataclass(slots=True, eq=False)
class StepOutline:
    """``names`` are those of foreach that its body sees, its own and those further out."""

    id: str | None
    data: dict[str, Json]
    path: Path
    block: "BlockOutline"
    position: int
    depends_on: list[Reference]
    branches: list[BranchOutline]
    join: JoinOutline | None
    names: frozenset[str]

    @property
    def id_path(self) -> Path:
        return (*self.path, "id" if "id" in self.data else "op")

    @property
    def each(self) -> dict[str, Json] | None:
        found = self.data.get("foreach")
        return found if type(found) is dict else None

    @property
    def has_outcomes(self) -> bool:
        """Whether it says of some dependency how that must have ended. Costs O(its dependencies)."""
        return any(reference.at == "key" for reference in self.depends_on)

    @property
    def needs_all(self) -> bool:
        """Whether the join is the usual one, to which skips are neutral."""
        return self.join is None or self.join.need is None


@dataclass(eq=False, kw_only=True)
class BlockOutline:
    """A list of steps: of the file, of its ``finally``, or of a ``do``, whose step is the ``owner``.

    ``positions`` gives the position of each id in ``steps``; of two equal ids, the first. ``names`` are those
    of foreach that all its steps see.
    """

    path: Path
    workflow: "WorkflowOutline"
    owner: StepOutline | None = None
    names: frozenset[str] = frozenset()
    steps: list[StepOutline] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)

    @cached_property
    def graph(self) -> Graph:
        """Its steps by what they depend on, whatever outcome they wait for."""
        dependencies = []
        for position, step in enumerate(self.steps):
            known = [self.positions.get(reference.step_id) for reference in step.depends_on]
            found = [d for d in known if d is not None and d != position]
            dependencies.append(list(dict.fromkeys(found)) if len(found) > 1 else found)
        return graph_of(dependencies)

    @property
    def outer(self) -> Optional["BlockOutline"]:
        """The list whose steps its own see too."""
        if self.owner is not None:
            return self.owner.block
        return self.workflow.main if self is self.workflow.last else None

    def find(self, step_id: str) -> StepOutline | None:
        """Return the step of an id that its steps see: the nearest."""
        block: BlockOutline | None = self
        while block is not None:
            position = block.positions.get(step_id)
            if position is not None:
                return block.steps[position]
            block = block.outer
        return None

    def dependencies(self, step: StepOutline) -> Iterator[tuple[Reference, StepOutline]]:
        """Give the dependencies that are known, each with where it is named."""
        for reference in step.depends_on:
            position = self.positions.get(reference.step_id)
            if position is not None and position != step.position:
                yield reference, self.steps[position]


@dataclass(eq=False, kw_only=True)
class WorkflowOutline:
    """The file, or one of its ``workflows``. ``blocks`` are all its lists, ``outer`` the one it stands in."""

    data: dict[str, Json]
    path: Path
    outer: Optional["WorkflowOutline"] = None
    blocks: list[BlockOutline] = field(default_factory=list)
    last: BlockOutline | None = None
    inner: dict[str, "WorkflowOutline"] = field(default_factory=dict)

    @property
    def main(self) -> BlockOutline:
        return self.blocks[0]

    @property
    def local(self) -> dict[str, "WorkflowOutline"]:
        """The workflows that its steps call by the names of the file: its own, or else those it stands among."""
        if self.outer is None or "workflows" in self.data:
            return self.inner
        return self.outer.local


class Outline(NamedTuple):
    """All that is in a file: its workflows, their lists of steps, and the steps of those by the keys they have."""

    workflows: list[WorkflowOutline]
    blocks: list[BlockOutline]
    by_key: dict[str, list[StepOutline]]

    def having(self, key: str) -> list[StepOutline]:
        """Return the steps that have a key: most rules are about few steps, and cost nothing for the others."""
        return self.by_key.get(key, [])
