"""How decisions become durable in a PostgreSQL database: one statement for most, one transaction for any."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from runfox.backend import codec, keys, records
from runfox.backend.codec import milliseconds
from runfox.backend.postgres import commits, groups, inbox, taking
from runfox.backend.postgres.database import Connection, Database, fetched
from runfox.backend.postgres.definitions import definition_row
from runfox.backend.postgres.ledger import PostgresLedger
from runfox.backend.postgres.remembered import cache
from runfox.backend.postgres.slots import SlotChange
from runfox.backend.protocols import (
    REFUSALS,
    Ask,
    CacheEntry,
    Clock,
    Commit,
    Definition,
    Start,
    Verdict,
)
from runfox.errors import ExecutionNotFound, RevisionConflict, RunfoxError, StaleDelivery
from runfox.results import DispatchJob

logger = logging.getLogger("runfox")

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

_SNAPSHOT = """
    WITH noted AS (
      UPDATE executions SET snapshot_revision = $2, snapshot_bytes = $3::bigint, tail_bytes = tail_bytes - $5
      WHERE number = $1 AND snapshot_revision < $2 RETURNING number
    )
    INSERT INTO snapshots (execution, revision, record) SELECT number, $2, $4 FROM noted
    ON CONFLICT (execution) DO UPDATE SET revision = excluded.revision, record = excluded.record
"""

_TELL = "INSERT INTO facts (execution, revision, at, facts) VALUES ($1, $2, $3, $4)"

_FENCED = """
    SELECT step, run_id, delivery FROM jobs
    WHERE execution_id = $1 AND (step, run_id) IN (SELECT * FROM unnest($2::text[], $3::bigint[]))
    ORDER BY step, run_id FOR UPDATE
