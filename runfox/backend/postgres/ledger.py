"""The jobs of a PostgreSQL database: who may take them, who has them, until when."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from time import monotonic
from typing import Any

from runfox.backend import codec
from runfox.backend.codec import milliseconds, moment
from runfox.backend.messages import answers, expired, lease_lost, result_message
from runfox.backend.order import next_announcement
from runfox.backend.postgres import taking
from runfox.backend.postgres.database import Connection, Database, NoText, fetched
from runfox.backend.postgres.inbox import messages_of, put_all
from runfox.backend.postgres.jobs import COLUMNS, FOREVER, INSERT, NewJob, columns, job_of, new_job
from runfox.backend.postgres.reports import PostgresReports
from runfox.backend.postgres.workers import (
    BACK,
    GRACE_MS,
    LEFT,
    LOOK,
    MISSED,
    NOTE_MISSED,
    STALE_MS,
    STRIKE_OFF,
    Registration,
    register,
    registration,
)
from runfox.backend.protocols import MAX_DELIVERIES, Ask, Clock, Commit, Lease, Message, Taker
from runfox.graph import StepResult
from runfox.results import DispatchJob

_RUNS = "unnest($1::text[], $2::text[], $3::bigint[]) AS run (execution_id, step, run_id)"
_IS_RUN = "(jobs.execution_id, jobs.step, jobs.run_id) = (run.execution_id, run.step, run.run_id)"

_DELETE = f"DELETE FROM jobs USING {_RUNS} WHERE {_IS_RUN}"

_RELEASE = f"""
    {BACK.replace("$1", "$4")}, delivery = delivery - 1 FROM {_RUNS} WHERE {_IS_RUN} AND worker = $5
"""

_BEAT = f"""
    WITH me AS ({register(1)})
    SELECT workflow_execution_id, step, run_id FROM jobs WHERE worker = $1
"""

_ALIVE = f"""
    UPDATE jobs SET expires_at = least($1::bigint + heartbeat_ms, coalesce(taken_at + attempt_ms, {FOREVER}))
    WHERE execution_id = $2 AND step = $3 AND run_id = $4 AND worker = $5 AND heartbeat_ms IS NOT NULL
"""

_EXPIRED = f"""
    SELECT {COLUMNS}, execution_id, worker, taken_at, expires_at FROM jobs
    WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""

_LAPSED = "SELECT EXISTS (SELECT 1 FROM workers WHERE lease_until <= $1)"

_GIVE_BACK = f"""
    {BACK} FROM {_RUNS.replace("$3", "$4").replace("$2", "$3").replace("$1", "$2")} WHERE {_IS_RUN}
"""

_ANY_UNHEARD = (
    "SELECT 1 FROM jobs WHERE worker IS NULL AND announce_at <= $1 AND engine <= $2 LIMIT 1"
)

_UNHEARD = f"""
    SELECT {COLUMNS}, queued_at FROM jobs WHERE worker IS NULL AND announce_at <= $1 AND engine <= $2
    ORDER BY announce_at LIMIT $3 FOR UPDATE SKIP LOCKED
"""

_ANNOUNCE = f"""
    UPDATE jobs SET announce_at = run.at
    FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS run (execution_id, step, run_id, at)
    WHERE {_IS_RUN}
"""

_WORN = f"""
    SELECT {COLUMNS}, execution_id FROM jobs
    WHERE worker IS NULL AND delivery > 0 AND delivery >= $1 FOR UPDATE SKIP LOCKED
"""

_LEAVE = f"""
    WITH gone AS (DELETE FROM workers WHERE worker = ANY ($2::text[]))
    {BACK} WHERE worker = ANY ($2::text[])
"""

_LEASES = """
    SELECT step, run_id, jobs.worker, host, pid, lease_until FROM jobs
    LEFT JOIN workers ON workers.worker = jobs.worker
    WHERE execution_id = $1 AND jobs.worker IS NOT NULL ORDER BY step, run_id
"""


_REGISTER = register(1)

