"""Slots of limits in a SQLite database. All of it happens in the transaction of a commit."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from runfox.backend import keys
from runfox.backend.codec import milliseconds, moment
from runfox.backend.protocols import Claim, Commit
from runfox.backend.slot_changes import Holder, SlotOrder
from runfox.backend.slots import SHOWN, Standing, full, longest, told
from runfox.backend.sqlite.inbox import put_if_there

_RUN = "execution_id = ? AND step = ? AND run_id = ?"

HOLDERS = "SELECT execution_id, step, run_id FROM slots WHERE key = ? ORDER BY taken_at LIMIT ?"

_WAIT = """
    INSERT INTO slot_waits (key, execution_id, step, run_id, number, max)
    VALUES (?1, ?2, ?3, ?4, 1 + coalesce((SELECT max(number) FROM slot_waits WHERE key = ?1), 0), ?5)
    ON CONFLICT DO UPDATE SET max = excluded.max
"""

_CLAIMED = f"DELETE FROM slot_waits WHERE key = ? AND {_RUN}"  # noqa: S608 - no value of anybody's

_NEXT = """
    SELECT execution_id, max FROM slot_waits JOIN executions USING (execution_id)
    WHERE key = ? AND status <> 'paused' ORDER BY slot_waits.number LIMIT ? OFFSET ?
"""


class SlotChange(SlotOrder):
    """The rows of slots in a SQLite database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__()
        self._connection = connection

    def tell(self, token: str) -> None:
        """Tell those who wait of the slots that are free now."""
        for message in self.messages(token):
            put_if_there(self._connection, message)

    def _stored(self, key: str) -> str:
        return keys.written(key)

    def _mark(self, execution_id: str) -> None:
        self._connection.execute(
            "UPDATE executions SET slotted = 1 WHERE execution_id = ? AND NOT slotted",
            (execution_id,),
        )

    # Freeing ----------------------------------------------------------------------------------------

    def _free(self, holder: Holder) -> None:
        for table in ("slots", "slot_waits"):
            self._leave(f"DELETE FROM {table} WHERE {_RUN} RETURNING key", holder)  # noqa: S608

    def _end(self, execution_id: str) -> None:
        for table in ("slots", "slot_waits"):
            delete = f"DELETE FROM {table} WHERE execution_id = ? RETURNING key"  # noqa: S608
            self._leave(delete, (execution_id,))

    def _pass_on(self, execution_id: str) -> None:
        self._leave("SELECT key FROM slot_waits WHERE execution_id = ?", (execution_id,))

    def _leave(self, sql: str, parameters: tuple[str | int, ...]) -> None:
        self._left.update(row[0] for row in self._connection.execute(sql, parameters).fetchall())

    # Claiming ---------------------------------------------------------------------------------------

    def _forget(self, at: datetime) -> None:
        self._connection.execute(
            "DELETE FROM slot_starts WHERE counts_until <= ?", (milliseconds(at),)
        )

    def _holders(self, key: str) -> list[Holder]:
        return self._connection.execute(HOLDERS, (key, SHOWN)).fetchall()

    def _take(self, commit: Commit, key: str, claim: Claim) -> bool:
        holder = (commit.execution_id, claim.step, claim.run_id)
        at = milliseconds(commit.at)
        self._connection.execute(_CLAIMED, (key, *holder))
        cursor = self._connection.execute(
            "INSERT OR IGNORE INTO slots (key, execution_id, step, run_id, taken_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (key, *holder, at),
        )
        if not cursor.rowcount:
            return False
        if claim.per is not None:
            self._connection.execute(
                "INSERT OR IGNORE INTO slot_starts (key, execution_id, step, run_id, at, counts_until)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (key, *holder, at, milliseconds(commit.at + claim.per)),
            )
        return True

    def _standing(self, key: str, claims: Iterable[Claim], at: datetime) -> Standing:
        per = longest(claims)
        starts = []
        if per is not None:
            starts = self._connection.execute(
                "SELECT at FROM slot_starts WHERE key = ? AND at > ? ORDER BY at",
                (key, milliseconds(at - per)),
            ).fetchall()
        return Standing(self._held(key), [moment(row[0]) for row in starts])

    def _held(self, key: str) -> int:
        sql = "SELECT count(*) FROM slots WHERE key = ?"
        return int(self._connection.execute(sql, (key,)).fetchone()[0])

    # Waiting ----------------------------------------------------------------------------------------

    def _wait(self, commit: Commit, claim: Claim) -> None:
        key = keys.written(claim.key)
        row = (key, commit.execution_id, claim.step, claim.run_id, claim.max)
        self._connection.execute(_WAIT, row)
        if full([claim], self._standing(key, [claim], commit.at), commit.at) is None:
            self._told.append((commit.execution_id, key))

    def _next(self, key: str, left: int) -> list[tuple[str, str]]:
        first = self._connection.execute(_NEXT, (key, 1, 0)).fetchone()
        if first is None or first[1] is None:
            return []
        ranks = told(first[1] - self._held(key), left)
        rows = self._connection.execute(_NEXT, (key, len(ranks), ranks.start)).fetchall()
        return [(execution_id, key) for execution_id, _ in rows]
