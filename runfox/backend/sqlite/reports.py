"""How the queue of a SQLite database stands, for people."""

from typing import Any

from runfox.backend.codec import moment
from runfox.backend.protocols import Depth, JobRow, WorkerRow
from runfox.backend.sqlite.database import Database
from runfox.backend.sqlite.jobs import FOREVER
from runfox.backend.sqlite.liveness import Locks


class SqliteReports:
    """``Reports`` of a ledger."""

    _database: Database
    _locks: Locks

    def workers(self) -> list[WorkerRow]:
        rows = self._database.rows(
            "SELECT worker, role, host, pid, lease_until,"
            " (SELECT count(*) FROM jobs WHERE jobs.worker = workers.worker) FROM workers"
            " ORDER BY lease_until, worker"
        )
        return [
            WorkerRow(worker, role, host, pid, _until(until), not self._locks.gone(worker), jobs)
            for worker, role, host, pid, until, jobs in rows
        ]

    def depths(self) -> list[Depth]:
        rows = self._database.rows(
            "SELECT queue, CASE WHEN worker IS NULL THEN 'queued' ELSE 'taken' END AS status,"
            " count(*), min(queued_at) FROM jobs GROUP BY queue, status ORDER BY queue, status"
        )
        return [Depth(queue, status, jobs, moment(since)) for queue, status, jobs, since in rows]

    def oldest(self, limit: int = 100) -> list[JobRow]:
        rows = self._database.rows(
            "SELECT workflow_execution_id, step, run_id, queue, delivery, queued_at, jobs.worker,"
            " lease_until FROM jobs LEFT JOIN workers ON workers.worker = jobs.worker"
            " ORDER BY queued_at, execution_id, step, run_id LIMIT ?",
            (limit,),
        )
        return [self._job(row) for row in rows]

    def _job(self, row: Any) -> JobRow:
        key, step, run_id, queue, delivery, queued_at, worker, until = row
        alive = worker is None or not self._locks.gone(worker)
        return JobRow(
            key, step, run_id, queue, delivery, moment(queued_at), worker, _until(until), alive
        )


def _until(until: int | None) -> Any:
    return None if until in (None, FOREVER) else moment(until or 0)
