"""Slots of limits in a SQLite database. All of it happens in the transaction of a commit."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from runfox.backend import keys
from runfox.backend.codec import milliseconds, moment
from runfox.backend.messages import slot_message
from runfox.backend.protocols import Claim, Commit, Full
from runfox.backend.slots import SHOWN, Standing, full, longest, told
from runfox.backend.sqlite.inbox import put_if_there
from runfox.errors import SlotsFull
from runfox.status import WorkflowStatus

Holder = tuple[str, str, int]

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


class SlotChange:
    """What a transaction does to slots: that of a commit, and of the executions that it starts."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._left: Counter[str] = Counter()
        self._told: list[tuple[str, str]] = []

    def make(self, commit: Commit) -> None:
        """Free, give, and note who waits. Raises ``SlotsFull``: the transaction has to be undone."""
        status = commit.record.status
        if status.ended:
            self._end(commit.execution_id)
            return
        for run in commit.freed:
            self._free((commit.execution_id, *run))
        if commit.claims:
            self._claim(commit)
        for claim in commit.waits:
            self._wait(commit, claim)
        if status is WorkflowStatus.PAUSED:
            self._pass_on(commit.execution_id)
        if commit.claims or commit.waits:
            self._connection.execute(
                "UPDATE executions SET slotted = 1 WHERE execution_id = ? AND NOT slotted",
                (commit.execution_id,),
            )

    def tell(self, token: str) -> None:
        """Tell those who wait of the slots that are free now."""
        for key, left in self._left.items():
            self._told += self._next(key, left)
        for number, (execution_id, key) in enumerate(self._told):
            message = slot_message(execution_id, keys.read(key), token, number)
            put_if_there(self._connection, message)

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

    def _claim(self, commit: Commit) -> None:
        self._connection.execute(
            "DELETE FROM slot_starts WHERE counts_until <= ?", (milliseconds(commit.at),)
        )
        by_key: dict[str, list[Claim]] = {}
        for claim in commit.claims:
            by_key.setdefault(claim.key, []).append(claim)
        missing = {}
        for key, claims in by_key.items():
            lacking = self._give(commit, keys.written(key), claims)
            if lacking is not None:
                missing[key] = lacking
        if missing:
            raise SlotsFull(missing)

    def _give(self, commit: Commit, key: str, claims: list[Claim]) -> Full | None:
        """Give out the slots of a key, as if there were enough; return why there are not."""
        standing = self._standing(key, claims, commit.at)
        before = self._connection.execute(HOLDERS, (key, SHOWN)).fetchall()
        new = [claim for claim in claims if self._take(commit, key, claim)]
        lacking = full(new, standing, commit.at)
        return None if lacking is None else lacking._replace(holders=tuple(before))

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
