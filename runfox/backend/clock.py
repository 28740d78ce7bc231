"""The time of this host, as stores without a clock of their own use it."""

from datetime import UTC, datetime
from time import time_ns


def utc_now() -> datetime:
    """Return the present moment in UTC, in whole milliseconds, which is what stores keep."""
    return datetime.fromtimestamp(time_ns() // 1_000_000 / 1000, UTC)
