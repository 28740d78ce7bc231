"""Whether a cron expression and its time zone can be used. What they mean is for ``runfox.schedule``."""

from datetime import UTC, datetime, tzinfo
from difflib import get_close_matches
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from runfox.errors import MissingExtra

FIELDS: Final = (
    ("minute", "0 to 59"),
    ("hour", "0 to 23"),
    ("day of month", "1 to 31, or L for the last"),
    ("month", "1 to 12, or JAN to DEC"),
    ("day of week", "0 to 7, or SUN to SAT"),
)
MAX_LENGTH: Final = 200

_SHORT: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * SUN",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
# Any moment would do: what fires at all does so within fifty years of it.
_START: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - times of a wall clock have no zone


def problem(expression: str, tz: str) -> str | None:
    """Return what is wrong with a five-field cron expression or with its time zone; None if all is right.

    Wrong is also what never fires, such as the 30th of February. Raises ``MissingExtra``.
    """
    try:
        zone(tz)
        _try(expression)
    except ValueError as reason:
        return str(reason)
    return None


def zone(tz: str) -> tzinfo:
    """Return a time zone by its name, such as ``Europe/London``. Raises ``ValueError`` if there is none."""
    if tz == "UTC":
        return UTC
    try:
        return ZoneInfo(tz)
    except (KeyError, ValueError, OSError):  # a folder of zones is an OSError
        known = available_timezones()
    if not known:
        raise ValueError(
            f"no time zone {tz!r:.80}: this machine has no zones at all. Install them with: pip install tzdata"
        )
    near = get_close_matches(tz[:80], known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else "Zones have names like Europe/London, or UTC."
    raise ValueError(f"no time zone {tz!r:.80}. {hint}")


def times(expression: str, after: datetime) -> Any:
    """Return an iterator of the times of a wall clock at which an expression fires, after one of these times.

    It ends where nothing follows within fifty years. ``ValueError`` for what is no expression.
    """
    library = _library()
    try:
        return library.CronSim(expression, after)
    except (library.CronSimError, AssertionError) as error:
        raise ValueError(str(error)) from None


def _library() -> Any:
    try:
        import cronsim
    except ImportError:
        raise MissingExtra("a cron expression", "schedule") from None
    return cronsim


def _try(expression: str) -> None:
    if len(expression) > MAX_LENGTH:
        raise ValueError(f"a cron expression has {MAX_LENGTH} characters at most")
    fields = expression.split()
    if expression.strip().lower() in _SHORT:
        raise ValueError(
            f"{expression} is not supported; write {_SHORT[expression.strip().lower()]}"
        )
    if len(fields) != len(FIELDS):
        raise ValueError(
            f"{expression!r} has {len(fields)} fields, not five: {', '.join(name for name, _ in FIELDS)}"
        )
    for position, ((name, allowed), field) in enumerate(zip(FIELDS, fields, strict=True)):
        alone = ["*"] * len(FIELDS)
        alone[position] = field
        try:
            times(" ".join(alone), _START)
        except ValueError:
            raise ValueError(f"{field!r} is no {name} ({allowed})") from None
    try:
        first = next(times(expression, _START), None)
    except ValueError:
        first = None
    if first is None:
        raise ValueError(f"{expression!r} never fires: no date is like that")
