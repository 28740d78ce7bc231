"""The jobs of a SQLite database: who may take them, who has them, until when."""

import atexit
import socket
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from os import getpid
from typing import Any

from runfox.backend import codec
from runfox.backend.clock import utc_now
from runfox.backend.codec import milliseconds, moment
from runfox.backend.messages import answers, expired, lease_lost, result_message
from runfox.backend.order import next_announcement
from runfox.backend.protocols import MAX_DELIVERIES, Ask, Clock, Lease, Taker
from runfox.backend.sqlite.database import Database
from runfox.backend.sqlite.inbox import put, waiting
from runfox.backend.sqlite.jobs import (
    ALIVE,
    BACK,
    COLUMNS,
    EXPIRED,
    FOREVER,
    LOOK,
    RUN,
    UNHEARD,
    add,
    asked,
    job_of,
    take,
)
from runfox.backend.sqlite.reports import SqliteReports
from runfox.errors import RunfoxError
from runfox.graph import StepResult
from runfox.results import DispatchJob

_HOST = socket.gethostname()


_THERE = "SELECT 1 FROM workers WHERE worker = ?"

_IDLE = "DELETE FROM workers WHERE worker = ? AND NOT EXISTS (SELECT 1 FROM jobs WHERE worker = ?)"


class SqliteLedger(SqliteReports):
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
        announced: timedelta | None = None,
    ) -> None:
        """Forget closed runs of an execution and add new ones, queued or already taken."""
        for step, run_id in closed:
            _delete(connection, (execution_id, step, run_id))
        if taker is not None:
            self._register(connection, taker)
        places = 0 if taker is None else taker.places
        now = self._ms()
        for place, job in enumerate(jobs):
            worker = taker.worker if taker is not None and place < places else None
            number = self._database.numbers.next(now, job.terms.priority)
            add(connection, execution_id, job, number, worker, now, announced)

    def _ms(self) -> int:
        return milliseconds(self._now())

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
        # Idle workers must not write, so this looks first, without a lock, whether there is anything to do.
        queued, late = self._look(ask)
        if late:
            self.expire()
        if not queued and not self._dead(but=ask.taker.worker):
            return []
        with self._database.writing() as connection:
            # First, so that what it let lapse and nobody has taken over is not given to it a second time.
            self._register(connection, ask.taker)
            dead = self._reclaim(connection, but=ask.taker.worker)
            taken = take(connection, ask, self._ms())
            # To look for those that were delivered too often is to look at the whole queue.
            if dead or len(taken) < ask.limit:
                self._bury(connection, ask.max_deliveries, runs=() if dead else ask.runs)
        for worker in dead:
            self._locks.bury(worker)
        return taken

    def take_within(self, connection: sqlite3.Connection, ask: Ask) -> list[DispatchJob]:
        """Take jobs in the caller's transaction: those that wait, without a look for any that come back."""
        self._register(connection, ask.taker)
        return take(connection, ask, self._ms())

    def reclaim(self, max_deliveries: int = MAX_DELIVERIES) -> int:
        if not self._dead(but=""):
            return 0
        with self._database.writing() as connection:
            before = connection.total_changes
            dead = self._reclaim(connection, but="")
            back = connection.total_changes - before - len(dead)
            self._bury(connection, max_deliveries)
        for worker in dead:
            self._locks.bury(worker)
        return back

    def unheard(self, limit: int, *, hold: timedelta) -> list[DispatchJob]:
        asked = (self._ms(), codec.FORMAT, limit)
        if not self._database.rows(UNHEARD, asked):
            return []
        with self._database.writing() as connection:
            now = self._now()
            rows = connection.execute(UNHEARD, asked).fetchall()
            jobs = [(job_of(row), moment(row[-1])) for row in rows]
            for job, since in jobs:
                connection.execute(
                    f"UPDATE jobs SET announce_at = ? WHERE {RUN}",  # noqa: S608
                    (milliseconds(next_announcement(since, now, hold)), *_run(job)),
                )
        return [job for job, _ in jobs]

    def _look(self, ask: Ask) -> tuple[bool, bool]:
        """Return whether jobs wait that are asked for, and whether any job is past its time."""
        condition, values = asked(ask)
        values |= {"now": self._ms(), "engine": codec.FORMAT}
        rows = self._database.rows(LOOK.format(asked=condition), values)
        return rows[0] if rows else (False, False)

    def _dead(self, *, but: str) -> list[str]:
        """Return other workers that have let their lease run out, or are certainly gone."""
        rows = self._database.rows(
            "SELECT worker, lease_until FROM workers WHERE worker <> ?", (but,)
        )
        now = self._ms()
        return [worker for worker, lease_until in rows if lease_until <= now or self.gone(worker)]

    def _reclaim(self, connection: sqlite3.Connection, *, but: str) -> list[str]:
        """Strike off the dead, and put what they hold back into the queue, where it was. Returns who they were."""
        dead = self._dead(but=but)
        for worker in dead:
            self._drop_answered(connection, worker)
            connection.execute(
                f"{BACK} WHERE worker = :worker", {"now": self._ms(), "worker": worker}
            )
            connection.execute("DELETE FROM workers WHERE worker = ?", (worker,))
        return dead

    def _drop_answered(self, connection: sqlite3.Connection, worker: str) -> None:
        """Delete the jobs of a worker whose answers wait: nobody has to execute them again."""
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM jobs WHERE worker = ?",  # noqa: S608
            (worker,),
        ).fetchall()
        for job in map(job_of, rows):
            if any(answers(one, job) for one in waiting(connection, job.execution_id)):
                _delete(connection, _run(job))

    def _bury(
        self,
        connection: sqlite3.Connection,
        max_deliveries: int,
        *,
        runs: tuple[tuple[str, str, int], ...] = (),
    ) -> None:
        """Fail the runs, or those of them, that were delivered too often: tell their executions."""
        condition, values = asked(Ask(Taker("", None), runs=runs))
        rows = connection.execute(
            f"SELECT {COLUMNS}, execution_id FROM jobs"  # noqa: S608
            f" WHERE worker IS NULL AND delivery >= :most {condition}",
            values | {"most": max_deliveries},
        ).fetchall()
        for row in rows:
            job = job_of(row)
            self._fail(connection, row[-1], job, lease_lost(job))

    def _fail(
        self,
        connection: sqlite3.Connection,
        execution_id: str,
        job: DispatchJob,
        failure: StepResult,
    ) -> None:
        """Take a job out, and tell its execution why."""
        put(connection, result_message(execution_id, failure))
        _delete(connection, (execution_id, job.step_id, job.run_id))

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
            "INSERT INTO workers (worker, host, pid, role, lease_until) VALUES (?, ?, ?, ?, ?)"
            # One that lasts longer than it should is of before the clock went back.
            " ON CONFLICT (worker) DO UPDATE SET lease_until = excluded.lease_until"
            " WHERE lease_until NOT BETWEEN ? AND ?",
            (taker.worker, _HOST, getpid(), taker.role, until, early, until),
        )

    def _sweep(self, connection: sqlite3.Connection, *, but: str) -> None:
        """Clear up after the dead, who would add up where no worker ever has to wait: once for each worker.

        Their files go when the table has forgotten them: until then, this may be undone.
        """
        rows = connection.execute("SELECT worker FROM workers").fetchall()
        for worker in self._locks.known() - {row[0] for row in rows} - {but}:
            self._locks.bury(worker)
        self._reclaim(connection, but=but)
        for worker in list(self._locks.left):
            connection.execute(_IDLE, (worker, worker))
            # What it holds still is its own until its lease is over, or this process.
            if not connection.execute(_THERE, (worker,)).fetchone():
                self._locks.left.discard(worker)

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
                step, run_id = job.step_id, job.run_id
                connection.execute(
                    f"{BACK}, delivery = delivery - 1 WHERE execution_id = :execution_id AND step = :step"
                    " AND run_id = :run_id AND worker = :worker",
                    {
                        "now": self._ms(),
                        "execution_id": job.execution_id,
                        "step": step,
                        "run_id": run_id,
                        "worker": taker.worker,
                    },
                )

    def alive(self, taker: Taker, job: DispatchJob) -> None:
        if job.terms.heartbeat is None:
            return
        with self._database.writing() as connection:
            connection.execute(
                ALIVE, (self._ms(), job.execution_id, job.step_id, job.run_id, taker.worker)
            )

    def expire(self, limit: int = 100) -> int:
        if not self._look(Ask(Taker("", None)))[1]:
            return 0
        with self._database.writing() as connection:
            rows = connection.execute(EXPIRED, (self._ms(), limit)).fetchall()
            for row in rows:
                execution_id, worker, taken_at, expires_at = row[-4:]
                job = job_of(row)
                taken = None if worker is None else moment(taken_at)
                self._fail(connection, execution_id, job, expired(job, taken, moment(expires_at)))
        return len(rows)

    def leave(self) -> None:
        """Strike off the workers of this process, which ends, and give back what they hold."""
        workers = [*self._locks.held(), *self._locks.left]
        if not workers:
            return
        with self._database.writing() as connection:
            for worker in workers:
                connection.execute(
                    f"{BACK} WHERE worker = :worker", {"now": self._ms(), "worker": worker}
                )
                connection.execute("DELETE FROM workers WHERE worker = ?", (worker,))
        for worker in workers:
            self._locks.drop(worker)

    def let_go(self, name: str) -> None:
        """Give up the locks of a worker of this process, and of its hands: their leases alone count now."""
        self._locks.let_go(name)

    def gone(self, worker: str) -> bool:
        return self._locks.gone(worker)

    def leases(self, execution_id: str) -> list[Lease]:
        rows = self._database.rows(
            "SELECT step, run_id, jobs.worker, host, pid, lease_until FROM jobs"
            " LEFT JOIN workers ON workers.worker = jobs.worker"
            " WHERE execution_id = ? AND jobs.worker IS NOT NULL ORDER BY step, run_id",
            (execution_id,),
        )
        return [_lease(row, alive=not self.gone(row[2])) for row in rows]

    def pending(self, execution_id: str | None = None) -> list[DispatchJob]:
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM jobs"  # noqa: S608
            " WHERE worker IS NULL AND (?1 IS NULL OR execution_id = ?1) ORDER BY number",
            (execution_id,),
        )
        return [job_of(row) for row in rows]


def _run(job: DispatchJob) -> tuple[str, str, int]:
    return (job.execution_id, job.step_id, job.run_id)


def _lease(row: Sequence[Any], *, alive: bool) -> Lease:
    step, run_id, worker, host, pid, until = row
    return Lease(
        step, run_id, worker, host, pid, None if until in (None, FOREVER) else moment(until), alive
    )


def _delete(connection: sqlite3.Connection, run: tuple[str, str, int]) -> None:
    connection.execute(f"DELETE FROM jobs WHERE {RUN}", run)  # noqa: S608


# Those whose workers are entered in a file: kept until the process ends, though nobody else may need them.
_at_work: set[SqliteLedger] = set()


@atexit.register
def _leave_all() -> None:
    """Tidy up behind this process. One that does not come to this is found dead by its lock."""
    for ledger in _at_work:
        with suppress(RunfoxError):
            ledger.leave()
