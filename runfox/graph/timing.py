"""When a failed attempt is tried again: arithmetic on given times, with chance derived from names."""

from datetime import datetime, timedelta
from hashlib import blake2b

from runfox.spec.model import Retry


def retry_delay(policy: Retry, failures: int, seed: str) -> timedelta:
    """Return how long to wait after the ``failures``-th failure that the policy accepted (1 or more).

    Exponential backoff with a cap: ``min(max_delay, delay * backoff ** (failures - 1))``, shortened by up
    to ``jitter`` of itself. The share is a hash of ``seed``, so a record and its events give the same delay
    everywhere. Shortened, not stretched: ``max_delay`` stays the most that anybody waits.
    """
    first, longest = policy.delay.total_seconds(), policy.max_delay.total_seconds()
    try:
        seconds = min(longest, first * policy.backoff ** (failures - 1))
    except OverflowError:
        seconds = longest if first else 0.0
    if policy.jitter:
        share = int.from_bytes(blake2b(seed.encode(), digest_size=4).digest(), "big") / 2**32
        seconds *= 1 - policy.jitter * share
    return timedelta(milliseconds=round(seconds * 1000))


def due_after(now: datetime, delay: timedelta) -> datetime:
    """Return the moment a delay from now, or the last one there is where the calendar ends."""
    try:
        return now + delay
    except OverflowError:
        return datetime.max.replace(tzinfo=now.tzinfo)
