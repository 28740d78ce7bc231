"""Text: ``cat substr``."""

from runfox.expressions.coercion import number, text
from runfox.expressions.limits import At, Meter, check_string
from runfox.expressions.model import Fault, Operator
from runfox.expressions.operators.eager import metered
from runfox.values import Json


def joined(meter: Meter | None, at: At, *values: Json) -> str:
    parts = [value if type(value) is str else text(value, meter) for value in values]
    size = sum(map(len, parts))
    check_string(size, at)
    if meter is not None:
        meter.make(size, at)
    return "".join(parts)


def part(meter: Meter | None, at: At, source: Json, start: Json, length: Json = ...) -> str:
    """``length`` characters from ``start``; negative ones are counted from the end."""
    if source is None:
        raise Fault("null has no text")
    whole = text(source, meter)
    first = _whole_number(start)
    if first < 0:
        first = max(len(whole) + first, 0)
    rest = whole[first:] if length is ... else _cut(whole[first:], _whole_number(length))
    if meter is not None:
        meter.make(len(rest), at)
    return rest


def _cut(rest: str, length: int) -> str:
    return rest[:length] if length >= 0 else rest[: max(len(rest) + length, 0)]


def _whole_number(value: Json) -> int:
    return int(number(value))


OPERATORS = (
    Operator(
        name="cat",
        least=0,
        most=None,
        summary="One text of all arguments",
        build=metered(joined),
        grows=True,
    ),
    Operator(
        name="substr", least=2, most=3, summary="A part of a text", build=metered(part), grows=True
    ),
)
