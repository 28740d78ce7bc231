"""Durations, instants, and what is made of them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from runfox.spec import durations, instants
from runfox.spec.forms import rate_parts, share_of
from runfox.spec.kinds.faults import FINE, Fault, mistyped
from runfox.spec.kinds.plain import items, operation, outside, unknown_word
from runfox.spec.limits import MAX_ITEMS
from runfox.spec.modifiers import PRESETS
from runfox.values import Json


def duration(value: Json) -> Sequence[Fault]:
    return _parsed(durations.parse, "bad-duration", value)


def instant(value: Json) -> Sequence[Fault]:
    return _parsed(instants.parse, "bad-instant", value)


def _parsed(
    parse: Callable[[Json], timedelta | datetime], code: str, value: Json
) -> Sequence[Fault]:
    try:
        parse(value)
    except ValueError as fault:
        return (Fault(code, str(fault)),)
    return FINE


def span(value: Json) -> Sequence[Fault]:
    """A duration that is not nothing."""
    faults = duration(value)
    if not faults and not durations.parse(value):
        return (Fault("out-of-range", "a duration of nothing leaves no time for anything"),)
    return faults


def interval(value: Json) -> Sequence[Fault]:
    """A duration of a second or more."""
    faults = duration(value)
    if not faults and durations.parse(value) < _SHORTEST:
        return (Fault("out-of-range", "at least a second is expected here"),)
    return faults


_SHORTEST = timedelta(seconds=1)


def delay(value: Json) -> Sequence[Fault]:
    """A duration, or logic that gives one."""
    return operation(value) if type(value) is dict else duration(value)


def moment(value: Json) -> Sequence[Fault]:
    """An instant, or logic that gives one."""
    return operation(value) if type(value) is dict else instant(value)


def timeout(value: Json) -> Sequence[Fault]:
    """A duration, or a mapping of several."""
    return FINE if type(value) is dict else span(value)


def retry(value: Json) -> Sequence[Fault]:
    """A policy, a list of policies, or the name of one."""
    if type(value) is dict:
        return FINE
    if type(value) is list:
        return items(value)
    if type(value) is str:
        return FINE if value in PRESETS else unknown_word(value, tuple(PRESETS))
    return mistyped("a retry policy, a list of them or the name of one", value)


def rate(value: Json) -> Sequence[Fault]:
    try:
        rate_parts(value)
    except ValueError as fault:
        return (Fault("bad-rate", str(fault), "Write it like 100/1m: so many in so long."),)
    return FINE


def tolerance(value: Json) -> Sequence[Fault]:
    if type(value) is str:
        if share_of(value) is not None:
            return FINE
        hint = "Write a number of items, or a share of them from 0% to 100%."
        return (Fault("wrong-type", f"{value!r:.40} is no share", hint),)
    if type(value) is int or (type(value) is float and value.is_integer()):
        return FINE if 0 <= value <= MAX_ITEMS else outside(value, 0, MAX_ITEMS)
    return mistyped("a number of items or a share of them", value, hint="Write a share like 5%.")
