"""Executions in a SQLite file: facts appended, a header row kept, a snapshot when the tail has grown long."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from runfox.backend import codec, keys, records
from runfox.backend.clock import utc_now
from runfox.backend.codec import milliseconds, moment
from runfox.backend.protocols import (
    DEFAULT_LIMITS,
    REFUSALS,
    Ask,
    Clock,
    Commit,
    Definition,
    Finding,
    Limits,
    Loaded,
    Message,
    Row,
    Start,
    Verdict,
)
from runfox.backend.slot_changes import Holder
from runfox.backend.sqlite.database import Profile, open_database
from runfox.backend.sqlite.definitions import SqliteDefinitions, keep
from runfox.backend.sqlite.health import facts_of, findings
from runfox.backend.sqlite.inbox import consume, put, put_if_there, read
from runfox.backend.sqlite.ledger import SqliteLedger
from runfox.backend.sqlite.listing import SqliteLists
from runfox.backend.sqlite.pruning import SqlitePruning
from runfox.backend.sqlite.remembered import SqliteRemembered, cache
from runfox.backend.sqlite.slots import HOLDERS, SlotChange
from runfox.backend.sqlite.waking import Waking
from runfox.errors import ExecutionNotFound, RevisionConflict, StaleDelivery
from runfox.results import DispatchJob

SNAPSHOT_BYTES = 64_000
"""A tail of facts longer than this, and than the last snapshot, is worth a snapshot of its own."""

_UPDATE = """
    UPDATE executions SET
      revision = ?, token = ?, status = ?, wake_at = ?, updated_at = ?, ended_at = ?, error_type = ?,
      min_engine = ?, tail_bytes = tail_bytes + ?
    WHERE execution_id = ? AND revision = ?
    RETURNING number, mail > consumed, tail_bytes, snapshot_bytes, slotted
