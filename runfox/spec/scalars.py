"""Plain scalars of YAML 1.2's core schema, without its octal and hexadecimal forms.

What is not a plain decimal, a boolean or null is text: `on`, `no`, `12:30`, `2026-11-20`, `010`, `0x1F` and
`1_000` are what they look like. Infinity and NaN have no JSON form and are refused.
"""

import re
from math import isinf

from runfox.values import MAX_INTEGER, Json

# A plain scalar that starts with none of these is text; so most scalars need no other look.
SUSPECT = frozenset("0123456789+-.~nNtTfF")

_WORDS: dict[str, Json] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_INTEGER_DIGITS = 20


class NotANumber(ValueError):
    """A scalar reads as a number that JSON cannot hold."""


def resolve(text: str) -> Json:
    """Return what a plain scalar stands for.

    Raises:
        NotANumber: It is infinite, NaN, or an integer beyond 64 bits.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _DECIMAL.fullmatch(text):
        value = float(text)
        if isinf(value):
            raise NotANumber(f"{_short(text)} is too large for a number")
        return value
    if _NOT_FINITE.fullmatch(text):
        raise NotANumber(f"{text} is no number that JSON can hold")
    return text


def _integer(text: str) -> int:
    # The length is looked at first: int() of a million digits takes its time.
    if len(text) > _INTEGER_DIGITS or not -MAX_INTEGER <= int(text) < MAX_INTEGER:
        raise NotANumber(f"{_short(text)} is beyond 64 bits")
    return int(text)


def _short(text: str) -> str:
    return text if len(text) <= _INTEGER_DIGITS + 4 else f"{text[:_INTEGER_DIGITS]}..."
