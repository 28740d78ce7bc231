"""Time that stands still until it is told to move."""

from datetime import datetime, timedelta
from threading import Lock

from runfox.testing.builders import NOW


class FakeClock:
    """A clock to give to a store or a runner in place of the host's. Moments are aware UTC."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now
        self._lock = Lock()

    def __call__(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        """Let time go on."""
        with self._lock:
            self._now += by
