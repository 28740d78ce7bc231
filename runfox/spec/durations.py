"""Durations as authors write them: ``250ms 30s 5m 2h 1d``, together ``1h30m``, ISO 8601, or seconds."""

import re
from datetime import timedelta
from functools import lru_cache
from math import isfinite
from typing import Final

from runfox.values import Json

LONGEST: Final = timedelta(days=36_500)
"""Further away, a moment could leave the calendar."""

_N = r"([0-9]{1,12}(?:\.[0-9]{1,9})?)"
# Each unit at most once, the larger first.
SHORT: Final = rf"^(?=.)(?:{_N}d)?(?:{_N}h)?(?:{_N}m(?!s))?(?:{_N}s)?(?:{_N}ms)?$"
ISO: Final = rf"^P(?=.)(?:{_N}W|(?:{_N}D)?(?:T(?=.)(?:{_N}H)?(?:{_N}M)?(?:{_N}S)?)?)$"

_short = re.compile(SHORT[:-1] + r"\Z")
_iso = re.compile(ISO[:-1] + r"\Z")
_CALENDAR = re.compile(r"P[0-9.]*[0-9](?:Y|M)")
_FORMS = "Write it like 250ms, 30s, 5m, 2h, 1d or 1h30m, as PT1H30M, or as a number of seconds."
_MICROSECONDS = (("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000))


def parse(value: Json) -> timedelta:
    """Return the duration that a value of a workflow stands for.

    Raises:
        ValueError: It is none, is negative, or is longer than 36,500 days. The message names the way out.
    """
    if type(value) is str:
        return _within(_of_text(value), value)
    if type(value) in (int, float):
        if value < 0:
            raise ValueError(f"a duration cannot be negative: {value}")
        if not isfinite(value) or value > LONGEST.total_seconds():
            raise ValueError(f"{value} s is longer than {LONGEST.days:,} days")
        return timedelta(seconds=value)
    raise ValueError(f"{value!r:.40} is no duration. {_FORMS}")


@lru_cache(maxsize=256)
def _of_text(text: str) -> timedelta:
    found = _short.match(text)
    if found:
        days, hours, minutes, seconds, milliseconds = (float(part or 0) for part in found.groups())
        return _sum(days, hours, minutes, seconds, milliseconds)
    found = _iso.match(text)
    if found:
        weeks, days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
        return _sum(weeks * 7 + days, hours, minutes, seconds, 0)
    raise ValueError(_refusal(text))


def _sum(
    days: float, hours: float, minutes: float, seconds: float, milliseconds: float
) -> timedelta:
    try:
        return timedelta(
            days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds
        )
    except OverflowError:
        return timedelta.max


def _within(duration: timedelta, text: str) -> timedelta:
    if duration > LONGEST:
        raise ValueError(f"{text} is longer than {LONGEST.days:,} days")
    return duration


def _refusal(text: str) -> str:
    if _CALENDAR.match(text):
        return f"{text!r:.40}: years and months have no fixed length. Use days, like P30D or 30d."
    if text.lstrip().startswith("-"):
        return f"a duration cannot be negative: {text!r:.40}"
    return f"{text!r:.40} is no duration. {_FORMS}"


def text(duration: timedelta) -> str:
    """Return the shortest text that ``parse`` reads as this duration: ``1h30m``, ``250ms``, ``0s``."""
    left = duration // timedelta(microseconds=1)
    if left < 0:
        raise ValueError(f"a duration cannot be negative: {duration}")
    parts = []
    for unit, size in _MICROSECONDS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    if left:
        parts.append(f"{left / 1000:g}ms")
    return "".join(parts) or "0s"
