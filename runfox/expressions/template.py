"""Templates: values with expressions at any depth, as in ``input``, ``outputs`` and ``result``."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, partial
from typing import NamedTuple, Self, TypeAlias

from runfox.errors import ExpressionInvalid
from runfox.expressions.coercion import SCALARS, is_list, is_mapping
from runfox.expressions.compiler import Compiler, is_logic
from runfox.expressions.expression import Expression
from runfox.expressions.limits import (
    MAX_TEMPLATE_NODES,
    Exhausted,
    Meter,
)
from runfox.expressions.literals import inspect, too_large
from runfox.expressions.model import ExpressionProblem, Fault, Path, Run
from runfox.expressions.trace import failure
from runfox.values import MAX_DEPTH, Json, plain

Make: TypeAlias = Callable[[Json, Meter], Json]
Placed: TypeAlias = tuple[Path, Expression]


class Template(partial[Json]):
    """A compiled template. Each call gives a fresh value, which shares nothing with data or spec.

    Calling raises ``ExpressionFailed``, whose path starts inside the template.

    Attributes:
        source: The JSON it was made from.
        expressions: Every expression with its path inside the template.
        reads, dynamic, constant: As those of ``Expression``, over all of them.
    """

    source: Json
    _found: tuple["_Found", ...]

    @classmethod
    def of(cls, source: Json, make: Make, found: tuple["_Found", ...]) -> Self:
        made = cls(_guarded(source, make, found))
        made.source = source
        made._found = found
        return made

    # What only checkers and explanations ask for is not made for every step of every workflow.

    @cached_property
    def expressions(self) -> tuple[Placed, ...]:
        return tuple([(one.path, one.expression()) for one in self._found])

    @cached_property
    def reads(self) -> frozenset[Path]:
        return frozenset[Path]().union(*(one.compiler.paths for one in self._found))

    @cached_property
    def dynamic(self) -> bool:
        return any(one.compiler.computed for one in self._found)

    @property
    def constant(self) -> bool:
        """Whether its value is the same for all data."""
        return not self.reads and not self.dynamic

    def __repr__(self) -> str:
        return f"Template({self.source!r})"

    def __reduce__(self) -> tuple[object, tuple[Json]]:
        return template, (self.source,)


class _Found(NamedTuple):
    """An expression in a template: where, of what, and what its compilation found."""

    path: Path
    source: Json
    compiler: Compiler
    run: Run

    def expression(self) -> Expression:
        return Expression.of(self.source, self.compiler, self.run)


def _guarded(source: Json, make: Make, found: tuple[_Found, ...]) -> Callable[[Json], Json]:
    def call(data: Json) -> Json:
        try:
            return make(data, Meter())
        except (Fault, Exhausted, RecursionError) as error:
            for one in found:
                if (failed := one.expression().failure(data, one.path)) is not None:
                    raise failed from None
            # None fails by itself: all of them together are too much.
            raise failure(source, data, error) from None

    return call


def template(value: Json) -> Template:
    """Compile a value with expressions at any depth: mappings whose only key is an operator.

    Raises:
        ExpressionInvalid: ``problems`` holds every mistake, each with its path inside ``value``.
    """
    builder = _Builder()
    make = builder.build(value)
    if builder.problems:
        raise ExpressionInvalid(builder.problems)
    return Template.of(value, make, tuple(builder.found))


def template_problems(value: Json) -> list[ExpressionProblem]:
    """Return every mistake that ``template`` would raise for; empty where there is none."""
    builder = _Builder()
    builder.build(value)
    return builder.problems


class _Part(NamedTuple):
    """A part of a template. With neither of the closures, ``value`` is all there is to it.

    ``read`` is an expression's; ``make`` belongs to a container that holds one, and gives it fresh.
    """

    value: Json = None
    read: Run | None = None
    make: Make | None = None

    @property
    def fixed(self) -> bool:
        return self.read is None and self.make is None


class _Builder:
    """The state of one compilation: what it has found and counted so far."""

    def __init__(self) -> None:
        self.problems: list[ExpressionProblem] = []
        self.found: list[_Found] = []
        self.nodes = 0

    def build(self, value: Json) -> Make:
        nodes, problems = inspect(value, (), MAX_TEMPLATE_NODES)
        if nodes > MAX_TEMPLATE_NODES:
            problems.append(too_large((), MAX_TEMPLATE_NODES))
        self.problems += problems
        return _maker(_Part() if problems else self._part(value, ()))

    def _part(self, value: Json, path: Path) -> _Part:
        kind = type(value)
        if kind is dict:
            if is_logic(value):
                return self._logic(value, path)
            return _mapping({key: self._part(item, (*path, key)) for key, item in value.items()})
        if kind is list:
            return _list(
                [self._part(item, (*path, position)) for position, item in enumerate(value)]
            )
        return _Part(value)

    def _logic(self, value: dict[str, Json], path: Path) -> _Part:
        if "literal" in value:
            return _Part(value["literal"])
        compiler = Compiler()
        node = compiler.compile(value)
        if compiler.problems:
            self.problems += [
                replace(problem, path=(*path, *problem.path)) for problem in compiler.problems
            ]
        self.found.append(_Found(path, value, compiler, node.run))
        return _Part(read=node.run)


def _maker(part: _Part) -> Make:
    if part.make is not None:
        return part.make
    if part.read is not None:
        return _copying(part.read)
    value = part.value
    if type(value) is dict and all(type(item) in SCALARS for item in value.values()):
        return lambda _data, _meter: value.copy()
    return lambda _data, _meter: plain(value)


def _copying(read: Run) -> Make:
    def make(data: Json, meter: Meter) -> Json:
        value = read(data, meter)
        return value if type(value) in SCALARS else copied(value, meter, MAX_DEPTH)

    return make


def _mapping(parts: dict[str, _Part]) -> _Part:
    fixed = {key: part.value for key, part in parts.items()}
    if all(part.fixed for part in parts.values()):
        return _Part(fixed)
    reads = [(key, part.read) for key, part in parts.items() if part.read is not None]
    made = [(key, _maker(part)) for key, part in parts.items() if _needs_making(part)]

    def make(data: Json, meter: Meter) -> Json:
        result = fixed.copy()  # has every key already, so their order stays
        for key, read in reads:
            value = read(data, meter)
            result[key] = value if type(value) in SCALARS else copied(value, meter, MAX_DEPTH)
        for key, maker in made:
            result[key] = maker(data, meter)
        return result

    return _Part(make=make)


def _needs_making(part: _Part) -> bool:
    return part.make is not None or (part.fixed and type(part.value) not in SCALARS)


def _list(parts: list[_Part]) -> _Part:
    if all(part.fixed for part in parts):
        return _Part([part.value for part in parts])
    makers = [_maker(part) for part in parts]
    return _Part(make=lambda data, meter: [maker(data, meter) for maker in makers])


def copied(value: Json, meter: Meter, room: int) -> Json:
    """Return a fresh copy, charged for its size: one list may be in it many times."""
    if type(value) in SCALARS:
        return value
    if room == 0:
        raise Exhausted(f"a value nested deeper than {MAX_DEPTH} levels", None)
    if is_mapping(value):
        meter.make(64 + 16 * len(value))
        return {
            key: item if type(item := value[key]) in SCALARS else copied(item, meter, room - 1)
            for key in value
        }
    if is_list(value):
        meter.make(56 + 8 * len(value))
        return [item if type(item) in SCALARS else copied(item, meter, room - 1) for item in value]
    raise Fault(f"{type(value).__name__} is not JSON")