"""


class SqliteStore(SqliteDefinitions, SqliteLists, SqliteRemembered, SqlitePruning, Waking):
    """A store on one SQLite file, for any number of processes on one machine.

    ``profile`` "durable" (the default) survives power cuts with everything that was acknowledged, "fast" may
    lose the last commits to one. Needs SQLite 3.35 or newer.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        profile: Profile = "durable",
        clock: Clock = utc_now,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._database = open_database(path, profile)
        self.database: str | None = self._database.identity
        self.limits = limits
        self.now = clock
        self.ledger = SqliteLedger(self._database, clock)
        Waking.__init__(self)

    # Store ------------------------------------------------------------------------------------------

    def create(self, commit: Commit, definition: Definition) -> bool:
        with self._database.writing() as connection:
            if not self._insert(connection, commit, definition):
                return False
            if not commit.alone:
                self._spread(connection, commit)
        return True

    def _insert(
        self, connection: sqlite3.Connection, commit: Commit, definition: Definition
    ) -> bool:
        columns = codec.identity(commit)._asdict() | codec.progress(commit)._asdict()
        names = ", ".join(columns)
        places = ", ".join("?" * len(columns))
        row = connection.execute(
            f"INSERT INTO executions ({names}) VALUES ({places})"  # noqa: S608 - our own names
            " ON CONFLICT (execution_id) DO NOTHING RETURNING number",
            tuple(columns.values()),
        ).fetchone()
        if row is None:
            return False
        keep(connection, definition, milliseconds(commit.at))
        self._append(connection, row[0], commit, codec.facts_text(commit.facts))
        return True

    def load(self, execution_id: str, *, known: int = 0) -> Loaded:
        if known:
            # The usual answer, "nothing new", needs no transaction: it is one row.
            number, workflow_id, revision, _, engine = self._header(execution_id)
            if revision == known:
                return Loaded(workflow_id, revision, min_engine=engine)
        with self._database.reading():
            number, workflow_id, revision, snapshot_revision, engine = self._header(execution_id)
            snapshot = None
            if snapshot_revision > known:
                rows = self._database.rows(
                    "SELECT record FROM snapshots WHERE execution = ?", (number,)
                )
                snapshot = rows[0][0]
                known = snapshot_revision
            tail = self._tail(number, known)
        return Loaded(workflow_id, revision, None, snapshot, tail, engine)

    def commit(self, commit: Commit) -> bool:
        # Before the lock is taken: what others wait for should be short.
        facts = codec.facts_text(commit.facts)
        with self._database.writing() as connection:
            return self._make(connection, commit, facts)

    def commit_all(
        self, commits: Sequence[Commit], ask: Ask | None = None
    ) -> tuple[list[Verdict], list[DispatchJob]]:
        texts = [codec.facts_text(commit.facts) for commit in commits]
        with self._database.writing() as connection:
            verdicts = [
                self._verdict(connection, commit, facts)
                for commit, facts in zip(commits, texts, strict=True)
            ]
            jobs = [] if ask is None else self.ledger.take_within(connection, ask)
        return verdicts, jobs

    def _verdict(self, connection: sqlite3.Connection, commit: Commit, facts: str) -> Verdict:
        """Make one commit of several, or leave nothing of it."""
        connection.execute("SAVEPOINT one")
        try:
            verdict: Verdict = self._make(connection, commit, facts)
        except REFUSALS as refusal:
            connection.execute("ROLLBACK TO one")
            verdict = refusal
        connection.execute("RELEASE one")
        return verdict

    def _make(self, connection: sqlite3.Connection, commit: Commit, facts: str) -> bool:
        row = connection.execute(
            _UPDATE,
            (*codec.progress(commit), len(facts), commit.execution_id, commit.revision - 1),
        ).fetchone()
        if row is None:
            return self._conflict(connection, commit)
        number, mail, tail_bytes, snapshot_bytes, slotted = row
        if commit.fences:
            self._check_fences(connection, commit)
        self._append(connection, number, commit, facts)
        if commit.consumed is not None:
            mail = consume(connection, commit.execution_id, commit.consumed)
        if not commit.alone or slotted:
            mail = self._spread(connection, commit)
        if tail_bytes > max(SNAPSHOT_BYTES, snapshot_bytes):
            self._snapshot(connection, number, commit)
        return bool(mail)

    def _header(self, execution_id: str) -> Any:
        rows = self._database.rows(
            "SELECT number, workflow_id, revision, snapshot_revision, min_engine FROM executions"
            " WHERE execution_id = ?",
            (execution_id,),
        )
        if not rows:
            raise ExecutionNotFound(execution_id)
        return rows[0]

    def _tail(self, number: int, known: int) -> list[Row]:
        rows = self._database.rows(
            "SELECT revision, at, facts FROM facts WHERE execution = ? AND revision > ? ORDER BY revision",
            (number, known),
        )
        return [Row(revision, moment(at), facts) for revision, at, facts in rows]

    def _append(
        self, connection: sqlite3.Connection, number: int, commit: Commit, facts: str
    ) -> None:
        connection.execute(
            "INSERT INTO facts (execution, revision, at, facts) VALUES (?, ?, ?, ?)",
            (number, commit.revision, milliseconds(commit.at), facts),
        )
        if commit.jobs or commit.closed:
            self.ledger.change(
                connection,
                commit.execution_id,
                commit.jobs,
                commit.closed,
                commit.taker,
                commit.announced,
            )

    def _conflict(self, connection: sqlite3.Connection, commit: Commit) -> bool:
        """Answer a commit that did not fit: it was made before, or somebody else was faster."""
        row = connection.execute(
            "SELECT revision, token, mail > consumed FROM executions WHERE execution_id = ?",
            (commit.execution_id,),
        ).fetchone()
        if row is None:
            raise ExecutionNotFound(commit.execution_id)
        revision, token, mail = row
        if revision == commit.revision and token == commit.token:
            return bool(mail)
        raise RevisionConflict(commit.execution_id, commit.revision - 1)

    def _check_fences(self, connection: sqlite3.Connection, commit: Commit) -> None:
        stale = [
            (step, run_id, delivery)
            for step, run_id, delivery in commit.fences
            if self.ledger.delivery(connection, commit.execution_id, step, run_id)
            not in (None, delivery)
        ]
        if stale:
            raise StaleDelivery(stale)

    def _snapshot(self, connection: sqlite3.Connection, number: int, commit: Commit) -> None:
        record = records.record_text(commit.record)
        connection.execute(
            "INSERT OR REPLACE INTO snapshots (execution, revision, record) VALUES (?, ?, ?)",
            (number, commit.revision, record),
        )
        connection.execute(
            "UPDATE executions SET snapshot_revision = ?, snapshot_bytes = ?, tail_bytes = 0 WHERE number = ?",
            (commit.revision, len(record), number),
        )

    # What a commit does beyond its execution --------------------------------------------------------

    def _spread(self, connection: sqlite3.Connection, commit: Commit) -> bool:
        """Start executions, take and free slots, tell others; return whether messages wait for the own one."""
        slots = SlotChange(connection)
        commits = [commit, *self._start(connection, commit.starts)]
        for one in commits:
            slots.change(one)
        slots.tell(commit.token)
        for one in commits:
            for message in one.messages:
                put_if_there(connection, message)
            if one.cached:
                cache(connection, one.cached, milliseconds(self.now()))
        row = connection.execute(
            "SELECT mail > consumed FROM executions WHERE execution_id = ?", (commit.execution_id,)
        ).fetchone()
        return bool(row[0])

    def _start(self, connection: sqlite3.Connection, starts: Iterable[Start]) -> Iterator[Commit]:
        """Create those executions that do not exist yet, and yield their commits."""
        for commit, definition in starts:
            if self._insert(connection, commit, definition):
                yield commit
                yield from self._start(connection, commit.starts)

    def holders(self, key: str, limit: int = 100) -> list[Holder]:
        return self._database.rows(HOLDERS, (keys.written(key), limit))

    # Inbox ------------------------------------------------------------------------------------------

    def put(self, message: Message) -> bool:
        with self._database.writing() as connection:
            self._header(message.execution_id)
            return put(connection, message)

    def read(self, execution_id: str, limit: int) -> list[Message]:
        return read(self._database, execution_id, limit)

    def forget(self, execution_id: str, place: int) -> None:
        with self._database.writing() as connection:
            consume(connection, execution_id, place)

    def due(self, limit: int) -> list[str]:
        rows = self._database.rows(
            "SELECT execution_id FROM executions WHERE mail > consumed AND min_engine <= ?1"
            " UNION SELECT execution_id FROM executions WHERE wake_at <= ?2 AND min_engine <= ?1 LIMIT ?3",
            (codec.FORMAT, milliseconds(self.now()), limit),
        )
        return [row[0] for row in rows]

    # Histories -------------------------------------------------------------------------------

    def history(self, execution_id: str, *, after: int = 0) -> list[Row]:
        with self._database.reading():
            return self._tail(self._header(execution_id)[0], after)

    def examine(self, *, deep: bool = False) -> list[Finding]:
        return findings(facts_of(self._database, deep=deep))

    def close(self) -> None:
        """Close the connections of this process to the file."""
        self._database.close()
