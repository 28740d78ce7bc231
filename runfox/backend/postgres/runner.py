"""A queue in a PostgreSQL database, for workers in other processes."""

from collections.abc import Sequence

from runfox.backend import keys
from runfox.backend.codec import milliseconds
from runfox.backend.postgres import inbox
from runfox.backend.postgres.clock import ServerClock
from runfox.backend.postgres.database import POOL, Database, fetched, open_database
from runfox.backend.postgres.ledger import PostgresLedger
from runfox.backend.protocols import Clock, Hint, Message
from runfox.backend.queue import QueueRunner

_HINT = """
    INSERT INTO hints (workflow_execution_id, step, run_id, queue, number)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[])
    ON CONFLICT DO NOTHING
"""

_RECEIVE = """
    DELETE FROM hints WHERE (workflow_execution_id, step, run_id) IN (
      SELECT workflow_execution_id, step, run_id FROM hints
      WHERE $2::text[] IS NULL OR queue = ANY ($2::text[])
      ORDER BY number LIMIT $1 FOR UPDATE SKIP LOCKED
    ) RETURNING workflow_execution_id, step, run_id, queue, number
"""


class PostgresRunner(QueueRunner):
    """A queue in a schema of a PostgreSQL database. With a ``PostgresStore`` of it, jobs are part of commits.

    Workers need nothing but the database: a ``runfox worker``, a process that calls ``take_pending_jobs`` and
    ``submit_work_result``, or one that speaks SQL. Beside a store elsewhere that keeps jobs, it carries hints.
    """

    def __init__(
        self,
        url: str,
        *,
        schema: str | None = None,
        size: int = POOL,
        clock: Clock | None = None,
    ) -> None:
        database = open_database(url, schema, size)
        self._database = database
        now: Clock = clock or ServerClock(database)
        ledger = PostgresLedger(database, now)
        super().__init__(ledger, _Letters(database), database.identity, now)

    def hint(self, hints: Sequence[Hint]) -> None:
        if not hints:
            return
        now = milliseconds(self.clock())
        rows = [
            (*hint.run, keys.written(hint.queue), self._database.numbers.next(now, hint.priority))
            for hint in hints
        ]
        columns = [list(column) for column in zip(*rows, strict=True)]
        self._database.run(lambda connection: connection.execute(_HINT, columns))

    def receive(self, limit: int, queues: Sequence[str] = ()) -> list[Hint]:
        asked = [keys.written(queue) for queue in queues] or None
        rows = self._database.run(
            lambda connection: fetched(connection, _RECEIVE, (limit, asked)),
        )
        # What a DELETE returns is in no particular order.
        found = sorted(rows, key=lambda row: row[-1])
        return [Hint(key, step, run_id, keys.read(queue)) for key, step, run_id, queue, _ in found]

    def wait(self, timeout: float) -> None:
        """Return when the server tells of something, or has written anything since a second ago."""
        self._database.session.wait(timeout)

    def close(self) -> None:
        """Close the connections of this process to the database."""
        self._database.close()


class _Letters:
    """The inbox of a schema that may hold the queue alone: it does not ask for the execution."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, message: Message) -> bool:
        return inbox.put(self._database, message, known=False)

    def read(self, execution_id: str, limit: int) -> list[Message]:
        return inbox.read(self._database, execution_id, limit)

    def forget(self, execution_id: str, place: int) -> None:
        """Delete messages up to a place, after a commit in another database has used them."""
        inbox.forget(self._database, execution_id, place)
