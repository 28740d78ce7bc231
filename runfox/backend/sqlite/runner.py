"""A queue in a SQLite file, for workers in other processes."""

import os

from runfox.backend.clock import utc_now
from runfox.backend.protocols import Clock, Message
from runfox.backend.queue import QueueRunner
from runfox.backend.sqlite.database import Database, Profile, open_database
from runfox.backend.sqlite.inbox import put, read
from runfox.backend.sqlite.ledger import SqliteLedger


class SqliteRunner(QueueRunner):
    """A queue on one SQLite file. With a ``SqliteStore`` of the same file, record and jobs commit together.

    Workers need nothing but the file: a ``runfox worker``, a process that calls ``take_pending_jobs`` and
    ``submit_work_result``, or one that speaks SQL.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, profile: Profile = "durable", clock: Clock = utc_now
    ) -> None:
        database = open_database(path, profile)
        super().__init__(SqliteLedger(database, clock), _Letters(database), database.identity)
        self._database = database

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
