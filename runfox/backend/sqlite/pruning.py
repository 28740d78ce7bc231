"""Forgetting executions of a SQLite database that ended long ago."""

import sqlite3
from datetime import datetime

from runfox.backend.codec import milliseconds
from runfox.backend.sqlite.database import Database

# The newest moment of the families of callers that ended before: those of which all have ended before it.
_FAMILIES = """
    SELECT execution_id FROM executions AS caller
    WHERE root IS NULL AND ended_at < ?1 AND NOT EXISTS (
      SELECT 1 FROM executions AS called
      WHERE called.root = caller.execution_id AND (called.ended_at IS NULL OR called.ended_at >= ?1)
    )
    ORDER BY ended_at LIMIT ?2
"""

_MEMBERS = """
    SELECT number, execution_id FROM executions WHERE root = ?1 AND execution_id <> ?1
    UNION ALL SELECT number, execution_id FROM executions WHERE execution_id = ?1
"""

_BY_NUMBER = ("facts", "snapshots")
_BY_ID = ("jobs", "inbox", "slots", "slot_starts", "slot_waits", "executions")


class SqlitePruning:
    """``Prunes`` and ``Compacts`` of a store."""

    _database: Database

    def compact(self) -> None:
        self._database.compact()

    def prune(self, before: datetime, limit: int = 100) -> list[str]:
        at = milliseconds(before)
        found = [row[0] for row in self._database.rows(_FAMILIES, (at, limit))]
        return [gone for root in found for gone in self._prune(root, at)]

    def _prune(self, root: str, at: int) -> list[str]:
        with self._database.writing() as connection:
            # Again, inside: an operator may have opened one of them meanwhile.
            if not _is_over(connection, root, at):
                return []
            members = connection.execute(_MEMBERS, (root,)).fetchall()
            for number, execution_id in members:
                for table in _BY_NUMBER:
                    connection.execute(f"DELETE FROM {table} WHERE execution = ?", (number,))  # noqa: S608
                for table in _BY_ID:
                    connection.execute(
                        f"DELETE FROM {table} WHERE execution_id = ?",  # noqa: S608
                        (execution_id,),
                    )
        return [execution_id for _, execution_id in members]


def _is_over(connection: sqlite3.Connection, root: str, at: int) -> bool:
    row = connection.execute(
        "SELECT count(*) = count(ended_at) AND max(ended_at) < ?2 FROM executions"
        " WHERE execution_id = ?1 OR root = ?1",
        (root, at),
    ).fetchone()
    return bool(row[0])
