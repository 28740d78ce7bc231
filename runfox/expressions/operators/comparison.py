"""``== != === !==`` and the orderings ``< <= > >=``, which hold for numbers, or between two texts.

Null has no place in an order: with a misspelt path, ``score < 0.3`` would otherwise hold or not by
accident, and either may open a gate. A default in ``var`` says what is meant.
"""

import operator
from collections.abc import Callable
from itertools import pairwise

from runfox.expressions.coercion import REALS, loosely_equal, number, strictly_equal
from runfox.expressions.limits import Meter
from runfox.expressions.model import Build, Node, Operator, Run, Site
from runfox.values import Json

Compare = Callable[[Json, Json], bool]
Equal = Callable[[Json, Json, Meter | None], bool]


def ordering(compare: Compare) -> Build:
    def holds(a: Json, b: Json) -> bool:
        if type(a) is str and type(b) is str:
            return compare(a, b)
        return compare(number(a), number(b))

    def build(args: list[Node], _site: Site) -> Run:
        if len(args) > 2:
            return _chain(holds, [arg.run for arg in args])
        left, right = args
        if right.constant and type(right.value) in REALS:
            return _against_number(compare, holds, left.run, right.value)
        return _two(compare, holds, left.run, right.run)

    return build


def _against_number(compare: Compare, holds: Compare, left: Run, bound: float) -> Run:
    def run(scope: Json, meter: Meter | None) -> bool:
        value = left(scope, meter)
        if type(value) in REALS:
            return compare(value, bound)
        return holds(value, bound)

    return run


def _two(compare: Compare, holds: Compare, left: Run, right: Run) -> Run:
    def run(scope: Json, meter: Meter | None) -> bool:
        a, b = left(scope, meter), right(scope, meter)
        if type(a) in REALS and type(b) in REALS:
            return compare(a, b)
        return holds(a, b)

    return run


def _chain(holds: Compare, runs: list[Run]) -> Run:
    def run(scope: Json, meter: Meter | None) -> bool:
        values = [run(scope, meter) for run in runs]
        # All pairs, even after one that does not hold, so that a null is found wherever it is.
        verdicts = [holds(a, b) for a, b in pairwise(values)]
        return all(verdicts)

    return run


def equality(equal: Equal, *, wanted: bool) -> Build:
    def build(args: list[Node], _site: Site) -> Run:
        left, right = args[0].run, args[1].run
        if args[1].constant and type(args[1].value) is str:
            return _against_text(equal, left, args[1].value, wanted=wanted)
        return lambda scope, meter: equal(left(scope, meter), right(scope, meter), meter) is wanted

    return build


def _against_text(equal: Equal, left: Run, text: str, *, wanted: bool) -> Run:
    def run(scope: Json, meter: Meter | None) -> bool:
        value = left(scope, meter)
        if type(value) is str:
            return (value == text) is wanted
        return equal(value, text, meter) is wanted

    return run


OPERATORS = (
    Operator(
        name="==",
        least=2,
        most=2,
        summary='Equal, "1" and 1 too',
        build=equality(loosely_equal, wanted=True),
    ),
    Operator(
        name="!=", least=2, most=2, summary="Not ==", build=equality(loosely_equal, wanted=False)
    ),
    Operator(
        name="===",
        least=2,
        most=2,
        summary="Equal and of one type",
        build=equality(strictly_equal, wanted=True),
    ),
    Operator(
        name="!==", least=2, most=2, summary="Not ===", build=equality(strictly_equal, wanted=False)
    ),
    Operator(
        name="<", least=2, most=None, summary="Each less than the next", build=ordering(operator.lt)
    ),
    Operator(
        name="<=",
        least=2,
        most=None,
        summary="None greater than the next",
        build=ordering(operator.le),
    ),
    Operator(
        name=">",
        least=2,
        most=None,
        summary="Each greater than the next",
        build=ordering(operator.gt),
    ),
    Operator(
        name=">=",
        least=2,
        most=None,
        summary="None less than the next",
        build=ordering(operator.ge),
    ),
)
