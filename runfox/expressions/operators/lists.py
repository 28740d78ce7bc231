"""Lists: ``map filter reduce all some none merge in count``.

The body of a loop sees its item and nothing else: ``{"var": ""}`` is the item, ``reduce`` sees
``current`` and ``accumulator``. A loop is charged for all its turns before the first, wherever it
stops.
"""

from collections.abc import Callable
from typing import TypeAlias

from runfox.expressions.coercion import (
    SCALARS,
    is_list,
    is_mapping,
    kind_of,
    strictly_equal,
    text,
    truthy,
    weigh,
)
from runfox.expressions.limits import At, Meter, check_list
from runfox.expressions.model import Build, Fault, Node, Operator, Run, Site
from runfox.expressions.operators.eager import metered
from runfox.values import Json

_IN_TEXT = frozenset({str, int, float, bool})
Items: TypeAlias = Callable[[Json, Meter | None], list[Json]]


def _items(args: list[Node], site: Site) -> Items:
    """The closure that evaluates a loop's list and charges for the turns. Null is an empty list."""
    source, at, cost = args[0].run, At(site.name, site.path), site.cost + 1

    def items(scope: Json, meter: Meter | None) -> list[Json]:
        found = source(scope, meter)
        if found is None:
            return []
        if type(found) is not list:
            found = _listed(found)
        if meter is not None:
            meter.take(len(found), at, cost)
        return found

    return items


def _listed(value: Json) -> list[Json]:
    if is_list(value):
        return list(value)
    way_out = '; take its values with {"vars": "path[*]"}' if is_mapping(value) else ""
    raise Fault(f"{kind_of(value)} is not a list{way_out}")


def build_map(args: list[Node], site: Site) -> Run:
    items, body = _items(args, site), args[1].run
    return lambda scope, meter: [body(item, meter) for item in items(scope, meter)]


def build_filter(args: list[Node], site: Site) -> Run:
    items, body = _items(args, site), args[1].run

    def run(scope: Json, meter: Meter | None) -> Json:
        return [
            item
            for item in items(scope, meter)
            if (keep := body(item, meter)) is True or (keep is not False and truthy(keep))
        ]

    return run


def build_reduce(args: list[Node], site: Site) -> Run:
    items, body = _items(args, site), args[1].run
    initial = args[2].run if len(args) > 2 else None
    at = At(site.name, site.path)

    def run(scope: Json, meter: Meter | None) -> Json:
        result = None if initial is None else initial(scope, meter)
        found = items(scope, meter)
        for item in found:
            result = body({"current": item, "accumulator": result}, meter)
        if found and meter is not None and type(result) is list:
            weigh(result, meter, at)
        return result

    return run


def quantified(*, wanted: bool, verdict: bool, of_nothing: bool) -> Build:
    """``all some none``: ``verdict`` at the first item for which the body is ``wanted``."""

    def build(args: list[Node], site: Site) -> Run:
        items, body = _items(args, site), args[1].run

        def run(scope: Json, meter: Meter | None) -> bool:
            found = items(scope, meter)
            if not found:
                return of_nothing
            for item in found:
                if truthy(body(item, meter)) is wanted:
                    return verdict
            return not verdict

        return run

    return build


def merged(meter: Meter | None, at: At, *values: Json) -> list[Json]:
    result: list[Json] = []
    for value in values:
        items = value if is_list(value) else (value,)
        # Charged before it is done, and per argument: each may be as long as a list can be.
        check_list(len(result) + len(items), at)
        if meter is not None:
            meter.work(len(items), at)
        result += items
    return result


def contained(meter: Meter | None, at: At, needle: Json, hay: Json) -> bool:
    """Whether a list has the item, a text the part, or a mapping the key."""
    if type(hay) is str:
        if meter is not None:
            meter.work(len(hay) >> 6, at)
        return type(needle) in _IN_TEXT and text(needle, meter) in hay
    if is_list(hay):
        if meter is not None:
            meter.work(len(hay), at)
        return _has_item(needle, hay, meter)
    return is_mapping(hay) and type(needle) is str and needle in hay


def _has_item(needle: Json, hay: Json, meter: Meter | None) -> bool:
    # Python's own search is fast, and wrong only where it finds 1 for true: then each is looked at.
    if type(hay) is list and type(needle) in SCALARS and needle not in hay:
        return False
    return any(strictly_equal(needle, item, meter) for item in hay)


def counted(*values: Json) -> int:
    """The size of one list, mapping or text; of several arguments: how many are truthy."""
    if len(values) == 1:
        (value,) = values
        if type(value) is str or is_list(value) or is_mapping(value):
            return len(value)
    return sum(map(truthy, values))


OPERATORS = (
    Operator(
        name="map",
        least=2,
        most=2,
        summary="The body's value for each item",
        build=build_map,
        body=1,
        grows=True,
    ),
    Operator(
        name="filter",
        least=2,
        most=2,
        summary="The items for which the body is truthy",
        build=build_filter,
        body=1,
        grows=True,
    ),
    Operator(
        name="reduce",
        least=2,
        most=3,
        summary="The items folded into one value, from a start value",
        build=build_reduce,
        body=1,
        grows=True,
    ),
    Operator(
        name="all",
        least=2,
        most=2,
        summary="Whether there are items and the body holds for each",
        build=quantified(wanted=False, verdict=False, of_nothing=False),
        lazy=True,
        body=1,
        grows=True,
    ),
    Operator(
        name="some",
        least=2,
        most=2,
        summary="Whether the body holds for an item",
        build=quantified(wanted=True, verdict=True, of_nothing=False),
        lazy=True,
        body=1,
        grows=True,
    ),
    Operator(
        name="none",
        least=2,
        most=2,
        summary="Whether the body holds for no item",
        build=quantified(wanted=True, verdict=False, of_nothing=True),
        lazy=True,
        body=1,
        grows=True,
    ),
    Operator(
        name="merge",
        least=0,
        most=None,
        summary="One list of all items",
        build=metered(merged),
        grows=True,
    ),
    Operator(
        name="in",
        least=2,
        most=2,
        summary="Whether the second contains the first",
        build=metered(contained),
    ),
    Operator(
        name="count",
        least=0,
        most=None,
        summary="How many items",
        build=metered(lambda _m, _at, *v: counted(*v)),
    ),
)
