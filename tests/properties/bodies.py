"""The bodies that a step can have, each with the ways to have it succeed and fail; and the places it can be in."""

from dataclasses import dataclass, field, replace
from typing import Any

from runfox.values import Json

WORK: list[Json] = [{"id": "w"}]
N = {"n": {"var": "steps.w.output.n"}}
INSIDE: dict[str, Json] = {"inside": {"steps": WORK, "outputs": N}}


@dataclass(frozen=True)
class Body:
    """``keys`` make a step of it. ``error`` is the type of its own failure, which ``failing`` is needed for.

    ``fits`` and ``misfits`` are output schemas. ``recovers``: it can fail first and then succeed. ``items``: it
    is a ``foreach``. ``told``: it fails, or is answered, when the script says so.
    """

    name: str
    keys: dict[str, Any]
    error: str
    fits: dict[str, Json]
    misfits: dict[str, Json]
    workflows: dict[str, Json] = field(default_factory=dict)
    failing: dict[str, Json] = field(default_factory=dict)
    recovers: bool = True
    items: bool = False
    told: bool = True

    @property
    def waits(self) -> bool:
        """Whether it waits for a time or a signal, and gives what these say."""
        return "wait" in self.keys


_NUMBER = {"properties": {"n": {"type": "integer"}}}
_TEXT = {"properties": {"n": {"type": "string"}}}
_GOOD = {"properties": {"data": {"const": "good"}}}
_SIMPLE = (
    Body("fn", {"fn": "work"}, "Boom", _NUMBER, _TEXT),
    Body("call", {"call": "inside"}, "ChildFailed", _NUMBER, _TEXT, INSIDE),
    Body("do", {"do": WORK, "outputs": N}, "BlockFailed", _NUMBER, _TEXT),
    Body(
        "timer",
        {"wait": {"for": 10}},
        "OutputInvalid",
        {"required": ["timed_out"]},
        {"required": ["nothing"]},
        failing={"output": {"required": ["nothing"]}},
        recovers=False,
        told=False,
    ),
    Body(
        "signal",
        {"wait": {"signal": "go"}},
        "OutputInvalid",
        _GOOD,
        {"required": ["nothing"]},
        failing={"output": _GOOD},
    ),
)


def _each(body: Body) -> Body:
    keys = body.keys | {"foreach": {"items": [0, 1]}}
    if body.name == "signal":
        keys["wait"] = {"signal": "go", "key": {"var": "index"}}
    return replace(body, name=f"each {body.name}", keys=keys, error="ItemsFailed", items=True)


BODIES = {body.name: body for body in (*_SIMPLE, *map(_each, _SIMPLE))}


@dataclass(frozen=True)
class Place:
    """Where steps are: ``path`` leads to them, in the execution that runs them."""

    name: str
    path: str
    called: bool = False

    def around(
        self,
        steps: list[dict[str, Any]],
        file: dict[str, Any],
        workflows: dict[str, Any],
        *,
        tolerate: bool,
    ) -> dict[str, Any]:
        """A file with the steps in this place; ``file`` is what is to be said of the whole that they are in."""
        match self.name:
            case "top":
                return {"name": "top", "steps": steps, "workflows": workflows} | file
            case "do":
                outer: dict[str, Any] = {"id": "outer", "do": steps}
            case "each":
                each = {"items": ["x", "y"]} | ({"tolerate": 2} if tolerate else {})
                outer = {"id": "outer", "do": steps, "foreach": each}
            case _:
                called = {"called": {"steps": steps} | file}
                outer = {"id": "outer", "call": "called"}
                return {"name": "top", "steps": [outer], "workflows": workflows | called}
        return {"name": "top", "steps": [outer], "workflows": workflows} | file


PLACES = {
    place.name: place
    for place in (
        Place("top", ""),
        Place("do", "outer."),
        Place("each", "outer[0]."),
        Place("call", "", called=True),
    )
}
