"""What a value counts as: true or false, a number, a text, equal to another.

JSON Logic's rules are JavaScript's, with ``[]`` falsy: ``"0"`` and ``{}`` are truthy, ``"1" == 1``
holds, ``null == false`` does not. Stricter than there: null, text that spells no number, lists and
mappings are no numbers (JavaScript makes them 0 or NaN); and lists and mappings are equal by value.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import isfinite

from runfox.expressions.limits import MAX_NUMBER_TEXT, At, Exhausted, Meter
from runfox.expressions.model import Fault
from runfox.values import MAX_DEPTH, MAX_INTEGER, Json

SCALARS = frozenset({str, int, float, bool, type(None)})
REALS = frozenset({int, float})
_SELF_TRUTHY = frozenset({str, int, float, bool, type(None), list})
_NUMBER = re.compile(r"[+-]?(?:\d+(\.\d*)?|(\.\d+))([eE][+-]?\d{1,4})?", re.ASCII)
# JavaScript writes numbers out in full from here to there, and with an exponent outside.
_FULL_FROM, _FULL_TO = 1e-6, 1e21


def is_list(value: Json) -> bool:
    kind = type(value)
    return kind is list or (isinstance(value, Sequence) and not isinstance(value, str | bytes))


def is_mapping(value: Json) -> bool:
    return type(value) is dict or isinstance(value, Mapping)


def truthy(value: Json) -> bool:
    if type(value) in _SELF_TRUTHY:
        return bool(value)
    return not is_list(value) or len(value) > 0


def kind_of(value: Json) -> str:
    """Name a value for a message: scalars as JSON shows them, containers by their kind."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        shown = value if len(value) <= 40 else f"{value[:37]}..."
        return f'"{shown}"'
    if is_list(value):
        return "a list"
    return "a mapping" if is_mapping(value) else str(value)


def number(value: Json) -> int | float:
    """Return the number that ``value`` is or spells. Raises ``Fault``."""
    kind = type(value)
    if kind is int or kind is float:
        return value  # type: ignore[no-any-return]
    if kind is bool:
        return int(value)
    if kind is str and (spelled := spelled_number(value)) is not None:
        return spelled
    raise Fault(f"{kind_of(value)} is not a number")


def spelled_number(text: str) -> int | float | None:
    """Return the number that a text spells in decimal, exact where it is an integer; else None."""
    if len(text) > MAX_NUMBER_TEXT:
        return None
    text = text.strip()
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    if match[1] is None and match[2] is None and match[3] is None:
        return int(text)
    value = float(text)
    return value if isfinite(value) else None


def settled(value: float) -> int | float:
    """Return a result of arithmetic that JSON can carry. Raises ``Fault`` for any other."""
    if type(value) is int:
        if -MAX_INTEGER <= value < MAX_INTEGER:
            return value
        raise Fault("the result is an integer beyond 64 bits")
    if isfinite(value):
        return value
    raise Fault("the result is not a finite number")


def text(value: Json, meter: Meter | None) -> str:
    """Return ``value`` as JavaScript joins it: null is empty, a list its items with commas.

    Raises ``Fault`` for a mapping.
    """
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]
    if value is None:
        return ""
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value)
    if kind is float:
        return _float_text(value)
    if is_list(value):
        _charge(meter, len(value))
        parts = [text(item, meter) for item in value]
        if meter is not None:
            meter.make(sum(map(len, parts)))
        return ",".join(parts)
    raise Fault(f"{kind_of(value)} has no text; take one of its keys")


def _float_text(value: float) -> str:
    size = abs(value)
    if value == 0 or (size < _FULL_TO and value.is_integer()):
        return str(int(value))
    shown = repr(value)
    if "e" not in shown:
        return shown
    if _FULL_FROM <= size < _FULL_TO:
        return format(Decimal(shown), "f")
    mantissa, exponent = shown.split("e")
    return f"{mantissa}e{int(exponent):+d}"


def loosely_equal(a: Json, b: Json, meter: Meter | None = None) -> bool:
    """``==``: as in JavaScript, also between a list and a scalar; two containers by value."""
    kind_a, kind_b = type(a), type(b)
    if kind_a in SCALARS:
        if kind_b in SCALARS:
            return _equal_scalars(a, b)
        return _equal_to_scalar(b, a, meter)
    if kind_b in SCALARS:
        return _equal_to_scalar(a, b, meter)
    return strictly_equal(a, b, meter)


def _equal_scalars(a: Json, b: Json) -> bool:
    if a is None or b is None:
        return a is b
    if (type(a) is str) is (type(b) is str):
        return bool(a == b)
    x, y = _loose_number(a), _loose_number(b)
    return x is not None and x == y


def _loose_number(value: Json) -> int | float | None:
    if type(value) is not str:
        return value  # type: ignore[no-any-return]
    if len(value) <= MAX_NUMBER_TEXT and not value.strip():
        return 0
    return spelled_number(value)


def _equal_to_scalar(container: Json, scalar: Json, meter: Meter | None) -> bool:
    if scalar is None or not is_list(container):
        return False
    try:
        return _equal_scalars(text(container, meter), scalar)
    except Fault:
        return False


def strictly_equal(a: Json, b: Json, meter: Meter | None = None) -> bool:
    """``===``: the same JSON value; ``1`` is ``1.0`` and is not ``true``."""
    kind_a, kind_b = type(a), type(b)
    if kind_a in SCALARS or kind_b in SCALARS:
        if kind_a is not kind_b and not (kind_a in REALS and kind_b in REALS):
            return False
        return bool(a == b)
    if is_list(a):
        if not is_list(b) or len(a) != len(b):
            return False
        _charge(meter, len(a))
        return all(strictly_equal(x, y, meter) for x, y in zip(a, b, strict=True))
    if not is_mapping(a) or not is_mapping(b) or len(a) != len(b):
        return False
    _charge(meter, len(a))
    return all(key in b and strictly_equal(a[key], b[key], meter) for key in a)


def _charge(meter: Meter | None, items: int) -> None:
    if meter is not None:
        meter.work(items)


def weigh(value: Json, meter: Meter, at: At) -> None:
    """Charge a value for all it would be when written out. Raises ``Exhausted``.

    Twenty rounds of ``[x, x]`` are twenty small lists in memory and a million in JSON.
    """
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise Exhausted(f"a value nested deeper than {MAX_DEPTH} levels", at)
        inner: list[Json] = []
        for item in level:
            kind = type(item)
            if kind is list:
                meter.make(56 + len(item) * 8, at)
                inner += item
            elif kind is dict:
                meter.make(64 + len(item) * 16, at)
                inner += item.values()
            elif kind is str:
                meter.make(len(item), at)
        level = inner
