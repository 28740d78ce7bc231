"""What databases keep of a job's terms: its bounds in milliseconds, what follows from them, and their text."""

from math import ceil
from typing import Any, NamedTuple

from runfox.results import TERMS, Terms
from runfox.values import parse


class Reckoned(NamedTuple):
    """The columns that are reckoned from terms. All are None where nothing is bounded."""

    wait_ms: int | None = None
    attempt_ms: int | None = None
    heartbeat_ms: int | None = None
    taken_at: int | None = None
    expires_at: int | None = None


PLAIN = Reckoned()
"""Those of a job that nothing was said about."""


def reckoned(terms: Terms, now: int, *, taken: bool) -> Reckoned:
    """Return the columns of a job that begins to wait then, or that is taken then."""
    wait, attempt, heartbeat = map(_ms, (terms.wait, terms.attempt, terms.heartbeat))
    bounds = [ms for ms in ((attempt, heartbeat) if taken else (wait,)) if ms is not None]
    return Reckoned(
        wait,
        attempt,
        heartbeat,
        now if taken else None,
        now + min(bounds) if bounds else None,
    )


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else ceil(seconds * 1000)


def terms_of(stored: str | None) -> Terms:
    """Return terms from their text; None stands for those that nothing was said about."""
    if stored is None:
        return TERMS
    fields: list[Any] = parse(stored)
    *others, secrets = fields
    return Terms._make((*others, tuple((tuple(path), name) for path, name in secrets)))
