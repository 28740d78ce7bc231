"""Forgetting executions of a PostgreSQL database that ended long ago."""

from datetime import datetime

from runfox.backend.codec import milliseconds
from runfox.backend.postgres.database import Connection, Database, fetched

# Callers that ended before, and all that they called.
_FAMILIES = """
    SELECT execution_id FROM executions AS caller
    WHERE root IS NULL AND ended_at < $1 AND NOT EXISTS (
      SELECT 1 FROM executions AS called
      WHERE called.root = caller.execution_id AND (called.ended_at IS NULL OR called.ended_at >= $1)
    )
    ORDER BY ended_at LIMIT $2
"""

# Callers last. Their rows are locked: nobody opens one of them again while they go.
_MEMBERS = """
    SELECT number, execution_id, coalesce(ended_at < $2, FALSE) FROM executions
    WHERE root = $1 OR execution_id = $1
    ORDER BY execution_id = $1, number FOR UPDATE
"""

_BY_NUMBER = ("facts", "snapshots")
_BY_ID = ("jobs", "inbox", "slots", "slot_starts", "slot_waits", "executions")


class PostgresPruning:
    """``Prunes`` of a store."""

    _database: Database

    def prune(self, before: datetime, limit: int = 100) -> list[str]:
        at = milliseconds(before)
        found = [row[0] for row in self._database.rows(_FAMILIES, (at, limit))]
        return [gone for root in found for gone in self._prune(root, at)]

    def _prune(self, root: str, at: int) -> list[str]:
        def prune(connection: Connection) -> list[str]:
            members = fetched(connection, _MEMBERS, (root, at))
            # Again, inside: an operator may have opened one of them meanwhile.
            if not all(over for _, _, over in members):
                return []
            numbers, ids = [row[0] for row in members], [row[1] for row in members]
            for table in _BY_NUMBER:
                sql = f"DELETE FROM {table} WHERE execution = ANY ($1::bigint[])"
                connection.execute(sql, (numbers,))
            for table in _BY_ID:
                sql = f"DELETE FROM {table} WHERE execution_id = ANY ($1::text[])"
                connection.execute(sql, (ids,))
            return ids

        return self._database.write(prune)