_MILLISECOND = timedelta(milliseconds=1)


class PostgresLedger(PostgresReports):
    """Takes, beats and releases, for the store and the runner of one schema."""

    leased = True

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._now = clock
        self._looked = monotonic() - LOOK

    # Within a commit --------------------------------------------------------------------------------

    def rows(
        self, execution_id: str, jobs: Iterable[DispatchJob], taker: Taker | None
    ) -> list[NewJob]:
        """Return the rows of new jobs of an execution, queued or already taken."""
        places = 0 if taker is None else taker.places
        worker = None if taker is None else taker.worker
        now = self.ms()
        return [
            new_job(
                execution_id,
                job,
                self._database.numbers.next(now, job.terms.priority),
                worker if place < places else None,
                now,
            )
            for place, job in enumerate(jobs)
        ]

    def registration(self, taker: Taker) -> Registration:
        """Return a worker as the table has to have it. From now on this process holds its lock."""
        lock = self._database.session.hold(taker.worker)
        self._database.leaving(self)
        return registration(taker, self._now(), lock)

    def change(self, connection: Connection, commit: Commit) -> None:
        """Forget the closed runs of a commit and add its new ones, in the caller's transaction."""
        own = commit.execution_id
        if commit.closed:
            _delete(connection, [(own, *run) for run in commit.closed])
        if commit.jobs:
            if commit.taker is not None:
                connection.execute(_REGISTER, self.registration(commit.taker))
            rows = self.rows(own, commit.jobs, commit.taker)
            connection.execute(INSERT, self.insertion(rows, commit.announced))

    def insertion(
        self, rows: Sequence[NewJob], announced: timedelta | None, *, one: bool = False
    ) -> list[Any]:
        """Return the parameters of the insertion of jobs."""
        now = self.ms()
        at = None if announced is None else now + announced // _MILLISECOND
        return [*(rows[0] if one else columns(rows)), now, at, codec.FORMAT]

    def ms(self) -> int:
        """Return the time as it is stored."""
        return milliseconds(self._now())

    # Ledger -----------------------------------------------------------------------------------------

    def queue(self, jobs: Sequence[DispatchJob]) -> None:
        rows = [row for job in jobs for row in self.rows(job.execution_id, [job], None)]
        if rows:
            self._database.run(_executing(INSERT, self.insertion(rows, None)))

    def forget(self, workflow_execution_id: str, runs: Sequence[tuple[str, int]]) -> None:
        execution_id = workflow_execution_id.rpartition("#")[2]
        found = [(execution_id, *run) for run in runs]
        self._database.run(lambda connection: _delete(connection, found))

    def newest(self, workflow_execution_id: str, step: str) -> int | None:
        rows = self._database.rows(
            "SELECT run_id FROM jobs WHERE execution_id = $1 AND step = $2 ORDER BY run_id DESC LIMIT 1",
            (workflow_execution_id.rpartition("#")[2], step),
        )
        return int(rows[0][0]) if rows else None

    def pending(self, execution_id: str | None = None) -> list[DispatchJob]:
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM jobs"
            " WHERE worker IS NULL AND ($1::text IS NULL OR execution_id = $1) ORDER BY number",
            (execution_id,),
        )
        return [job_of(row) for row in rows]

    # The worker's side ------------------------------------------------------------------------------

    def take(self, ask: Ask) -> list[DispatchJob]:
        # Idle workers must not write, and do not: what is found is taken in the statement that looks.
        found = self._take(ask, anyhow=False)
        if found.late:
            self.expire()
        if found.lapsed:
            self._reclaim(ask.taker.worker)
        if found.trouble:
            self._bury(ask.max_deliveries)
            found = self._take(ask, anyhow=True)
        if len(found.jobs) < ask.limit and self._lost(ask.taker.worker):
            self._bury(ask.max_deliveries)
            rest = ask._replace(limit=ask.limit - len(found.jobs))
            return found.jobs + self._take(rest, anyhow=True).jobs
        return found.jobs

    def statement(self, ask: Ask) -> tuple[str, list[Any]]:
        """Return the statement that takes jobs, and looks for nobody's that come back."""
        me = self.registration(ask.taker)
        return taking.statement(ask), taking.parameters(me, ask, self.ms(), anyhow=True)

    def within(self, connection: Connection, ask: Ask) -> list[DispatchJob]:
        """Take jobs in the caller's transaction, and look for nobody's that come back."""
        me = self.registration(ask.taker)
        return taking.take(connection, me, ask, self.ms(), anyhow=True).jobs

    def _take(self, ask: Ask, *, anyhow: bool) -> taking.Found:
        me, now = self.registration(ask.taker), self.ms()
        try:
            return self._database.run(
                lambda connection: taking.take(connection, me, ask, now, anyhow=anyhow)
            )
        except NoText:
            return taking.Found(late=False, lapsed=False, worn=False, jobs=[])

    def reclaim(self, max_deliveries: int = MAX_DELIVERIES) -> int:
        lapsed = self._database.rows(_LAPSED, (self.ms(),))[0][0]
        back = self._lost("") + (self._reclaim("") if lapsed else 0)
        if back:
            self._bury(max_deliveries)
        return back

    def _lost(self, but: str) -> int:
        """Give up workers that are certainly dead, or that nobody knows; return how many jobs come of that."""
        if monotonic() < self._looked + LOOK:
            return 0
        self._looked = monotonic()
        dead = self._dead()
        return self._reclaim(but, [worker for worker in dead if worker is not None]) if dead else 0

    def _dead(self) -> list[str | None]:
        """Return the workers whose lock has been free for long enough, and None if some were struck off before.

        It notes who has begun to miss it, and who has it again.
        """
        own = self._database.session.held()
        rows = [row for row in self._database.rows(MISSED) if row[0] not in own]
        if not rows:
            return []
        now = self.ms()
        since = {worker: now - at for worker, at, free in rows if free and at is not None}
        dead = [worker for worker, _, _ in rows if GRACE_MS <= since.get(worker, 0) <= STALE_MS]
        misses = [
            worker
            for worker, _, free in rows
            if worker is not None and free and not 0 <= since.get(worker, -1) <= STALE_MS
        ]
        has = [worker for worker, _, free in rows if not free]
        for workers, at in ((misses, now), (has, None)):
            if workers:
                self._database.run(_executing(NOTE_MISSED, (workers, at)))
        return [*dead, *(worker for worker, _, _ in rows if worker is None)]

    def _reclaim(self, but: str, dead: Sequence[str] = ()) -> int:
        """Strike off those whose lease ran out, and the dead, and put what they hold back where it was.

        Jobs whose answers wait are deleted instead: nobody has to execute them again. Returns how many jobs.
        """

        def reclaim(connection: Connection) -> int:
            now = self.ms()
            connection.execute(STRIKE_OFF, (now, but, list(dead), now - GRACE_MS))
            left = [(row[-1], job_of(row)) for row in fetched(connection, LEFT, (but,))]
            if left:
                told = messages_of(connection, [own for own, _ in left])
                answered = [
                    (own, job) for own, job in left if any(answers(one, job) for one in told[own])
                ]
                _delete(connection, [_run(own, job) for own, job in answered])
                connection.execute(_GIVE_BACK, (now, *_columns([_run(*one) for one in left])))
            return len(left)

        return self._database.write(reclaim)

    def _bury(self, max_deliveries: int) -> None:
        """Fail the runs that were delivered too often: tell their executions, and take them off the queue."""

        def bury(connection: Connection) -> None:
            rows = fetched(connection, _WORN, (max_deliveries,))
            jobs = [(row[-1], job_of(row)) for row in rows]
            _fail(connection, [(own, job, lease_lost(job)) for own, job in jobs])

        self._database.write(bury)

    def unheard(self, limit: int, *, hold: timedelta) -> list[DispatchJob]:
        def again(connection: Connection) -> list[DispatchJob]:
            now = self._now()
            rows = fetched(connection, _UNHEARD, (milliseconds(now), codec.FORMAT, limit))
            jobs = [job_of(row) for row in rows]
            if rows:
                times = [
                    milliseconds(next_announcement(moment(row[-1]), now, hold)) for row in rows
                ]
                runs = _columns([_run(job.execution_id, job) for job in jobs])
                connection.execute(_ANNOUNCE, (*runs, times))
            return jobs

        if not self._database.rows(_ANY_UNHEARD, (self.ms(), codec.FORMAT)):
            return []
        return self._database.write(again)

    def beat(self, taker: Taker) -> frozenset[tuple[str, str, int]]:
        me = self.registration(taker)
        rows = self._database.run(lambda connection: fetched(connection, _BEAT, me))
        return frozenset(rows)

    def release(self, taker: Taker, jobs: Sequence[DispatchJob]) -> None:
        runs = [(job.execution_id, job.step_id, job.run_id) for job in jobs]
        if runs:
            values = (*_columns(runs), self.ms(), taker.worker)
            self._database.run(_executing(_RELEASE, values))

    def alive(self, taker: Taker, job: DispatchJob) -> None:
        if job.terms.heartbeat is not None:
            values = (self.ms(), job.execution_id, job.step_id, job.run_id, taker.worker)
            self._database.run(_executing(_ALIVE, values))

    def expire(self, limit: int = 100) -> int:
        sql = "SELECT EXISTS (SELECT 1 FROM jobs WHERE expires_at <= $1)"
        if not self._database.rows(sql, (self.ms(),))[0][0]:
            return 0

        def expire(connection: Connection) -> int:
            rows = fetched(connection, _EXPIRED, (self.ms(), limit))
            _fail(connection, [_late(row) for row in rows])
            return len(rows)

        return self._database.write(expire)

    def leave(self, workers: Sequence[str]) -> None:
        """Strike off the workers of this process, which ends, and give back what they hold."""
        if workers:
            self._database.run(_executing(_LEAVE, (self.ms(), list(workers))))

    def let_go(self, name: str) -> None:
        """Give up the locks of a worker of this process, and of its hands: their leases alone count now."""
        self._database.let_go(name)

    def gone(self, worker: str) -> bool:
        return worker in self._dead()

    def leases(self, execution_id: str) -> list[Lease]:
        rows = self._database.rows(_LEASES, (execution_id,))
        dead = self._dead() if rows else ()
        return [_lease(row, alive=row[2] not in dead) for row in rows]


