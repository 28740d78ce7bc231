"""Hearing that another process has written to a SQLite file."""

from threading import local
from time import monotonic, sleep

from runfox.backend.sqlite.database import Database


class Waking:
    """``Wakes`` of whatever lives in a file."""

    _database: Database

    def __init__(self) -> None:
        self._seen = local()

    def wait(self, timeout: float) -> None:
        """Poll for a change by another connection: at first every millisecond, then less often, to 50."""
        until = monotonic() + timeout
        pause = 0.001
        while self._version() == getattr(self._seen, "version", None):
            left = until - monotonic()
            if left <= 0:
                return
            sleep(min(pause, left))
            pause = min(pause * 1.5, 0.05)
        self._seen.version = self._version()

    def _version(self) -> int:
        version: int = self._database.rows("PRAGMA data_version")[0][0]
        return version
