"""A queue in a SQLite file, for workers in other processes."""

import os
from collections.abc import Sequence

from runfox.backend.clock import utc_now
from runfox.backend.codec import milliseconds
from runfox.backend.protocols import Clock, Hint, Message
from runfox.backend.queue import QueueRunner
from runfox.backend.sqlite.database import Database, Profile, open_database
from runfox.backend.sqlite.inbox import put, read
from runfox.backend.sqlite.ledger import SqliteLedger
from runfox.backend.sqlite.waking import Waking


class SqliteRunner(QueueRunner, Waking):
    """A queue on one SQLite file. With a ``SqliteStore`` of the same file, record and jobs commit together.

    Workers need nothing but the file: a ``runfox worker``, a process that calls ``take_pending_jobs`` and
    ``submit_work_result``, or one that speaks SQL. Beside a store elsewhere that keeps jobs, it carries hints.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, profile: Profile = "durable", clock: Clock = utc_now
    ) -> None:
        database = open_database(path, profile)
        super().__init__(
            SqliteLedger(database, clock), _Letters(database), database.identity, clock
        )
        Waking.__init__(self)
        self._database = database

    def hint(self, hints: Sequence[Hint]) -> None:
        with self._database.writing() as connection:
            for hint in hints:
                number = self._database.numbers.next(milliseconds(self.clock()), hint.priority)
                connection.execute(
                    "INSERT OR IGNORE INTO hints (workflow_execution_id, step, run_id, queue, number)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (*hint.run, hint.queue, number),
                )

    def receive(self, limit: int, queues: Sequence[str] = ()) -> list[Hint]:
        # Whoever is idle must not write, so this looks first, without a lock, whether there is anything.
        if not self._database.rows("SELECT 1 FROM hints LIMIT 1"):
            return []
        asked = f"WHERE queue IN ({', '.join('?' * len(queues))})" if queues else ""
        with self._database.writing() as connection:
            rows = connection.execute(
                "DELETE FROM hints WHERE (workflow_execution_id, step, run_id) IN ("  # noqa: S608
                f" SELECT workflow_execution_id, step, run_id FROM hints {asked} ORDER BY number LIMIT ?)"
                " RETURNING workflow_execution_id, step, run_id, queue, number",
                (*queues, limit),
            ).fetchall()
        # What a DELETE returns is in no particular order.
        return [Hint(*row[:4]) for row in sorted(rows, key=lambda row: row[-1])]

    def close(self) -> None:
        """Close the connections of this process to the file."""
        self._database.close()


class _Letters:
    """The inbox of a file that may hold the queue alone: it does not ask for the execution."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, message: Message) -> bool:
        with self._database.writing() as connection:
            return put(connection, message)

    def read(self, execution_id: str, limit: int) -> list[Message]:
        return read(self._database, execution_id, limit)

    def forget(self, execution_id: str, place: int) -> None:
        """Delete messages up to a place, after a commit in another database has used them."""
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM inbox WHERE execution_id = ? AND place <= ?", (execution_id, place)
            )
