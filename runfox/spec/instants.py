"""Instants as authors write them: ISO 8601 with an offset or ``Z``, or a number of seconds since 1970."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from runfox.values import Json

LAST: Final = 253_402_300_799
"""The last second of the year 9999, counted from 1970."""

_MOMENT = (
    "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"  # no zone
)
TEXT: Final = rf"^{_MOMENT}(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})$"

_text = re.compile(TEXT[:-1] + r"\Z")
_without_zone = re.compile(_MOMENT + r"\Z")
_date = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_FORMS = (
    "Write it like 2026-11-20T06:00:00Z or 2026-11-20T07:00:00+01:00, or as seconds since 1970."
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse(value: Json) -> datetime:
    """Return the moment that a value of a workflow stands for: aware UTC, in whole milliseconds.

    Raises:
        ValueError: It is none, has no offset, or lies outside the years 1970 to 9999. The message names the
            way out.
    """
    if type(value) is str:
        return _of_text(value)
    if type(value) not in (int, float):
        raise ValueError(f"{value!r:.40} is no instant. {_FORMS}")
    if not 0 <= value <= LAST:
        raise ValueError(
            f"{value} is no number of seconds from 1970 to 9999; is it in milliseconds?"
        )
    return _EPOCH + timedelta(milliseconds=int(value * 1000))


def _of_text(text: str) -> datetime:
    if not _text.match(text):
        raise ValueError(_refusal(text))
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r:.40} is not in the calendar") from None
    if moment < _EPOCH:
        raise ValueError(f"{text!r:.40} is before 1970")
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _refusal(text: str) -> str:
    if _date.match(text):
        return f"{text!r} is a date alone. Add the time and the offset: {text}T06:00:00Z."
    if _without_zone.match(text):
        return f"{text!r} has no offset from UTC. Add Z for UTC, or an offset like +01:00."
    return f"{text!r:.40} is no instant. {_FORMS}"
