"""Values that hold nothing but themselves: texts, words, numbers, and mappings and lists as such."""

import re
from collections.abc import Sequence
from typing import Final

from runfox.errors import did_you_mean
from runfox.expressions import OPERATORS
from runfox.spec.kinds.faults import FINE, Check, Fault, mistyped, within
from runfox.spec.limits import MAX_NAME, MAX_STEPS
from runfox.values import Json

VARIABLE: Final = "[A-Za-z_][A-Za-z0-9_]{0,63}"

_variable = re.compile(VARIABLE)


def anything(_value: Json) -> Sequence[Fault]:
    return FINE


def something(value: Json) -> Sequence[Fault]:
    """Whatever is not null."""
    return mistyped("a value or logic", value) if value is None else FINE


def text(value: Json) -> Sequence[Fault]:
    return FINE if type(value) is str else mistyped("a text", value, hint=quoted(value))


def name(value: Json) -> Sequence[Fault]:
    if type(value) is not str:
        return mistyped("a text", value, hint=quoted(value))
    if not value:
        return (Fault("empty", "a text is expected here, not an empty one"),)
    if len(value) > MAX_NAME:
        return (Fault("too-large", f"longer than {MAX_NAME} characters"),)
    return FINE


def quoted(value: Json) -> str | None:
    return f'Quote it: "{value}".' if type(value) in (int, float) else None


def variable(value: Json) -> Sequence[Fault]:
    """A name that expressions read."""
    if type(value) is not str:
        return mistyped("a name", value, hint=quoted(value))
    if _variable.fullmatch(value):
        return FINE
    hint = "Start with a letter or _; go on with letters, digits and _; 64 characters at most."
    return (Fault("bad-name", f"{value!r:.80} cannot be read by expressions", hint),)


def version(value: Json) -> Sequence[Fault]:
    if type(value) in (int, float):
        return FINE
    return name(value) if type(value) is str else mistyped("a text or a number", value)


def labels(value: Json) -> Sequence[Fault]:
    if type(value) is not dict:
        return mistyped("a mapping of texts", value)
    return [
        fault for key, item in value.items() for fault in within((*name(key), *name(item)), key)
    ]


def flag(value: Json) -> Sequence[Fault]:
    return FINE if type(value) is bool else mistyped("true or false", value)


def word(*known: str) -> Check:
    """One of a few words."""

    def check(value: Json) -> Sequence[Fault]:
        if type(value) is not str:
            return mistyped(f"one of {', '.join(known)}", value)
        return FINE if value in known else unknown_word(value, known)

    return check


def unknown_word(value: str, known: Sequence[str]) -> tuple[Fault]:
    hint = did_you_mean(value[:80], known, label="There are")
    return (Fault("unknown-word", f"{value!r:.80} is no word that means something here", hint),)


def whole(least: int, most: int, hint: str | None = None) -> Check:
    """A whole number in a range; ``3.0`` is one, as JSON has it."""

    def check(value: Json) -> Sequence[Fault]:
        if type(value) is int or (type(value) is float and value.is_integer()):
            return FINE if least <= value <= most else outside(value, least, most, hint)
        return mistyped("a whole number", value)

    return check


def number(least: float, most: float) -> Check:
    def check(value: Json) -> Sequence[Fault]:
        if type(value) is not int and type(value) is not float:
            return mistyped("a number", value)
        return FINE if least <= value <= most else outside(value, least, most)

    return check


def outside(value: float, least: float, most: float, hint: str | None = None) -> tuple[Fault]:
    return (Fault("out-of-range", f"{value} is not between {least:,} and {most:,}", hint),)


def mapping(value: Json) -> Sequence[Fault]:
    return FINE if type(value) is dict else mistyped("a mapping", value)


def items(value: Json) -> Sequence[Fault]:
    """A list that is not empty."""
    return _list(value, MAX_STEPS)


def one_or_more(most: int) -> Check:
    """A mapping, or a list of them that is not empty."""

    def check(value: Json) -> Sequence[Fault]:
        if type(value) is dict:
            return FINE
        if type(value) is list:
            return _list(value, most)
        return mistyped("a mapping or a list of them", value)

    return check


def _list(value: Json, most: int) -> Sequence[Fault]:
    if type(value) is not list:
        return mistyped(
            "a list", value, hint="Start each entry with '- '." if type(value) is dict else None
        )
    if len(value) > most:
        return (Fault("too-large", f"{len(value):,} entries; {most:,} are allowed"),)
    return FINE if value else (Fault("empty", "at least one entry is expected here"),)


def logic(value: Json) -> Sequence[Fault]:
    if type(value) is dict or type(value) is bool:
        return FINE
    return mistyped("logic", value, hint='Logic looks like {">=": [{"var": "score"}, 0.7]}.')


def computed(value: Json) -> Sequence[Fault]:
    """Logic whose value is used, so that true and false make no sense."""
    if type(value) is dict:
        return FINE
    return mistyped("logic", value, hint='Logic looks like {"var": "state.found"}.')


def operation(value: dict[str, Json]) -> Sequence[Fault]:
    """A mapping where data of other types may stand, too, so that it is not taken for logic by its place."""
    if len(value) != 1:
        message = f"logic is a mapping of one operator, not of {len(value)} keys"
        return (Fault("not-logic", message),)
    (name,) = value
    if name in OPERATORS:
        return FINE
    hint = did_you_mean(name[:80], OPERATORS, label="Operators")
    return (Fault("unknown-operator", f"no operator {name!r:.80}", hint),)
