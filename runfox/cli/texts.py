"""Data on its way to a terminal or a pipe: nothing in it may act on either."""

import json
import re
from datetime import datetime, timedelta

from runfox.values import Json

# Control characters but for tab and newline, marks of direction, and halves of pairs, which no
# encoding takes. Inside of JSON the replacement means what it replaces.
_ACTS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def harmless(text: str) -> str:
    """Return a text with everything that a terminal would obey written as ``\\u001b``."""
    return _ACTS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def pretty(value: Json) -> str:
    """Return a value as JSON for people, which is also JSON for programs."""
    return harmless(json.dumps(value, ensure_ascii=False, indent=2))


def machine(value: Json) -> str:
    """Return a value as JSON in ASCII."""
    return json.dumps(value, indent=2)


def seconds(value: float) -> str:
    """Return a duration as people say it: ``0.31s``, ``4.2s``, ``3m05s``, ``2h07m``."""
    if value < 1:
        return f"{max(0.0, value):.2f}s"
    if value < 60:
        return f"{value:.1f}s"
    minutes, left = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes}m{left:02}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02}m"


def ticking(value: float) -> str:
    """Return a duration that still grows: to a tenth of a second, so that the last digit can be read."""
    return f"{max(0.0, value):.1f}s" if value < 1 else seconds(value)


def clock(at: datetime, now: datetime) -> str:
    """Return a moment as a clock here shows it, with the date unless that is today."""
    local = at.astimezone()
    if local.date() == now.astimezone().date():
        return f"{local:%H:%M:%S}"
    return f"{local:%Y-%m-%d %H:%M:%S}"


def count(number: int, word: str) -> str:
    """Return ``1 step`` or ``14 steps``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def since(begin: datetime | None, end: datetime) -> str:
    """Return how long it took from one moment to another, as people say it."""
    return seconds((end - begin) / timedelta(seconds=1)) if begin is not None else seconds(0)
