"""Every modifier with every body, in every place: the laws hold, it ends, and it ends as the language says."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, NamedTuple

import pytest

from runfox.graph.places import walk
from runfox.graph.record import StepRecord
from tests.properties.bodies import BODIES, PLACES, Body, Place
from tests.properties.modifiers import MODIFIERS, Case
from tests.properties.world import Life, World

SHARE = 4
"""One of so many cells is run each time; the others are for ``pytest -m slow``."""


class Cell(NamedTuple):
    body: Body
    case: Case
    place: Place
    together: bool

    def __str__(self) -> str:
        words = "together" if self.together else "one by one"
        return f"{self.body.name}, {self.case.name}, {self.place.name}, {words}"


def cells() -> Iterator[Cell]:
    for body in BODIES.values():
        for modifier in MODIFIERS:
            for case in modifier(body):
                for place in PLACES.values():
                    if not case.only or place.name in case.only:
                        yield Cell(body, case, place, together=False)
                        yield Cell(body, case, place, together=True)


def sampled(cell: Cell) -> bool:
    return blake2b(str(cell).encode(), digest_size=4).digest()[0] % SHARE == 0


ALL = list(cells())
SOME = [cell for cell in ALL if sampled(cell)]
OTHERS = [cell for cell in ALL if not sampled(cell)]


def file_of(cell: Cell) -> dict[str, Any]:
    body, case = cell.body, cell.case
    in_finally = any(step["id"] == "s" for step in case.file.get("finally", ()))
    own: list[dict[str, Any]] = [] if in_finally else [{"id": "s", **body.keys, **case.step}]
    tolerate = case.ends == "failed" and not case.script.pokes and "timeout" not in case.file
    return cell.place.around(
        [*own, *case.others], case.file, dict(body.workflows), tolerate=tolerate
    )


def lived(cell: Cell) -> World:
    cell.case.script.together = cell.together
    return World(file_of(cell), cell.case.script).live()


def whole_of(cell: Cell, world: World) -> Life:
    """The execution that the step is part of."""
    if not cell.place.called:
        return world.top
    return next(life for life in world.lives.values() if life.path == "outer/")


def check(cell: Cell) -> None:
    world = lived(cell)
    case, life = cell.case, whole_of(cell, world)
    for step, status in case.statuses.items():
        path = step if step == "z" or "in finally" in case.name else cell.place.path + step
        assert life.record.steps[path].status == status, (step, life.record.steps[path])
    own = cell.place.path * ("in finally" not in case.name) + "s"
    if case.error is not None:
        error = life.record.steps[own].error
        assert error is not None
        assert error["type"] == case.error, error
    if case.attempts is not None:
        found = life.record.steps[
            f"{own}[0]" if cell.body.items and found_items(life, own) else own
        ]
        assert found.attempt == case.attempts
    it_ended(cell, world, life)


def found_items(life: Life, own: str) -> bool:
    return life.record.steps[own].more.inner is not None


def it_ended(cell: Cell, world: World, life: Life) -> None:
    case, status = cell.case, life.record.status
    ends = "failed" if case.ends == "undone" else case.ends
    tolerated = cell.place.name == "each" and "tolerate" in str(world.top.record.plan.spec.data)
    assert status == ("complete" if tolerated else ends), life.record.error
    if case.ends == "undone":
        assert life.record.error is not None
        assert "rolled_back" in life.record.error
    if cell.place.called and case.ends != "cancelled":
        assert world.top.record.status == ("complete" if case.ends == "complete" else "failed")
        outer = world.top.record.steps["outer"]
        kind = "Halted" if case.ends == "halted" else "ChildFailed"
        assert outer.error is None or outer.error["type"] == kind


def cells_of(record: Any) -> dict[str, StepRecord]:
    return {path: cell for path, _, cell in walk(record)}


@pytest.mark.parametrize("cell", SOME, ids=str)
def test_a_modifier_does_with_every_body_what_it_says(cell):
    check(cell)


@pytest.mark.slow
@pytest.mark.parametrize("cell", OTHERS, ids=str)
def test_a_modifier_does_with_every_body_what_it_says_in_the_rest_of_the_matrix(cell):
    check(cell)
