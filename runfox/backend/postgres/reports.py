"""How the queue of a PostgreSQL database stands, for people."""

from datetime import datetime
from typing import Any

from runfox.backend import keys
from runfox.backend.codec import moment
from runfox.backend.postgres.database import Database
from runfox.backend.postgres.jobs import FOREVER
from runfox.backend.protocols import Depth, JobRow, WorkerRow

_WORKERS = """
    SELECT worker, role, host, pid, lease_until,
      (SELECT count(*) FROM jobs WHERE jobs.worker = workers.worker)
    FROM workers ORDER BY lease_until, worker
"""

_DEPTHS = """
    SELECT queue, CASE WHEN worker IS NULL THEN 'queued' ELSE 'taken' END AS status, count(*), min(queued_at)
    FROM jobs GROUP BY 1, 2 ORDER BY 1, 2
"""

_OLDEST = """
    SELECT workflow_execution_id, step, run_id, queue, delivery, queued_at, jobs.worker, lease_until
    FROM jobs LEFT JOIN workers ON workers.worker = jobs.worker
    ORDER BY queued_at, execution_id, step, run_id LIMIT $1
"""


class PostgresReports:
    """``Reports`` of a ledger."""

    _database: Database

    def _dead(self) -> list[str | None]:
        raise NotImplementedError

    def workers(self) -> list[WorkerRow]:
        dead = self._dead()
        return [
            WorkerRow(worker, role, host, pid, until_of(until), worker not in dead, jobs)
            for worker, role, host, pid, until, jobs in self._database.rows(_WORKERS)
        ]

    def depths(self) -> list[Depth]:
        return [
            Depth(keys.read(queue), status, jobs, moment(since))
            for queue, status, jobs, since in self._database.rows(_DEPTHS)
        ]

    def oldest(self, limit: int = 100) -> list[JobRow]:
        dead = self._dead()
        return [_job(row, dead) for row in self._database.rows(_OLDEST, (limit,))]


def _job(row: Any, dead: list[str | None]) -> JobRow:
    key, step, run_id, queue, delivery, queued_at, worker, until = row
    return JobRow(
        key,
        step,
        run_id,
        keys.read(queue),
        delivery,
        moment(queued_at),
        worker,
        until_of(until),
        worker not in dead,
    )


def until_of(ms: int | None) -> datetime | None:
    """Return when a lease ends, or None for one that does not."""
    return None if ms is None or ms == FOREVER else moment(ms)
