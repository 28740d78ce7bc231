"""``+ - * / % min max``. Integers stay exact integers; a result that JSON cannot carry is an error.

A single argument that is a list stands for its items: ``{"max": {"vars":
"steps[*].output.score"}}``.
"""

import operator
from collections.abc import Callable, Sequence
from functools import reduce
from math import fmod
from typing import TypeAlias

from runfox.expressions.coercion import REALS, is_list, number, settled
from runfox.expressions.limits import Meter
from runfox.expressions.model import Build, Fault, Node, Operator, Run, Site
from runfox.values import MAX_INTEGER, Json

Number: TypeAlias = int | float
Compute = Callable[[Number, Number], Number]


def _operands(runs: Sequence[Run], scope: Json, meter: Meter | None) -> list[Number]:
    values = [run(scope, meter) for run in runs]
    if len(values) == 1 and is_list(values[0]):
        values = values[0]
        if meter is not None:
            meter.work(len(values))
    return [number(value) for value in values]


def total(compute: Compute, neutral: Number) -> Build:
    """A builder for ``+`` and ``*``, over any number of arguments."""

    def step(a: Number, b: Number) -> Number:
        return settled(compute(a, b))

    def build(args: list[Node], _site: Site) -> Run:
        runs = [arg.run for arg in args]
        if len(runs) == 2:
            return binary(compute, *runs)
        return lambda scope, meter: reduce(step, _operands(runs, scope, meter), neutral)

    return build


def binary(compute: Compute, left: Run, right: Run) -> Run:
    def run(scope: Json, meter: Meter | None) -> Number:
        a, b = left(scope, meter), right(scope, meter)
        if type(a) not in REALS or type(b) not in REALS:
            a, b = number(a), number(b)
        result = compute(a, b)
        # True of nearly every result, and false of NaN.
        if -MAX_INTEGER <= result < MAX_INTEGER:
            return result
        return settled(result)

    return run


def build_minus(args: list[Node], _site: Site) -> Run:
    if len(args) == 2:
        return binary(operator.sub, args[0].run, args[1].run)
    run = args[0].run
    return lambda scope, meter: settled(-number(run(scope, meter)))


def computed(compute: Compute) -> Build:
    return lambda args, _site: binary(compute, args[0].run, args[1].run)


def divided(a: Number, b: Number) -> Number:
    if b == 0:
        raise Fault("division by zero")
    if type(a) is int and type(b) is int and a % b == 0:
        return a // b
    try:
        return a / b
    except OverflowError:
        raise Fault("the result is not a finite number") from None


def remainder(a: Number, b: Number) -> Number:
    """The rest that has the sign of ``a``, as in JavaScript."""
    if b == 0:
        raise Fault("division by zero")
    if type(a) is int and type(b) is int:
        rest = abs(a) % abs(b)
        return -rest if a < 0 else rest
    try:
        return fmod(a, b)
    except (OverflowError, ValueError):
        raise Fault("the result is not a finite number") from None


def extreme(choose: Callable[[list[Number]], Number]) -> Build:
    def build(args: list[Node], _site: Site) -> Run:
        runs = [arg.run for arg in args]

        def run(scope: Json, meter: Meter | None) -> Number:
            numbers = _operands(runs, scope, meter)
            if not numbers:
                raise Fault("the list is empty")
            return settled(choose(numbers))

        return run

    return build


OPERATORS = (
    Operator(
        name="+",
        least=0,
        most=None,
        summary="The sum; of one text: the number",
        build=total(operator.add, 0),
    ),
    Operator(
        name="-", least=1, most=2, summary="The difference; of one: the negative", build=build_minus
    ),
    Operator(name="*", least=0, most=None, summary="The product", build=total(operator.mul, 1)),
    Operator(
        name="/",
        least=2,
        most=2,
        summary="The quotient, an integer where exact",
        build=computed(divided),
    ),
    Operator(
        name="%",
        least=2,
        most=2,
        summary="The remainder, signed as the first",
        build=computed(remainder),
    ),
    Operator(name="min", least=1, most=None, summary="The least number", build=extreme(min)),
    Operator(name="max", least=1, most=None, summary="The greatest number", build=extreme(max)),
)
