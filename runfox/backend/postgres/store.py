"""Executions in a PostgreSQL database: facts appended, a header row kept, a snapshot when the tail is long."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from runfox.backend import codec, keys, records
from runfox.backend.codec import milliseconds, moment
from runfox.backend.postgres import commits, inbox, taking
from runfox.backend.postgres.clock import ServerClock
from runfox.backend.postgres.database import POOL, Connection, fetched, open_database
from runfox.backend.postgres.definitions import PostgresDefinitions, definition_row
from runfox.backend.postgres.ledger import PostgresLedger
from runfox.backend.postgres.listing import PostgresLists
from runfox.backend.postgres.pruning import PostgresPruning
from runfox.backend.postgres.remembered import PostgresRemembered, cache, stored
from runfox.backend.postgres.slots import HOLDERS, Holder, SlotChange
from runfox.backend.protocols import (
    DEFAULT_LIMITS,
    REFUSALS,
    Ask,
    CacheEntry,
    Clock,
    Commit,
    Definition,
    Limits,
    Loaded,
    Message,
    Row,
    Start,
    Verdict,
)
from runfox.errors import ExecutionNotFound, RevisionConflict, StaleDelivery
from runfox.results import DispatchJob

SNAPSHOT_BYTES = 64_000
"""A tail of facts longer than this, and than the last snapshot, is worth a snapshot of its own."""

_IDENTITY = codec.Identity._fields
_PROGRESS = codec.Progress._fields
_COLUMNS = (*_IDENTITY, *_PROGRESS)
_OWN = len(_COLUMNS)

# The definition is kept only if the execution is new.
_CREATE = f"""
    WITH made AS (
      INSERT INTO executions ({", ".join(_COLUMNS)})
      VALUES ({", ".join(f"${place}" for place in range(1, _OWN + 1))})
      ON CONFLICT (execution_id) DO NOTHING RETURNING number
    ), kept AS (
      INSERT INTO definitions (workflow_id, name, version, spec, created_at)
      SELECT ${_OWN + 1}::text, ${_OWN + 2}::text, ${_OWN + 3}::text, ${_OWN + 4}::text, ${_OWN + 5}::bigint
      FROM made WHERE NOT EXISTS (SELECT 1 FROM definitions WHERE workflow_id = ${_OWN + 1}::text)
      ON CONFLICT DO NOTHING
    ), told AS (
      INSERT INTO facts (execution, revision, at, facts)
      SELECT number, ${_OWN + 6}::bigint, ${_OWN + 5}::bigint, ${_OWN + 7}::text FROM made
    )
    SELECT number FROM made
"""

# One statement sees one state: a header, a snapshot if there is one beyond what is known, and the tail.
_LOAD = """
    WITH own AS MATERIALIZED (
      SELECT number, workflow_id, revision, snapshot_revision, min_engine FROM executions WHERE execution_id = $1
    )
    SELECT 0 AS kind, revision, min_engine AS at, workflow_id AS text FROM own
    UNION ALL
    SELECT 1, snapshots.revision, NULL, record FROM own JOIN snapshots ON execution = number
    WHERE snapshot_revision > $2::bigint
    UNION ALL
    SELECT 2, facts.revision, at, facts FROM own JOIN facts ON execution = number
    WHERE facts.revision > greatest($2::bigint, snapshot_revision)
"""

_HISTORY = """
    SELECT facts.revision, at, facts FROM executions LEFT JOIN facts ON execution = number AND facts.revision > $2
    WHERE execution_id = $1 ORDER BY facts.revision
"""

_SNAPSHOT = """
    WITH noted AS (
      UPDATE executions SET snapshot_revision = $2, snapshot_bytes = $3::bigint, tail_bytes = tail_bytes - $5
      WHERE number = $1 AND snapshot_revision < $2 RETURNING number
    )
    INSERT INTO snapshots (execution, revision, record) SELECT number, $2, $4 FROM noted
    ON CONFLICT (execution) DO UPDATE SET revision = excluded.revision, record = excluded.record
