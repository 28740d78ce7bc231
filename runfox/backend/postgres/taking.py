"""The statements that take jobs. They look first, in the same breath, whether something has to be put right."""

from functools import lru_cache
from typing import Any, NamedTuple

from runfox.backend import codec, keys
from runfox.backend.postgres.database import Connection, fetched
from runfox.backend.postgres.jobs import COLUMNS_OF_JOBS, job_of
from runfox.backend.postgres.workers import ME, Registration, register
from runfox.backend.protocols import Ask
from runfox.results import DispatchJob


class Asked(NamedTuple):
    """What an ask is restricted to."""

    execution: bool = False
    queues: bool = False
    runs: bool = False


def asked(ask: Ask) -> Asked:
    """Return what an ask is restricted to."""
    return Asked(ask.execution_id is not None, bool(ask.queues), bool(ask.runs))


NEXT = "EXISTS (SELECT 1 FROM next)"


def taking(first: int, by: Asked, given: str = "", known: str = NEXT) -> str:
    """Return the parts of a statement that give jobs to a worker: ``trouble``, ``next``, ``taken`` and ``me``.

    Its parameters, from a number on, are those of ``parameters``. Nothing is taken as long as a lease has lapsed,
    or a job is past its time or was delivered too often, unless ``anyhow``: what comes of these is older. The
    worker is registered if that is ``known``.
    """
    worker = f"${first}::text"
    now, most, engine, limit, anyhow = (f"${first + ME + place}" for place in range(5))
    at = first + ME + 5
    asked = ""
    if by.execution:
        asked += f" AND execution_id = ${at}::text"
        at += 1
    if by.queues:
        asked += f" AND queue = ANY (${at}::text[])"
        at += 1
    if by.runs:
        runs = f"unnest(${at}::text[], ${at + 1}::text[], ${at + 2}::bigint[])"
        asked += f" AND (execution_id, step, run_id) IN (SELECT * FROM {runs})"
    return f"""
    trouble AS MATERIALIZED (
      SELECT EXISTS (SELECT 1 FROM jobs WHERE expires_at <= {now}::bigint) AS late,
        EXISTS (SELECT 1 FROM workers WHERE lease_until <= {now} AND worker <> {worker}) AS lapsed,
        EXISTS (SELECT 1 FROM jobs WHERE worker IS NULL AND delivery > 0 AND delivery >= {most}::bigint) AS worn
    ), next AS MATERIALIZED (
      SELECT execution_id, step, run_id FROM jobs
      WHERE worker IS NULL AND delivery < {most} AND engine <= {engine}::bigint
        AND (expires_at IS NULL OR expires_at > {now})
        AND ({anyhow}::boolean OR NOT (SELECT late OR lapsed OR worn FROM trouble)) {asked} {given}
      ORDER BY number LIMIT {limit}::bigint FOR UPDATE SKIP LOCKED
    ), taken AS (
      UPDATE jobs SET worker = {worker}, delivery = delivery + 1,
        taken_at = CASE WHEN terms IS NOT NULL THEN {now} END,
        expires_at = {now} + least(attempt_ms, heartbeat_ms)
      FROM next
      WHERE (jobs.execution_id, jobs.step, jobs.run_id) = (next.execution_id, next.step, next.run_id)
      RETURNING {COLUMNS_OF_JOBS}, jobs.number
    ), me AS (
      {register(first, known)}
    )
    """


def parameters(me: Registration, ask: Ask, now: int, *, anyhow: bool) -> list[Any]:
    """Return the parameters of a taking."""
    values: list[Any] = [*me, now, ask.max_deliveries, codec.FORMAT, ask.limit, anyhow]
    if ask.execution_id is not None:
        values.append(ask.execution_id)
    if ask.queues:
        values.append([keys.written(queue) for queue in ask.queues])
    if ask.runs:
        values.append([key.rpartition("#")[2] for key, _, _ in ask.runs])
        values.append([step for _, step, _ in ask.runs])
        values.append([run_id for _, _, run_id in ask.runs])
    return values


class Found(NamedTuple):
    """What a look at the queue found, and the jobs that were taken."""

    late: bool
    lapsed: bool
    worn: bool
    jobs: list[DispatchJob]

    @property
    def trouble(self) -> bool:
        """Whether something has to be put right."""
        return self.late or self.lapsed or self.worn


@lru_cache
def _take(by: Asked) -> str:
    parts = taking(1, by)
    return f"WITH {parts} SELECT late, lapsed, worn, taken.* FROM trouble LEFT JOIN taken ON TRUE"


def statement(ask: Ask) -> str:
    """Return the statement for an ask. Its rows are what a look found, and a job each behind that."""
    return _take(asked(ask))


def take(connection: Connection, me: Registration, ask: Ask, now: int, *, anyhow: bool) -> Found:
    """Give a worker the jobs that are next, and see to it that it is known, and has its lease."""
    rows = fetched(connection, statement(ask), parameters(me, ask, now, anyhow=anyhow))
    late, lapsed, worn = rows[0][:3]
    return Found(late, lapsed, worn, jobs_of(rows, 3))


def jobs_of(rows: list[Any], first: int) -> list[DispatchJob]:
    """Return the jobs that were given out, in their order: what an UPDATE returns is in none."""
    given = [row[first:] for row in rows if row[first] is not None]
    return [job_of(row) for row in sorted(given, key=lambda row: row[9])]