"""


class _Made(NamedTuple):
    """What became of a commit, and the execution whose tail has grown long by it, with its length."""

    verdict: Verdict
    grown: tuple[int, int] | None = None


class PostgresCommitting:
    """``create``, ``commit`` and ``Groups`` of a store."""

    _database: Database
    ledger: PostgresLedger
    now: Clock

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

    def commit(self, commit: Commit) -> bool:
        verdict, _ = self._single(commit, None)
        if isinstance(verdict, bool):
            return verdict
        raise verdict

    def commit_all(
        self, commits: Sequence[Commit], ask: Ask | None = None
    ) -> tuple[list[Verdict], list[DispatchJob]]:
        if not commits:
            return [], [] if ask is None else self.ledger.take(ask)
        if len(commits) == 1 and (ask is None or len(commits[0].jobs) == _taken(commits[0])):
            verdict, jobs = self._single(commits[0], ask)
            return [verdict], jobs
        return self._together(commits, ask)

    # One --------------------------------------------------------------------------------------------

    def _single(self, commit: Commit, ask: Ask | None) -> tuple[Verdict, list[DispatchJob]]:
        if _plain(commit):
            statement = self._statement(commit, ask)
            rows = self._database.run(lambda connection: fetched(connection, *statement))
            if rows:
                self._look_back(commit, _made(rows[0]))
                return rows[0][3], [] if ask is None else taking.jobs_of(rows, 4)
        [verdict], jobs = self._in_turn([commit], ask)
        return verdict, jobs

    def _statement(self, commit: Commit, ask: Ask | None = None) -> tuple[str, list[Any]]:
        """Return the statement of a plain commit: where it finds nothing, it has to be looked at what there is."""
        ledger, taker, taken = self.ledger, commit.taker, _taken(commit)
        parts = commits.Parts(
            min(2, len(commit.closed)),
            commit.consumed is not None,
            min(2, len(commit.jobs)),
            taken > 0,
            None if ask is None else taking.asked(ask),
        )
        # Before anything is locked: what others wait for should be short.
        values = commits.fixed(commit, codec.facts_text(commit.facts))
        if commit.closed:
            values += commits.closed(commit)
        if commit.consumed is not None:
            values.append(commit.consumed)
        if commit.jobs:
            rows = ledger.rows(commit.execution_id, commit.jobs, taker)
            values += ledger.insertion(rows, commit.announced, one=len(rows) == 1)
        if ask is not None:
            me = ledger.registration(ask.taker)
            values += taking.parameters(me, ask, ledger.ms(), anyhow=False)
        elif taken and taker is not None:
            values += ledger.registration(taker)
        return commits.statement(parts), values

    # Several ----------------------------------------------------------------------------------------

    def _together(
        self, commits: Sequence[Commit], ask: Ask | None
    ) -> tuple[list[Verdict], list[DispatchJob]]:
        """Make the plain ones in one go, in one transaction; then the others, and those that did not fit."""
        plain = _in_order(commits, [n for n, commit in enumerate(commits) if _plain(commit)])
        # Jobs are taken when all commits are made.
        at_once, later = (ask, None) if len(plain) == len(commits) else (None, ask)
        statements = self._statements([commits[place] for place in plain])
        taking_them = None if at_once is None else self.ledger.statement(at_once)

        def make(connection: Connection) -> tuple[list[Any], list[Any]]:
            with connection.pipeline(), connection.transaction():
                made = [connection.execute(*statement) for statement in statements]
                taken = None if taking_them is None else connection.execute(*taking_them)
            rows = [row for cursor in made for row in cursor.fetchall()]
            return rows, [] if taken is None else taken.fetchall()

        rows, taken = self._database.run(make) if plain else ([], [])
        fitted = {row[0]: _made(row[1:]) for row in rows}
        made = {
            place: fitted[commit.execution_id]
            for place, commit in enumerate(commits)
            if commit.execution_id in fitted
        }
        left = [place for place in range(len(commits)) if place not in made]
        verdicts, jobs = self._in_turn([commits[place] for place in left], later)
        for place, one in made.items():
            self._look_back(commits[place], one)
        said = {place: one.verdict for place, one in made.items()}
        said |= dict(zip(left, verdicts, strict=True))
        return [said[place] for place in range(len(commits))], taking.jobs_of(taken, 3) + jobs

    def _statements(self, commits: Sequence[Commit]) -> list[tuple[str, list[Any]]]:
        """Return the statements of plain commits: one for all where they are alike."""
        if not commits:
            return []
        if not groups.uniform(commits):
            return [stmt for one in commits for stmt in self._statements([one])]
        closed = groups.closed(commits)
        rows = [
            row
            for one in commits
            for row in self.ledger.rows(one.execution_id, one.jobs, one.taker)
        ]
        worker = next((one.taker for one in commits if _taken(one)), None)
        values = [*groups.columns(commits), *closed]
        if rows:
            values += self.ledger.insertion(rows, commits[0].announced)
        if worker is not None:
            values += self.ledger.registration(worker)
        parts = groups.Parts(bool(closed), bool(rows), worker is not None)
        return [(groups.statement(parts), values)]

    def _in_turn(
        self, commits: Sequence[Commit], ask: Ask | None
    ) -> tuple[list[Verdict], list[DispatchJob]]:
        """Make commits by several statements each, in one transaction, and take jobs with it."""
        if not commits and ask is None:
            return [], []
        order = _in_order(commits, range(len(commits)))
        texts = [codec.facts_text(commit.facts) for commit in commits]

        def make(connection: Connection) -> tuple[dict[int, _Made], list[DispatchJob]]:
            made = {
                place: self._verdict(connection, commits[place], texts[place]) for place in order
            }
            return made, [] if ask is None else self.ledger.within(connection, ask)

        made, jobs = self._database.write(make)
        for place, one in made.items():
            self._look_back(commits[place], one)
        return [made[place].verdict for place in range(len(commits))], jobs

    def _verdict(self, connection: Connection, commit: Commit, facts: str) -> _Made:
        """Make one commit of several, or leave nothing of it."""
        try:
            with connection.transaction():
                return self._make(connection, commit, facts)
        except REFUSALS as refusal:
            return _Made(refusal)

    def _make(self, connection: Connection, commit: Commit, facts: str) -> _Made:
        values = [*commits.progress_of(commit), len(facts), commit.execution_id]
        rows = fetched(connection, commits.UPDATE, values)
        if not rows:
            return _Made(self._conflict(connection, commit))
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
        waits = inbox.waits(connection, commit.execution_id)
        return _made((number, tail_bytes, snapshot_bytes, waits))

    def _conflict(self, connection: Connection, commit: Commit) -> bool:
        """Answer a commit that did not fit: it was made before, or somebody else was faster."""
        sql = "SELECT revision, token FROM executions WHERE execution_id = $1"
        rows = fetched(connection, sql, (commit.execution_id,))
        if not rows:
            raise ExecutionNotFound(commit.execution_id)
        if rows[0] == (commit.revision, commit.token):
            return inbox.waits(connection, commit.execution_id)
        raise RevisionConflict(commit.execution_id, commit.revision - 1)

    def _look_back(self, commit: Commit, made: _Made) -> None:
        """Keep a snapshot of what was committed, if it is time to: beside the commit, for it says nothing new.

        Never raises: the commit is durable, and a later one tries again.
        """
        if made.grown is None:
            return
        number, tail_bytes = made.grown
        record = records.record_text(commit.record)
        row = (number, commit.revision, len(record), record, tail_bytes)
        try:
            self._database.run(lambda connection: connection.execute(_SNAPSHOT, row))
        except RunfoxError as error:
            logger.warning("no snapshot of %s was kept: %s", commit.execution_id, error)

    # What a commit does beyond its execution --------------------------------------------------------

    def _spread(self, connection: Connection, commit: Commit) -> None:
        """Start executions, take and free slots, and tell others."""
        made = [commit, *self._start(connection, commit.starts)]
        slots = SlotChange(connection)
        slots.make(made)
        messages = slots.messages(commit.token)
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


def _plain(commit: Commit) -> bool:
    """Return whether one statement can make a commit."""
    return commit.alone and not commit.fences


def _taken(commit: Commit) -> int:
    """Return how many jobs of a commit its taker has at once."""
    return 0 if commit.taker is None else min(len(commit.jobs), commit.taker.places)


def _in_order(commits: Sequence[Commit], places: Iterable[int]) -> list[int]:
    """Return places in the one order in which all lock several executions: nobody waits in a circle."""
    return sorted(places, key=lambda place: commits[place].execution_id)


def _made(row: Sequence[Any]) -> _Made:
    number, tail_bytes, snapshot_bytes, waits = row[:4]
    grown = tail_bytes > max(SNAPSHOT_BYTES, snapshot_bytes)
    return _Made(waits, (number, tail_bytes) if grown else None)


def _check_fences(connection: Connection, commit: Commit) -> None:
    """Refuse a failure from a delivery that was taken over. Nobody takes the job until the commit is over."""
    steps = [step for step, _, _ in commit.fences]
    runs = [run_id for _, run_id, _ in commit.fences]
    rows = fetched(connection, _FENCED, (commit.execution_id, steps, runs))
    current = {(step, run_id): delivery for step, run_id, delivery in rows}
    stale = [fence for fence in commit.fences if current.get(fence[:2], fence[2]) != fence[2]]
    if stale:
        raise StaleDelivery(stale)
