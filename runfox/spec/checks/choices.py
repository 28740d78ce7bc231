"""Choices: sibling steps of which each is for one value, and a value that none is for."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple, TypeAlias

from runfox.spec.checks.outline import Outline, StepOutline
from runfox.spec.checks.reads import parts_of
from runfox.spec.problem import Finding
from runfox.values import Json

MAX_VALUES = 1_000
"""How many values the conditions of joined steps may name, before they are left alone."""

Word: TypeAlias = str | bool


class _Test(NamedTuple):
    """A path, the values it is compared with, and whether being one of them holds."""

    path: tuple[str, ...]
    values: frozenset[Word]
    wanted: bool


_Start: TypeAlias = tuple[frozenset[tuple[str, str]], int | None]
"""What a step waits for, and how many of it."""


def holes(outline: Outline) -> Iterator[Finding]:
    """Steps that join such siblings, and that no step leads to where the value is one that was left out.

    Only what is certain is told: a schema has the values, and all the joined steps test the same one.
    """
    siblings = _Siblings()
    for step in outline.having("depends_on") if outline.having("when") else ():
        if len(step.depends_on) > 1 and _takes_any(step):
            joined = [other for _, other in step.block.dependencies(step)]
            if len(joined) == len(step.depends_on):
                yield from _hole(step, joined, siblings)


class _Siblings:
    """What is asked of a step for each step that depends on it, and is worked out once."""

    def __init__(self) -> None:
        self._tests: dict[StepOutline, _Test | None] = {}
        self._starts: dict[StepOutline, int] = {}
        self._numbers: dict[_Start, int] = {}
        self._possible: dict[int, dict[Word, None]] = {}

    def test(self, step: StepOutline) -> _Test | None:
        if step not in self._tests:
            self._tests[step] = _test(step)
        return self._tests[step]

    def start(self, step: StepOutline) -> int:
        """Return a number that is the same for all steps that wait for the same."""
        if step not in self._starts:
            need = step.join.need if step.join is not None else None
            start = frozenset((r.step_id, r.wanted) for r in step.depends_on), need
            self._starts[step] = self._numbers.setdefault(start, len(self._numbers))
        return self._starts[step]

    def possible(self, step: StepOutline, path: tuple[str, ...]) -> dict[Word, None]:
        """Return the values that a schema allows at a path, if they are texts, or true and false; else nothing."""
        values = _listed(step, path)
        if id(values) not in self._possible:
            alike = {type(value) for value in values} in ({str}, {bool})
            self._possible[id(values)] = dict.fromkeys(values) if alike else {}
        return self._possible[id(values)]


def _hole(step: StepOutline, joined: list[StepOutline], siblings: _Siblings) -> Iterator[Finding]:
    tests = [test for other in joined if (test := siblings.test(other)) is not None]
    if len(tests) < len(joined) or len({test.path for test in tests}) > 1:
        return
    if len({siblings.start(other) for other in joined}) > 1:
        return
    if sum(len(test.values) for test in tests) > MAX_VALUES:
        return
    possible = siblings.possible(joined[0], tests[0].path)
    # A text and true may be loosely equal, and then nothing is certain.
    if len({type(value) for test in tests for value in test.values} | set(map(type, possible))) > 1:
        return
    left = list(islice(_left(possible, tests), 5))
    if left:
        names = ", ".join(repr(other.id) for other in joined[:5])
        values = ", ".join(map(_shown, left))
        read = ".".join(tests[0].path)
        message = (
            f"none of {names} runs where {read} is {values}, and so {step.id!r} does not either"
        )
        hint = "Add a step for that, or one whose when is the opposite of all the others."
        place = (*step.path, "depends_on")
        yield Finding(place, "when-hole", message, hint, "warning", at="key")


def _left(possible: dict[Word, None], tests: list[_Test]) -> Iterator[Word]:
    """Give the values for which no test holds."""
    covered = {value for test in tests if test.wanted for value in test.values}
    refused = [test.values for test in tests if not test.wanted]
    # What is refused is left only if all refuse it.
    return (
        value
        for value in (refused[0] if refused else possible)
        if value in possible and value not in covered and all(value in values for values in refused)
    )


def _shown(value: Word) -> str:
    return repr(value) if type(value) is str else str(value).lower()


def _takes_any(step: StepOutline) -> bool:
    """Whether one complete dependency is enough, and none too few."""
    return all(reference.wanted == "complete" for reference in step.depends_on) and (
        step.join is None or step.join.need in {None, 1}
    )


def _test(step: StepOutline) -> _Test | None:
    """Return what a step's ``when`` compares, if that is one path with texts, or with true and false."""
    when = step.data.get("when")
    if type(when) is not dict or len(when) != 1:
        return None
    ((name, arguments),) = when.items()
    if name not in _COMPARISONS or type(arguments) is not list or len(arguments) != 2:
        return None
    read, values = arguments
    if name == "in":
        values = values if type(values) is list else None
    elif _path(read) is None:
        read, values = values, [read]
    else:
        values = [values]
    path = _path(read)
    if path is None or not values or any(type(value) not in (str, bool) for value in values):
        return None
    return _Test(path, frozenset(values), _COMPARISONS[name])


_COMPARISONS = {"==": True, "===": True, "in": True, "!=": False, "!==": False}


def _path(value: Json) -> tuple[str, ...] | None:
    text = value.get("var") if type(value) is dict and len(value) == 1 else None
    return tuple(parts_of(text)) if type(text) is str else None


_BOTH: list[Json] = [True, False]
_NONE: list[Json] = []


def _listed(step: StepOutline, path: tuple[str, ...]) -> list[Json]:
    """Return the values that a schema lists for a path, always the same object for the same part of a schema."""
    schema, rest = _schema(step, path)
    for name in rest:
        properties = schema.get("properties") if type(schema) is dict else None
        schema = properties.get(name) if type(properties) is dict else None
    if type(schema) is not dict:
        return _NONE
    if schema.get("type") == "boolean":
        return _BOTH
    values = schema.get("enum")
    return values if type(values) is list else _NONE


def _schema(step: StepOutline, path: tuple[str, ...]) -> tuple[Json, tuple[str, ...]]:
    """Return the schema of what a path begins with, and the rest of the path."""
    if path[:1] == ("input",):
        return step.block.workflow.data.get("inputs"), path[1:]
    if path[:1] == ("steps",) and len(path) > 3 and path[2] == "output":
        other = step.block.find(path[1])
        if other is not None and other.each is None:
            return other.data.get("output"), path[3:]
    return None, ()
