"""Choosing: ``if ?: and or ?? ! !!``. What is not chosen is not evaluated."""

from runfox.expressions.coercion import truthy
from runfox.expressions.limits import Meter
from runfox.expressions.model import Node, Operator, Run, Site
from runfox.expressions.operators.eager import plain
from runfox.values import Json


def build_if(args: list[Node], _site: Site) -> Run:
    runs = [arg.run for arg in args]
    last = runs.pop() if len(runs) % 2 else None
    pairs = list(zip(runs[::2], runs[1::2], strict=True))

    def run(scope: Json, meter: Meter | None) -> Json:
        for condition, then in pairs:
            if truthy(condition(scope, meter)):
                return then(scope, meter)
        return None if last is None else last(scope, meter)

    return run


def build_and(args: list[Node], _site: Site) -> Run:
    *firsts, last = [arg.run for arg in args]

    def run(scope: Json, meter: Meter | None) -> Json:
        for first in firsts:
            value = first(scope, meter)
            if value is not True and not truthy(value):
                return value
        return last(scope, meter)

    return run


def build_or(args: list[Node], _site: Site) -> Run:
    *firsts, last = [arg.run for arg in args]

    def run(scope: Json, meter: Meter | None) -> Json:
        for first in firsts:
            value = first(scope, meter)
            if value is not False and truthy(value):
                return value
        return last(scope, meter)

    return run


def build_coalesce(args: list[Node], _site: Site) -> Run:
    *firsts, last = [arg.run for arg in args]

    def run(scope: Json, meter: Meter | None) -> Json:
        for first in firsts:
            value = first(scope, meter)
            if value is not None:
                return value
        return last(scope, meter)

    return run


OPERATORS = (
    Operator(
        name="if",
        least=0,
        most=None,
        summary="If, then, else if, then, ..., else",
        build=build_if,
        lazy=True,
    ),
    Operator(name="?:", least=0, most=None, summary="The same as if", build=build_if, lazy=True),
    Operator(
        name="and",
        least=1,
        most=None,
        summary="The first falsy argument, or the last",
        build=build_and,
        lazy=True,
    ),
    Operator(
        name="or",
        least=1,
        most=None,
        summary="The first truthy argument, or the last",
        build=build_or,
        lazy=True,
    ),
    Operator(
        name="??",
        least=1,
        most=None,
        summary="The first argument that is not null",
        build=build_coalesce,
        lazy=True,
    ),
    Operator(
        name="!",
        least=0,
        most=1,
        summary="Whether the argument is falsy",
        build=plain(lambda value=None: not truthy(value)),
    ),
    Operator(
        name="!!",
        least=0,
        most=1,
        summary="Whether the argument is truthy",
        build=plain(lambda value=None: truthy(value)),
    ),
)
