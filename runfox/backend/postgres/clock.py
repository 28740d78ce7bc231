"""The server's time, without asking for it each time."""

from datetime import datetime
from threading import Lock
from time import monotonic

from runfox.backend.codec import moment
from runfox.backend.postgres.database import Database
from runfox.errors import StoreError

FRESH = 30.0
"""Seconds after which the server is asked again: until then, two clocks do not come far apart."""


class ServerClock:
    """The time of a server as this process knows it: never ahead of it, and never going back.

    What the server said is taken for the moment at which its answer came, so what is due here is due there.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._base = 0
        self._asked: float | None = None
        self._last = 0

    def __call__(self) -> datetime:
        passed = monotonic()
        if self._asked is None or passed - self._asked > FRESH:
            self._ask()
            passed = monotonic()
        asked = self._asked
        assert asked is not None
        ms = self._base + int((passed - asked) * 1000)
        ms = max(ms, self._last)
        self._last = ms
        return moment(ms)

    def _ask(self) -> None:
        try:
            ms = self._database.rows(
                "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
            )[0][0]
        except StoreError:
            # What it said last is still good: what needs the server will hear of it soon enough.
            if self._asked is None:
                raise
            return
        with self._lock:
            self._base, self._asked = ms, monotonic()
