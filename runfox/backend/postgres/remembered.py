"""What a PostgreSQL database remembers beside executions: outputs, and what was done when."""

from collections.abc import Iterable
from datetime import datetime

from runfox.backend import keys
from runfox.backend.codec import milliseconds, moment
from runfox.backend.postgres.database import Connection, Database, fetched
from runfox.backend.protocols import CacheEntry, Clock
from runfox.values import Json, parse, text

# In the order of their keys, so that two who remember the same do not wait for each other.
_CACHE = """
    INSERT INTO cache (workflow_id, step, key, output, until)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
    ORDER BY 1, 2, 3
    ON CONFLICT (workflow_id, step, key) DO UPDATE SET output = excluded.output, until = excluded.until
"""

_RECALL = """
    SELECT output FROM cache WHERE workflow_id = $1 AND step = $2 AND key = $3 AND (until IS NULL OR until > $4)
"""

# What another transaction is at just now is left to it.
_FORGET = """
    DELETE FROM cache WHERE (workflow_id, step, key) IN (
      SELECT workflow_id, step, key FROM cache WHERE until <= $1 FOR UPDATE SKIP LOCKED
    )
"""


def stored(key: str) -> str:
    """Return a key as it is looked for."""
    return keys.short(keys.written(key))


def cache(connection: Connection, entries: Iterable[CacheEntry], now: int) -> None:
    """Remember outputs, in the caller's transaction, and forget those that are past their time."""
    connection.execute(_FORGET, (now,))
    # The last of a key counts.
    rows = {
        (entry.workflow_id, entry.step, stored(entry.key)): (
            text(entry.output),
            None if entry.until is None else milliseconds(entry.until),
        )
        for entry in entries
    }
    columns = zip(*[(*key, *value) for key, value in rows.items()], strict=True)
    connection.execute(_CACHE, [list(column) for column in columns])


class PostgresRemembered:
    """``Caches``, ``Fired`` and ``Notes`` of a store."""

    _database: Database
    now: Clock

    def recall(self, workflow_id: str, step: str, key: str) -> dict[str, Json] | None:
        values = (workflow_id, step, stored(key), milliseconds(self.now()))
        rows = self._database.rows(_RECALL, values)
        return parse(rows[0][0]) if rows else None

    def fired(self, schedule: str) -> datetime | None:
        rows = self._database.rows("SELECT at FROM fired WHERE schedule = $1", (stored(schedule),))
        return moment(rows[0][0]) if rows else None

    def fire(self, schedule: str, before: datetime | None, now: datetime) -> bool:
        key, at = stored(schedule), milliseconds(now)
        if before is None:
            sql = "INSERT INTO fired (schedule, at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING at"
            values: tuple[str | int, ...] = (key, at)
        else:
            sql = "UPDATE fired SET at = $2 WHERE schedule = $1 AND at = $3 RETURNING at"
            values = (key, at, milliseconds(before))
        return bool(self._database.run(lambda connection: fetched(connection, sql, values)))

    def note(self, name: str) -> None:
        values = (stored(name), milliseconds(self.now()))
        self._database.run(
            lambda connection: connection.execute(
                "INSERT INTO noted (name, at) VALUES ($1, $2)"
                " ON CONFLICT (name) DO UPDATE SET at = excluded.at",
                values,
            )
        )

    def noted(self, name: str) -> datetime | None:
        rows = self._database.rows("SELECT at FROM noted WHERE name = $1", (stored(name),))
        return moment(rows[0][0]) if rows else None
