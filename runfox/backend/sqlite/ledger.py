"""The jobs of a SQLite database: who may take them, who has them, until when."""

import atexit
import socket
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from os import getpid
from typing import Any

from runfox.backend.clock import utc_now
from runfox.backend.codec import milliseconds
from runfox.backend.messages import lease_lost, result_message
from runfox.backend.protocols import MAX_DELIVERIES, Ask, Clock, Message, Taker
from runfox.backend.sqlite.database import Database
from runfox.errors import RunfoxError
from runfox.results import DispatchJob
from runfox.values import parse, text

FOREVER = 2**62

_HOST = socket.gethostname()

_COLUMNS = "workflow_execution_id, step, fn, inputs, run_id, attempt, turn, delivery"

PLACES = 1_000_000
"""How many jobs of one millisecond have numbers of their own."""

_TAKE = f"""
    UPDATE jobs SET worker = :worker, delivery = delivery + 1
    WHERE (execution_id, step, run_id) IN (
      SELECT execution_id, step, run_id FROM jobs
      WHERE worker IS NULL AND delivery < {MAX_DELIVERIES}
        AND (:execution_id IS NULL OR execution_id = :execution_id)
      ORDER BY number LIMIT :limit
    )
    RETURNING {_COLUMNS}, number
"""  # noqa: S608 - names of our own, no value of anybody's


class SqliteLedger:
    """Takes, beats and releases, for the store and the runner of one file."""

    leased = True

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._now = clock
        self._locks = database.locks

    # Within a commit --------------------------------------------------------------------------------

    def change(
        self,
        connection: sqlite3.Connection,
        execution_id: str,
        jobs: Iterable[DispatchJob],
        closed: Iterable[tuple[str, int]],
        taker: Taker | None,
    ) -> None:
        """Forget closed runs of an execution and add new ones, queued or already taken."""
        for step, run_id in closed:
            connection.execute(
                "DELETE FROM jobs WHERE execution_id = ? AND step = ? AND run_id = ?",
                (execution_id, step, run_id),
            )
        if taker is not None:
            self._register(connection, taker)
        places = 0 if taker is None else taker.places
        now = milliseconds(self._now()) * PLACES
        for place, job in enumerate(jobs):
            worker = taker.worker if taker is not None and place < places else None
            connection.execute(
                "INSERT OR IGNORE INTO jobs (workflow_execution_id, execution_id, step, run_id, number, fn,"
                " inputs, attempt, turn, delivery, worker) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    job.workflow_execution_id,
                    execution_id,
                    job.step_id,
                    job.run_id,
                    self._database.number(now),
                    job.fn,
                    text(job.inputs),
                    job.attempt,
                    job.turn,
                    0 if worker is None else 1,
                    worker,
                ),
            )

    def delivery(
        self, connection: sqlite3.Connection, execution_id: str, step: str, run_id: int
    ) -> int | None:
        """Return how often a run was delivered, or None if it is closed."""
        row = connection.execute(
            "SELECT delivery FROM jobs WHERE execution_id = ? AND step = ? AND run_id = ?",
            (execution_id, step, run_id),
        ).fetchone()
        return None if row is None else int(row[0])

    def forget(self, workflow_execution_id: str, runs: Sequence[tuple[str, int]]) -> None:
        with self._database.writing() as connection:
            self.change(connection, workflow_execution_id.rpartition("#")[2], (), runs, None)

    def newest(self, workflow_execution_id: str, step: str) -> int | None:
        rows = self._database.rows(
            "SELECT run_id FROM jobs WHERE execution_id = ? AND step = ? ORDER BY run_id DESC LIMIT 1",
            (workflow_execution_id.rpartition("#")[2], step),
        )
        return int(rows[0][0]) if rows else None

    def queue(self, jobs: Sequence[DispatchJob]) -> None:
        with self._database.writing() as connection:
            for job in jobs:
                execution_id = job.execution_id
                self.change(connection, execution_id, [job], (), None)

    # The worker's side ------------------------------------------------------------------------------

    def take(self, ask: Ask) -> list[DispatchJob]:
        values = {
            "worker": ask.taker.worker,
            "execution_id": ask.execution_id,
            "limit": ask.limit,
        }
        if not self._anything(ask):
            return []
        with self._database.writing() as connection:
            # First, so that what it let lapse and nobody has taken over is not given to it a second time.
            self._register(connection, ask.taker)
            dead = self._reclaim(connection, but=ask.taker.worker)
            rows = connection.execute(_TAKE, values).fetchall()
            # To look for those that were delivered too often is to look at the whole queue.
            if dead or len(rows) < ask.limit:
                self._bury(connection)
        for worker in dead:
            self._locks.bury(worker)
        # What an UPDATE returns is in no particular order.
        return [_job(row) for row in sorted(rows, key=lambda row: row[-1])]

    def _anything(self, ask: Ask) -> bool:
        """Look, without a lock, whether a take could find anything: idle workers must not write."""
        rows = self._database.rows(
            "SELECT 1 FROM jobs WHERE worker IS NULL AND (?1 IS NULL OR execution_id = ?1) LIMIT 1",
            (ask.execution_id,),
        )
        return bool(rows) or bool(self._dead(but=ask.taker.worker))

    def _dead(self, *, but: str) -> list[str]:
        """Return other workers that have let their lease run out, or are certainly gone."""
        rows = self._database.rows(
            "SELECT worker, lease_until FROM workers WHERE worker <> ?", (but,)
        )
        now = milliseconds(self._now())
        return [worker for worker, lease_until in rows if lease_until <= now or self.gone(worker)]

    def _reclaim(self, connection: sqlite3.Connection, *, but: str) -> list[str]:
        """Strike off the dead, and put what they hold back into the queue, where it was. Returns who they were."""
        dead = self._dead(but=but)
        for worker in dead:
            connection.execute("UPDATE jobs SET worker = NULL WHERE worker = ?", (worker,))
            connection.execute("DELETE FROM workers WHERE worker = ?", (worker,))
        return dead

    def _bury(self, connection: sqlite3.Connection) -> None:
        """Fail the runs that were delivered too often: tell their executions, and take them off the queue."""
        rows = connection.execute(
            f"SELECT {_COLUMNS}, execution_id FROM jobs"  # noqa: S608
            " WHERE worker IS NULL AND delivery >= ?",
            (MAX_DELIVERIES,),
        ).fetchall()
        for row in rows:
            job, execution_id = _job(row), row[-1]
            put(connection, result_message(execution_id, lease_lost(job)))
            connection.execute(
                "DELETE FROM jobs WHERE execution_id = ? AND step = ? AND run_id = ?",
                (execution_id, job.step_id, job.run_id),
            )

    def _register(self, connection: sqlite3.Connection, taker: Taker) -> None:
        """See to it that a worker is known, and has its lease: others may have struck it off meanwhile."""
        if self._locks.hold(taker.worker):
            _at_work.add(self)
            self._sweep(connection, but=taker.worker)
        until = early = FOREVER
        if taker.lease is not None:
            # One that has most of its lease left needs no write: this is part of every commit.
            now = self._now()
            until, early = milliseconds(now + taker.lease), milliseconds(now + taker.lease * 0.9)
        connection.execute(
            "INSERT INTO workers (worker, host, pid, lease_until) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (worker) DO UPDATE SET lease_until = excluded.lease_until WHERE lease_until < ?",
            (taker.worker, _HOST, getpid(), until, early),
        )

    def _sweep(self, connection: sqlite3.Connection, *, but: str) -> None:
        """Clear up after the dead, who would add up where no worker ever has to wait: once for each worker.

        Their files go when the table has forgotten them: until then, this may be undone.
        """
        rows = connection.execute("SELECT worker FROM workers").fetchall()
        for worker in self._locks.known() - {row[0] for row in rows} - {but}:
            self._locks.bury(worker)
        self._reclaim(connection, but=but)

    def beat(self, taker: Taker) -> frozenset[tuple[str, str, int]]:
        with self._database.writing() as connection:
            self._register(connection, taker)
            rows = connection.execute(
                "SELECT workflow_execution_id, step, run_id FROM jobs WHERE worker = ?",
                (taker.worker,),
            ).fetchall()
        return frozenset(rows)

    def release(self, taker: Taker, jobs: Sequence[DispatchJob]) -> None:
        with self._database.writing() as connection:
            for job in jobs:
                connection.execute(
                    "UPDATE jobs SET worker = NULL, delivery = delivery - 1"
                    " WHERE execution_id = ? AND step = ? AND run_id = ? AND worker = ?",
                    (
                        job.execution_id,
                        job.step_id,
                        job.run_id,
                        taker.worker,
                    ),
                )

    def leave(self) -> None:
        """Strike off the workers of this process, which ends, and give back what they hold."""
        workers = self._locks.held()
        if not workers:
            return
        with self._database.writing() as connection:
            for worker in workers:
                connection.execute("UPDATE jobs SET worker = NULL WHERE worker = ?", (worker,))
                connection.execute("DELETE FROM workers WHERE worker = ?", (worker,))
        for worker in workers:
            self._locks.drop(worker)

    def gone(self, worker: str) -> bool:
        return self._locks.gone(worker)

    def pending(self, execution_id: str | None = None) -> list[DispatchJob]:
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM jobs"  # noqa: S608
            " WHERE worker IS NULL AND (?1 IS NULL OR execution_id = ?1) ORDER BY number",
            (execution_id,),
        )
        return [_job(row) for row in rows]


