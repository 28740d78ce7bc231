"""What is expected of a run, compared with what came of it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from runfox.spec import durations
from runfox.testing.script_names import aliases
from runfox.testing.simulate import Simulation
from runfox.values import Json, plain, text

_SHORT = 120


class Absent:
    """What is not there at all, and so is no JSON value."""

    def __repr__(self) -> str:
        return "nothing"


ABSENT = Absent()


class Difference(NamedTuple):
    """One thing that is not as expected, and where; ``message`` in place of values that say less."""

    place: str
    expected: Any = ABSENT
    found: Any = ABSENT
    message: str = ""

    def __str__(self) -> str:
        if self.message:
            return f"{self.place}: {self.message}"
        return f"{self.place}: expected {_shown(self.expected)}, found {_shown(self.found)}"


def _shown(value: Any) -> str:
    if value is ABSENT:
        return repr(value)
    told = text(value)
    return told if len(told) <= _SHORT else f"{told[:_SHORT]}..."


def differences(expect: Mapping[str, Json], simulation: Simulation) -> Iterator[Difference]:
    """Yield what is not as expected.

    Of ``outcome`` and ``order`` all is compared, of the others what is named. A run has to be complete where
    neither a status nor an error is expected. A signal that was never sent is a difference, too.
    """
    yield from _ending(expect, simulation)
    if "outcome" in expect:
        yield from compared("outcome", expect["outcome"], simulation.outcome)
    yield from _named("state", expect, simulation.state)
    statuses = {path: status.value for path, status in simulation.steps.items()}
    yield from _named("steps", expect, statuses)
    for name, number in expect.get("calls", {}).items():
        yield from compared(f"calls.{name}", number, len(simulation.called(name)))
    if "order" in expect:
        yield from _order(expect["order"], simulation)
    if "elapsed" in expect and durations.parse(expect["elapsed"]) != simulation.elapsed:
        yield Difference("elapsed", expect["elapsed"], durations.text(simulation.elapsed))
    for name in simulation.unsent:
        yield Difference(f"signals.{name}", message="never sent: no step waited for it")


def _ending(expect: Mapping[str, Json], simulation: Simulation) -> Iterator[Difference]:
    wanted = expect.get("status", "failed" if "error" in expect else "complete")
    found = simulation.status.value
    if found != wanted:
        message = f"expected {wanted}, found {found}"
        if simulation.error is not None:
            error = simulation.error
            where = f"step {error['step']!r}: " if error.get("step") else ""
            message += f" ({where}{error.get('type')}: {error.get('message')})"
        yield Difference("status", wanted, found, message)
    elif "error" in expect:
        yield from _named("error", expect, simulation.error or {})


def _named(key: str, expect: Mapping[str, Json], found: Mapping[str, Json]) -> Iterator[Difference]:
    for name, value in expect.get(key, {}).items():
        yield from compared(f"{key}.{name}", value, found.get(name, ABSENT))


def _order(expected: list[str], simulation: Simulation) -> Iterator[Difference]:
    """Compare the calls of the steps that are named, and of no others, with the order of their names."""
    wanted = set(expected)
    found = [
        next(name for name in aliases(call.path, call.fn) if name in wanted)
        for call in simulation.calls
        if not wanted.isdisjoint(aliases(call.path, call.fn))
    ]
    if found != expected:
        yield Difference("order", expected, found)


def compared(place: str, expected: Json, found: Any) -> Iterator[Difference]:
    """Yield where two values differ, as deep inside as can be said."""
    if type(expected) is dict and type(found) is dict:
        for key in {**expected, **found}:
            inner = f"{place}.{key}"
            yield from compared(inner, expected.get(key, ABSENT), found.get(key, ABSENT))
    elif type(expected) is list and type(found) is list and len(expected) == len(found):
        for number, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from compared(f"{place}[{number}]", one, other)
    elif expected != found or (type(expected) is bool) != (type(found) is bool):
        yield Difference(place, expected, plain(found))
