"""Executions in a PostgreSQL database: facts appended, a header row kept, a snapshot when the tail is long."""

from runfox.backend import codec
from runfox.backend.codec import milliseconds, moment
from runfox.backend.postgres import inbox
from runfox.backend.postgres.clock import ServerClock
from runfox.backend.postgres.committing import PostgresCommitting
from runfox.backend.postgres.database import POOL, open_database
from runfox.backend.postgres.definitions import PostgresDefinitions
from runfox.backend.postgres.health import facts_of, findings
from runfox.backend.postgres.ledger import PostgresLedger
from runfox.backend.postgres.listing import PostgresLists
from runfox.backend.postgres.pruning import PostgresPruning
from runfox.backend.postgres.remembered import PostgresRemembered, stored
from runfox.backend.postgres.slots import HOLDERS
from runfox.backend.protocols import (
    DEFAULT_LIMITS,
    Clock,
    Finding,
    Limits,
    Loaded,
    Message,
    Row,
)
from runfox.backend.slot_changes import Holder
from runfox.errors import ExecutionNotFound

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

_DUE = """
    SELECT execution_id FROM executions
    WHERE execution_id IN (SELECT DISTINCT execution_id FROM inbox) AND min_engine <= $1
    UNION SELECT execution_id FROM executions WHERE wake_at <= $2 AND min_engine <= $1
    LIMIT $3
"""


class PostgresStore(
    PostgresCommitting, PostgresDefinitions, PostgresLists, PostgresRemembered, PostgresPruning
):
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

    def load(self, execution_id: str, *, known: int = 0) -> Loaded:
        rows = self._database.rows(_LOAD, (execution_id, known))
        if not rows:
            raise ExecutionNotFound(execution_id)
        rows.sort(key=lambda row: row[:2])
        _, revision, engine, workflow_id = rows[0]
        snapshot = next((row[3] for row in rows if row[0] == 1), None)
        tail = [Row(row[1], moment(row[2]), row[3]) for row in rows if row[0] == 2]
        return Loaded(workflow_id, revision, None, snapshot, tail, engine)

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

    def examine(self, *, deep: bool = False) -> list[Finding]:
        return findings(facts_of(self._database))

    def close(self) -> None:
        """Close the connections of this process to the database."""
        self._database.close()
