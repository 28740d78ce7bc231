"""What a SQLite database remembers beside executions: outputs for steps that ask again, and what schedules did."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from runfox.backend import keys
from runfox.backend.codec import milliseconds, moment
from runfox.backend.protocols import CacheEntry, Clock
from runfox.backend.sqlite.database import Database
from runfox.values import Json, parse, text


def cache(connection: sqlite3.Connection, entries: Iterable[CacheEntry], now: int) -> None:
    """Remember outputs, in the caller's transaction, and forget those that are past their time."""
    connection.execute("DELETE FROM cache WHERE until <= ?", (now,))
    connection.executemany(
        "INSERT OR REPLACE INTO cache (workflow_id, step, key, output, until) VALUES (?, ?, ?, ?, ?)",
        [
            (
                entry.workflow_id,
                entry.step,
                keys.written(entry.key),
                text(entry.output),
                None if entry.until is None else milliseconds(entry.until),
            )
            for entry in entries
        ],
    )


class SqliteRemembered:
    """``Caches``, ``Fired`` and ``Notes`` of a store."""

    _database: Database
    now: Clock

    def recall(self, workflow_id: str, step: str, key: str) -> dict[str, Json] | None:
        rows = self._database.rows(
            "SELECT output FROM cache WHERE workflow_id = ? AND step = ? AND key = ?"
            " AND (until IS NULL OR until > ?)",
            (workflow_id, step, keys.written(key), milliseconds(self.now())),
        )
        return parse(rows[0][0]) if rows else None

    def fired(self, schedule: str) -> datetime | None:
        rows = self._database.rows(
            "SELECT at FROM fired WHERE schedule = ?", (keys.written(schedule),)
        )
        return moment(rows[0][0]) if rows else None

    def fire(self, schedule: str, before: datetime | None, now: datetime) -> bool:
        key, at = keys.written(schedule), milliseconds(now)
        with self._database.writing() as connection:
            if before is None:
                cursor = connection.execute("INSERT OR IGNORE INTO fired VALUES (?, ?)", (key, at))
            else:
                cursor = connection.execute(
                    "UPDATE fired SET at = ? WHERE schedule = ? AND at = ?",
                    (at, key, milliseconds(before)),
                )
            return cursor.rowcount > 0

    def note(self, name: str) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO noted (name, at) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET at = excluded.at",
                (keys.written(name), milliseconds(self.now())),
            )

    def noted(self, name: str) -> datetime | None:
        rows = self._database.rows("SELECT at FROM noted WHERE name = ?", (keys.written(name),))
        return moment(rows[0][0]) if rows else None
