"""The time of this host, as stores without a clock of their own use it."""

from datetime import UTC, datetime, timedelta
from time import time_ns

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc_now() -> datetime:
    """Return the present moment in UTC, in whole milliseconds, which is what stores keep."""
    return _EPOCH + timedelta(milliseconds=time_ns() // 1_000_000)