def _executing(sql: str, parameters: Sequence[Any]) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(sql, parameters)


def _lease(row: Sequence[Any], *, alive: bool) -> Lease:
    step, run_id, worker, host, pid, until = row
    return Lease(
        step, run_id, worker, host, pid, None if until in (None, FOREVER) else moment(until), alive
    )


def _late(row: Sequence[Any]) -> tuple[str, DispatchJob, StepResult]:
    execution_id, worker, taken_at, expires_at = row[-4:]
    job = job_of(row)
    taken = None if worker is None else moment(taken_at)
    return execution_id, job, expired(job, taken, moment(expires_at))


def _fail(connection: Connection, failures: Sequence[tuple[str, DispatchJob, StepResult]]) -> None:
    """Take jobs out, and tell their executions why."""
    messages: list[Message] = [result_message(own, failure) for own, _, failure in failures]
    put_all(connection, messages, known=False)
    _delete(connection, [_run(own, job) for own, job, _ in failures])


def _run(execution_id: str, job: DispatchJob) -> tuple[str, str, int]:
    return (execution_id, job.step_id, job.run_id)


def _delete(connection: Connection, runs: Sequence[tuple[str, str, int]]) -> None:
    if runs:
        connection.execute(_DELETE, _columns(runs))


def _columns(runs: Sequence[tuple[str, str, int]]) -> list[list[Any]]:
    return [list(column) for column in zip(*runs, strict=True)]
