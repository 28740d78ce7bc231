"""The steps of a workflow as far as they can be made out, for the rules that look across steps.

Whatever has the wrong shape is left out: another rule reports it, and the rest is still looked at.
"""

from typing import NamedTuple

from runfox.spec.kinds import target_step
from runfox.spec.problem import Path
from runfox.values import Json

EXITS = frozenset({"complete", "halt", "fail", "finish"})


class Reference(NamedTuple):
    """A step that is named at a place."""

    step_id: str
    path: Path


class BranchOutline(NamedTuple):
    """``action`` is its name (``set`` for a mapping), None for what is none. ``targets`` are the named ones."""

    data: dict[str, Json]
    path: Path
    action: str | None
    targets: list[Reference]


class StepOutline(NamedTuple):
    id: str | None
    id_path: Path
    data: dict[str, Json]
    path: Path
    depends_on: list[Reference]
    branches: list[BranchOutline]


class Outline(NamedTuple):
    """``positions`` gives the position of each id in ``steps``; of two equal ids, the first."""

    data: dict[str, Json]
    steps: list[StepOutline]
    positions: dict[str, int]


def outline_of(data: dict[str, Json]) -> Outline:
    steps = data.get("steps")
    found = [
        _step(step, ("steps", position))
        for position, step in enumerate(steps if type(steps) is list else ())
        if type(step) is dict
    ]
    positions: dict[str, int] = {}
    for position, step in enumerate(found):
        if step.id is not None:
            positions.setdefault(step.id, position)
    return Outline(data, found, positions)


def _step(data: dict[str, Json], path: Path) -> StepOutline:
    name = "id" if "id" in data else "op"
    step_id = data.get(name)
    branches = data.get("branch")
    return StepOutline(
        step_id if type(step_id) is str else None,
        (*path, name),
        data,
        path,
        _references(data.get("depends_on"), (*path, "depends_on")),
        [
            _branch(branch, (*path, "branch", position))
            for position, branch in enumerate(branches)
            if type(branch) is dict
        ]
        if type(branches) is list
        else [],
    )


def _references(value: Json, path: Path) -> list[Reference]:
    if type(value) is str:
        return [Reference(value, path)]
    if type(value) is not list:
        return []
    return [Reference(item, (*path, i)) for i, item in enumerate(value) if type(item) is str]


def _branch(data: dict[str, Json], path: Path) -> BranchOutline:
    action = data.get("action")
    if type(action) is dict:
        named = _references(action.get("set"), (*path, "action", "set"))
        targets = [
            Reference(step_id, reference.path)
            for reference in named
            if (step_id := target_step(reference.step_id)) is not None
        ]
        return BranchOutline(data, path, "set" if "set" in action else None, targets)
    return BranchOutline(
        data, path, action if type(action) is str and action in EXITS else None, []
    )