"""

_DUE = """
    SELECT execution_id FROM executions
    WHERE execution_id IN (SELECT DISTINCT execution_id FROM inbox) AND min_engine <= $1
    UNION SELECT execution_id FROM executions WHERE wake_at <= $2 AND min_engine <= $1
    LIMIT $3
"""


_Made: TypeAlias = tuple[Verdict, tuple[int, int] | None]
"""What became of a commit, and the execution whose tail has grown long by it, with its length."""


class PostgresStore(PostgresDefinitions, PostgresLists, PostgresRemembered, PostgresPruning):
    """A store in a schema of a PostgreSQL database, 14 or newer, for any number of processes.

    ``url`` is one of libpq, ``postgresql://user@host/database``, and may name the ``schema`` as a parameter. The
    tables are made when they are first needed. ``size`` is the most connections that this process holds, beside
    one that listens. Leases and timers go by the server's time, unless a ``clock`` is given.
    """

    def __init__(
        self,
        url: str,
        *,
        schema: str | None = None,
        size: int = POOL,
        clock: Clock | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._database = open_database(url, schema, size)
        self.database: str | None = self._database.identity
        self.limits = limits
        self.now: Clock = clock or ServerClock(self._database)
        self.ledger = PostgresLedger(self._database, self.now)

    # Store ------------------------------------------------------------------------------------------

    def create(self, commit: Commit, definition: Definition) -> bool:
        def create(connection: Connection) -> bool:
            if not self._insert(connection, commit, definition):
                return False
            if not commit.alone:
                self._spread(connection, commit)
            return True

        if commit.alone and not commit.jobs:
            return self._database.run(create)
        return self._database.write(create)

    def _insert(self, connection: Connection, commit: Commit, definition: Definition) -> bool:
        identity = codec.identity(commit)
        row = [
            *identity._replace(name=keys.written(identity.name)),
            *commits.progress_of(commit),
            *definition_row(definition),
            milliseconds(commit.at),
            commit.revision,
            codec.facts_text(commit.facts),
        ]
        made = bool(fetched(connection, _CREATE, row))
        if made and (commit.jobs or commit.closed):
            self.ledger.change(connection, commit)
        return made

    def load(self, execution_id: str, *, known: int = 0) -> Loaded:
        rows = self._database.rows(_LOAD, (execution_id, known))
        if not rows:
            raise ExecutionNotFound(execution_id)
        rows.sort(key=lambda row: row[:2])
        _, revision, engine, workflow_id = rows[0]
        snapshot = next((row[3] for row in rows if row[0] == 1), None)
        tail = [Row(row[1], moment(row[2]), row[3]) for row in rows if row[0] == 2]
        return Loaded(workflow_id, revision, None, snapshot, tail, engine)

    def commit(self, commit: Commit) -> bool:
        return self._commit(commit, None)[0]

    def commit_all(
        self, commits: Sequence[Commit], ask: Ask | None = None
    ) -> tuple[list[Verdict], list[DispatchJob]]:
        if len(commits) == 1:
            return self._alone(commits[0], ask)
        # All who lock several do so in one order, so that none waits for another in a circle.
        order = sorted(range(len(commits)), key=lambda place: commits[place].execution_id)
        texts = [codec.facts_text(commit.facts) for commit in commits]
        me = None if ask is None else self.ledger.registration(ask.taker)

        def make(connection: Connection) -> tuple[dict[int, _Made], list[DispatchJob]]:
            made = {
                place: self._verdict(connection, commits[place], texts[place]) for place in order
            }
            if ask is None or me is None:
                return made, []
            return made, taking.take(connection, me, ask, self.ledger.ms(), anyhow=True).jobs

        made, jobs = self._database.write(make)
        for place, (_, grown) in made.items():
            if grown is not None:
                self._snapshot(grown, commits[place])
        return [made[place][0] for place in range(len(commits))], jobs

    def _alone(self, commit: Commit, ask: Ask | None) -> tuple[list[Verdict], list[DispatchJob]]:
        try:
            mail, jobs = self._commit(commit, ask)
        except REFUSALS as refusal:
            return [refusal], []
        return [mail], jobs

    def _verdict(self, connection: Connection, commit: Commit, facts: str) -> "_Made":
        """Make one commit of several, or leave nothing of it."""
        try:
            with connection.transaction():
                return self._in_turn(connection, commit, facts)
        except REFUSALS as refusal:
            return refusal, None

    def _commit(self, commit: Commit, ask: Ask | None) -> tuple[bool, list[DispatchJob]]:
        # Before anything is locked: what others wait for should be short.
        facts = codec.facts_text(commit.facts)
        if commit.alone and not commit.fences:
            found = self._at_once(commit, facts, ask)
            if found is not None:
                return found
        mail, grown = self._database.write(
            lambda connection: self._in_turn(connection, commit, facts)
        )
        if grown is not None:
            self._snapshot(grown, commit)
        return mail, [] if ask is None else self.ledger.take(ask)

    def _at_once(
        self, commit: Commit, facts: str, ask: Ask | None
    ) -> tuple[bool, list[DispatchJob]] | None:
        """Commit by one statement. None: nothing was written, and it has to be looked at what there is."""
        ledger, taker = self.ledger, commit.taker
        own = min(len(commit.jobs), 0 if taker is None else taker.places)
        if ask is not None:
            ask = ask._replace(limit=max(0, ask.limit - own))
        parts = commits.Parts(
            bool(commit.closed),
            commit.consumed is not None,
            bool(commit.jobs),
            own > 0,
            None if ask is None else taking.asked(ask),
        )
        values = commits.fixed(commit, facts)
        if commit.closed:
            values += commits.closed(commit)
        if commit.consumed is not None:
            values.append(commit.consumed)
        if commit.jobs:
            rows = ledger.rows(commit.execution_id, commit.jobs, taker)
            values += ledger.insertion(rows, commit.announced)
        if ask is not None:
            me = ledger.registration(ask.taker)
            values += taking.parameters(me, ask, ledger.ms(), anyhow=False)
        elif own and taker is not None:
            values += ledger.registration(taker)
        found = self._database.run(
            lambda connection: fetched(connection, commits.statement(parts), values)
        )
        if not found:
            return None
        number, tail_bytes, snapshot_bytes, mail = found[0][:4]
        if tail_bytes > max(SNAPSHOT_BYTES, snapshot_bytes):
            self._snapshot((number, tail_bytes), commit)
        return mail, [] if ask is None else taking.jobs_of(found, 4)

    def _in_turn(
        self, connection: Connection, commit: Commit, facts: str
    ) -> tuple[bool, tuple[int, int] | None]:
        """Commit by several statements, in the caller's transaction.

        Returns whether messages wait, and the execution whose tail has grown long, with its length.
        """
        values = [*commits.progress_of(commit), len(facts), commit.execution_id]
        rows = fetched(connection, commits.UPDATE, values)
        if not rows:
            return self._conflict(connection, commit), None
        number, tail_bytes, snapshot_bytes, slotted = rows[0]
        if commit.fences:
            _check_fences(connection, commit)
        connection.execute(_TELL, (number, commit.revision, milliseconds(commit.at), facts))
        if commit.jobs or commit.closed:
            self.ledger.change(connection, commit)
        if commit.consumed is not None:
            connection.execute(inbox.FORGET, (commit.execution_id, commit.consumed))
        if not commit.alone or slotted:
            self._spread(connection, commit)
        grown = tail_bytes > max(SNAPSHOT_BYTES, snapshot_bytes)
        mail = inbox.waits(connection, commit.execution_id)
        return mail, (number, tail_bytes) if grown else None

    def _conflict(self, connection: Connection, commit: Commit) -> bool:
        """Answer a commit that did not fit: it was made before, or somebody else was faster."""
        sql = "SELECT revision, token FROM executions WHERE execution_id = $1"
        rows = fetched(connection, sql, (commit.execution_id,))
        if not rows:
            raise ExecutionNotFound(commit.execution_id)
        if rows[0] == (commit.revision, commit.token):
            return inbox.waits(connection, commit.execution_id)
        raise RevisionConflict(commit.execution_id, commit.revision - 1)

    def _snapshot(self, grown: tuple[int, int], commit: Commit) -> None:
        """Keep a snapshot of what was committed: beside the commit, for it says nothing new."""
        number, tail_bytes = grown
        record = records.record_text(commit.record)
        row = (number, commit.revision, len(record), record, tail_bytes)
        self._database.run(lambda connection: connection.execute(_SNAPSHOT, row))

    # What a commit does beyond its execution --------------------------------------------------------

    def _spread(self, connection: Connection, commit: Commit) -> None:
        """Start executions, take and free slots, and tell others."""
        made = [commit, *self._start(connection, commit.starts)]
        slots = SlotChange(connection)
        slots.make(made)
        messages = slots.tell(commit.token)
        entries: list[CacheEntry] = []
        for one in made:
            messages += one.messages
            entries += one.cached
        inbox.put_all(connection, messages)
        if entries:
            cache(connection, entries, milliseconds(self.now()))

    def _start(self, connection: Connection, starts: Iterable[Start]) -> Iterator[Commit]:
        """Create those executions that do not exist yet, and yield their commits."""
        for commit, definition in starts:
            if self._insert(connection, commit, definition):
                yield commit
                yield from self._start(connection, commit.starts)

    def holders(self, key: str, limit: int = 100) -> list[Holder]:
        return self._database.rows(HOLDERS, (stored(key), limit))

    # Inbox ------------------------------------------------------------------------------------------

    def put(self, message: Message) -> bool:
        if inbox.put(self._database, message, known=True):
            return True
        self.load(message.execution_id, known=2**62)
        return False

    def read(self, execution_id: str, limit: int) -> list[Message]:
        return inbox.read(self._database, execution_id, limit)

    def forget(self, execution_id: str, place: int) -> None:
        inbox.forget(self._database, execution_id, place)

    def due(self, limit: int) -> list[str]:
        rows = self._database.rows(_DUE, (codec.FORMAT, milliseconds(self.now()), limit))
        return [row[0] for row in rows]

    # Histories, Wakes -------------------------------------------------------------------------------

    def history(self, execution_id: str, *, after: int = 0) -> list[Row]:
        rows = self._database.rows(_HISTORY, (execution_id, after))
        if not rows:
            raise ExecutionNotFound(execution_id)
        return [Row(revision, moment(at), facts) for revision, at, facts in rows if at is not None]

    def wait(self, timeout: float) -> None:
        """Return when the server tells of something, or has written anything since a second ago."""
        self._database.session.wait(timeout)

    def close(self) -> None:
        """Close the connections of this process to the database."""
        self._database.close()


_TELL = "INSERT INTO facts (execution, revision, at, facts) VALUES ($1, $2, $3, $4)"

_FENCED = """
    SELECT step, run_id, delivery FROM jobs
    WHERE execution_id = $1 AND (step, run_id) IN (SELECT * FROM unnest($2::text[], $3::bigint[]))
    ORDER BY step, run_id FOR UPDATE
"""


def _check_fences(connection: Connection, commit: Commit) -> None:
    """Refuse a failure from a delivery that was taken over. Nobody takes the job until the commit is over."""
    steps = [step for step, _, _ in commit.fences]
    runs = [run_id for _, run_id, _ in commit.fences]
    rows = fetched(connection, _FENCED, (commit.execution_id, steps, runs))
    current = {(step, run_id): delivery for step, run_id, delivery in rows}
    stale = [fence for fence in commit.fences if current.get(fence[:2], fence[2]) != fence[2]]
    if stale:
        raise StaleDelivery(stale)