def put(connection: sqlite3.Connection, message: Message) -> bool:
    """Insert a message into the inbox, in the caller's transaction."""
    cursor = connection.execute(
        "INSERT OR IGNORE INTO inbox (execution_id, key, kind, body) VALUES (?, ?, ?, ?)",
        (message.execution_id, message.key, message.kind, text(message.body)),
    )
    return cursor.rowcount > 0


def read(database: Database, execution_id: str, limit: int) -> list[Message]:
    """Return the oldest messages of an execution."""
    rows = database.rows(
        "SELECT execution_id, key, kind, body, place FROM inbox WHERE execution_id = ?"
        " ORDER BY place LIMIT ?",
        (execution_id, limit),
    )
    return [
        Message(execution, key, kind, _body(body), place)
        for execution, key, kind, body, place in rows
    ]


def _body(source: str) -> Any:
    """Return a body; None for what is no JSON, so that one bad message does not keep others from being read."""
    try:
        return parse(source)
    except ValueError:
        return None


def _job(row: Sequence[Any]) -> DispatchJob:
    key, step, fn, inputs, run_id, attempt, turn, delivery = row[:8]
    return DispatchJob(key, step, fn, parse(inputs), run_id, attempt, turn, delivery)


# Those whose workers are entered in a file: kept until the process ends, though nobody else may need them.
_at_work: set[SqliteLedger] = set()


@atexit.register
def _leave_all() -> None:
    """Tidy up behind this process. One that does not come to this is found dead by its lock."""
    for ledger in _at_work:
        with suppress(RunfoxError):
            ledger.leave()
