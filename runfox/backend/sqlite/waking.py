"""Hearing that another process has written to a SQLite file."""

from threading import local
from time import monotonic, sleep

from runfox.backend.sqlite.database import Database

SHORTEST, LONGEST = 0.001, 0.02
"""Seconds between two looks, at least and at most. A look costs about 10 microseconds."""

SHARE = 0.01


def pause_after(quiet: float) -> float:
    """Return for how long not to look at a file that nothing was written to for so many seconds.

    A hundredth of that: so whatever its rhythm, polling makes a conversation of processes 1 % slower at most,
    and costs an idle one next to nothing.
    """
    return min(LONGEST, max(SHORTEST, quiet * SHARE))


class Waking:
    """``Wakes`` of whatever lives in a file."""

    _database: Database

    def __init__(self) -> None:
        self._seen = local()

    def wait(self, timeout: float) -> None:
        """Return when another connection has written since this thread's last wait, or the time is over."""
        seen = self._seen
        now = monotonic()
        until, since = now + timeout, getattr(seen, "at", now)
        while self._version() == getattr(seen, "version", None):
            now = monotonic()
            if now >= until:
                seen.at = since
                return
            sleep(min(pause_after(now - since), until - now))
        seen.version, seen.at = self._version(), monotonic()

    def _version(self) -> int:
        version: int = self._database.rows("PRAGMA data_version")[0][0]
        return version
