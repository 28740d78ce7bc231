"""Bringing what is in the write-ahead log over into the database: when, and with whom locked out.

SQLite would do so by itself, at the end of whatever commit finds the log long. Two things speak against that.
If it fails there, the commit is answered with an error though it is durable. And before SQLite 3.51.3 (3.50.7,
3.44.6) such a checkpoint does not notice that another connection begins the log anew just as it starts: later
ones then leave out pages, and the database is damaged. Nobody can begin the log anew while the lock for writing
is held.
"""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

COMMITS = 200
"""After how many commits a process brings over. At about five pages each, it is as often as SQLite would."""

GROWN = 4 * 1024 * 1024
"""Bytes by which the log may grow before that."""


class Checkpoints:
    """Decides when one process brings over what is in the log of one database, and does."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._log = Path(f"{path}-wal")
        self._commits = 0
        self._size = 0

    def committed(self, connection: sqlite3.Connection) -> None:
        """Count a commit, and bring over if it is time. Never raises: what stays in the log is as safe there."""
        self._commits += 1
        size = self._length()
        if self._commits >= COMMITS or size > self._size + GROWN:
            self._commits, self._size = 0, size
            with suppress(sqlite3.Error):
                self.bring_over(connection)

    def _length(self) -> int:
        """Return the size of the log's file, which is that of the longest there was."""
        try:
            return self._log.stat().st_size
        except OSError:
            return 0

    def bring_over(self, connection: sqlite3.Connection) -> None:
        """Bring over what is in the log, by way of a connection that is in no transaction."""
        # A connection cannot do so within a transaction of its own, so another does while this one has the lock.
        connection.execute("BEGIN IMMEDIATE")
        try:
            with closing(_another(self._path)) as other:
                other.execute("PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            connection.execute("ROLLBACK")


def _another(path: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{Path(path).as_uri()}?mode=rw", uri=True, isolation_level=None)
