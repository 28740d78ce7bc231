"""Slots of limits in a PostgreSQL database. All of it happens in the transaction of a commit.

Whoever counts the slots of a key, or looks who waits for one, has its lock: of two that see the same number free,
one would be wrong, and of one who begins to wait while another frees, nobody would tell.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from runfox.backend import keys
from runfox.backend.codec import milliseconds, moment
from runfox.backend.postgres.database import Connection, fetched
from runfox.backend.postgres.remembered import stored
from runfox.backend.protocols import Claim, Commit
from runfox.backend.slot_changes import Holder, SlotOrder
from runfox.backend.slots import SHOWN, Standing, full, longest, told

_RUN = "execution_id = $1 AND step = $2 AND run_id = $3"

HOLDERS = """
    SELECT execution_id, step, run_id FROM slots WHERE key = $1
    ORDER BY taken_at, execution_id, step, run_id LIMIT $2
"""

# There are 1024 locks: a transaction may concern more keys than the server has room for.
_LOCK = """
    SELECT pg_advisory_xact_lock(hashtext('runfox slots ' || current_schema()), place)
    FROM (SELECT DISTINCT hashtext(key) & 1023 AS place FROM unnest($1::text[]) AS key ORDER BY 1) AS places
"""

_CONCERNED = """
    SELECT key FROM slots WHERE execution_id = ANY ($1::text[])
    UNION SELECT key FROM slot_waits WHERE execution_id = ANY ($1::text[])
"""

_WAIT = """
    INSERT INTO slot_waits (key, execution_id, step, run_id, max, full_key) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (key, execution_id, step, run_id) DO UPDATE SET max = excluded.max
"""

_CLAIMED = (
    "DELETE FROM slot_waits WHERE execution_id = $1 AND step = $2 AND run_id = $3 AND key = $4"
)

_TAKE = """
    INSERT INTO slots (execution_id, step, run_id, key, taken_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING RETURNING key
"""

_START = """
    INSERT INTO slot_starts (execution_id, step, run_id, key, at, counts_until) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING
"""

# What another transaction is at just now is left to it.
_FORGET = """
    DELETE FROM slot_starts WHERE (key, at, execution_id, step, run_id) IN (
      SELECT key, at, execution_id, step, run_id FROM slot_starts WHERE counts_until <= $1
      FOR UPDATE SKIP LOCKED
    )
"""

_NEXT = """
    SELECT execution_id, max, full_key FROM slot_waits JOIN executions USING (execution_id)
    WHERE key = $1 AND status <> 'paused' ORDER BY slot_waits.number LIMIT $2 OFFSET $3
"""


class SlotChange(SlotOrder):
    """The rows of slots in a PostgreSQL database."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def make(self, commits: Sequence[Commit]) -> None:
        """Lock the keys that commits concern, and make their changes."""
        if self._lock(commits):
            for commit in commits:
                self.change(commit)

    def _lock(self, commits: Sequence[Commit]) -> bool:
        """Lock the keys that commits concern, in one order, and return whether there are any."""
        found = {stored(claim.key) for one in commits for claim in (*one.claims, *one.waits)}
        # Of an execution whose row is locked nobody else changes anything.
        concerned = [one.execution_id for one in commits if _leaves(one)]
        if concerned:
            found |= {row[0] for row in fetched(self._connection, _CONCERNED, (concerned,))}
        if found:
            self._connection.execute(_LOCK, (list(found),))
        return bool(found)

    def _stored(self, key: str) -> str:
        return stored(key)

    def _mark(self, execution_id: str) -> None:
        self._connection.execute(
            "UPDATE executions SET slotted = TRUE WHERE execution_id = $1 AND NOT slotted",
            (execution_id,),
        )

    # Freeing ----------------------------------------------------------------------------------------

    def _free(self, holder: Holder) -> None:
        for table in ("slots", "slot_waits"):
            self._leave(f"DELETE FROM {table} WHERE {_RUN} RETURNING key", holder)

    def _end(self, execution_id: str) -> None:
        for table in ("slots", "slot_waits"):
            delete = f"DELETE FROM {table} WHERE execution_id = $1 RETURNING key"
            self._leave(delete, (execution_id,))

    def _pass_on(self, execution_id: str) -> None:
        self._leave("SELECT key FROM slot_waits WHERE execution_id = $1", (execution_id,))

    def _leave(self, sql: str, parameters: tuple[str | int, ...]) -> None:
        self._left.update(row[0] for row in fetched(self._connection, sql, parameters))

    # Claiming ---------------------------------------------------------------------------------------

    def _forget(self, at: datetime) -> None:
        self._connection.execute(_FORGET, (milliseconds(at),))

    def _holders(self, key: str) -> list[Holder]:
        return fetched(self._connection, HOLDERS, (key, SHOWN))

    def _take(self, commit: Commit, key: str, claim: Claim) -> bool:
        slot = (commit.execution_id, claim.step, claim.run_id, key)
        at = milliseconds(commit.at)
        self._connection.execute(_CLAIMED, slot)
        if not fetched(self._connection, _TAKE, (*slot, at)):
            return False
        if claim.per is not None:
            self._connection.execute(_START, (*slot, at, milliseconds(commit.at + claim.per)))
        return True

    def _standing(self, key: str, claims: Iterable[Claim], at: datetime) -> Standing:
        per = longest(claims)
        starts: list[Any] = []
        if per is not None:
            sql = "SELECT at FROM slot_starts WHERE key = $1 AND at > $2 ORDER BY at"
            starts = fetched(self._connection, sql, (key, milliseconds(at - per)))
        return Standing(self._held(key), [moment(row[0]) for row in starts])

    def _held(self, key: str) -> int:
        sql = "SELECT count(*) FROM slots WHERE key = $1"
        return int(fetched(self._connection, sql, (key,))[0][0])

    # Waiting ----------------------------------------------------------------------------------------

    def _wait(self, commit: Commit, claim: Claim) -> None:
        key = stored(claim.key)
        full_key = keys.written(claim.key)
        row = (key, commit.execution_id, claim.step, claim.run_id, claim.max, full_key)
        self._connection.execute(_WAIT, row)
        if full([claim], self._standing(key, [claim], commit.at), commit.at) is None:
            self._told.append((commit.execution_id, full_key))

    def _next(self, key: str, left: int) -> list[tuple[str, str]]:
        first = fetched(self._connection, _NEXT, (key, 1, 0))
        if not first or first[0][1] is None:
            return []
        ranks = told(first[0][1] - self._held(key), left)
        rows = fetched(self._connection, _NEXT, (key, len(ranks), ranks.start))
        return [(execution_id, full_key) for execution_id, _, full_key in rows]


def _leaves(commit: Commit) -> bool:
    """Return whether a commit may free slots, or let others have its place in the line."""
    return bool(commit.freed) or commit.record.status.ended or commit.record.status == "paused"
