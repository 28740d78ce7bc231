"""Jobs as rows of a SQLite database, and the statements that change them."""

import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from runfox.backend import codec
from runfox.backend.protocols import Ask
from runfox.backend.reckoning import reckoned, terms_of
from runfox.results import TERMS, DispatchJob
from runfox.values import parse, text

FOREVER = 2**62

_MILLISECOND = timedelta(milliseconds=1)

RUN = "execution_id = ? AND step = ? AND run_id = ?"

COLUMNS = "workflow_execution_id, step, fn, inputs, run_id, attempt, turn, delivery, terms"
"""What ``job_of`` reads, in this order. Rows may have more."""

_PLAIN = """
    INSERT OR IGNORE INTO jobs (workflow_execution_id, execution_id, step, run_id, number, fn, inputs, attempt,
      turn, delivery, worker, queued_at, announce_at, engine)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

_ON_TERMS = """
    INSERT OR IGNORE INTO jobs (workflow_execution_id, execution_id, step, run_id, number, fn, inputs, attempt,
      turn, delivery, worker, queued_at, announce_at, engine, queue, terms, wait_ms, attempt_ms, heartbeat_ms,
      taken_at, expires_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

# Of a plain job, all that is reckoned from its terms is NULL, and stays so.
_TAKE = f"""
    UPDATE jobs SET worker = :worker, delivery = delivery + 1,
      taken_at = CASE WHEN terms IS NOT NULL THEN :now END,
      expires_at = :now + min(coalesce(attempt_ms, heartbeat_ms), coalesce(heartbeat_ms, attempt_ms))
    WHERE (execution_id, step, run_id) IN (
      SELECT execution_id, step, run_id FROM jobs
      WHERE worker IS NULL AND delivery < :most AND engine <= :engine
      AND (expires_at IS NULL OR expires_at > :now) {{asked}}
      ORDER BY number LIMIT :limit
    )
    RETURNING {COLUMNS}, number
"""  # noqa: S608 - names of our own, no value of anybody's

LOOK = """
    SELECT EXISTS (SELECT 1 FROM jobs WHERE worker IS NULL AND engine <= :engine {asked}),
      EXISTS (SELECT 1 FROM jobs WHERE expires_at <= :now)
"""

BACK = """
    UPDATE jobs SET worker = NULL, taken_at = NULL, expires_at = :now + wait_ms, queued_at = :now,
      announce_at = CASE WHEN announce_at IS NOT NULL THEN :now END
"""
"""Puts jobs back into the queue, where they were; they begin to wait anew, and nobody has heard of that yet."""

UNHEARD = f"""
    SELECT {COLUMNS}, queued_at FROM jobs WHERE worker IS NULL AND announce_at <= ? AND engine <= ?
    ORDER BY announce_at LIMIT ?
"""  # noqa: S608

ALIVE = f"""
    UPDATE jobs SET expires_at = min(? + heartbeat_ms, coalesce(taken_at + attempt_ms, {FOREVER}))
    WHERE {RUN} AND worker = ? AND heartbeat_ms IS NOT NULL
"""  # noqa: S608

EXPIRED = f"""
    SELECT {COLUMNS}, execution_id, worker, taken_at, expires_at FROM jobs
    WHERE expires_at <= ? ORDER BY expires_at LIMIT ?
"""  # noqa: S608


def add(
    connection: sqlite3.Connection,
    execution_id: str,
    job: DispatchJob,
    number: int,
    worker: str | None,
    now: int,
    announced: timedelta | None,
) -> None:
    """Insert a job that is new at that time, taken if there is a worker."""
    row = (
        job.workflow_execution_id,
        execution_id,
        job.step_id,
        job.run_id,
        number,
        job.fn,
        text(job.inputs),
        job.attempt,
        job.turn,
        0 if worker is None else 1,
        worker,
        now,
        None if announced is None else now + announced // _MILLISECOND,
        codec.FORMAT,
    )
    if job.terms is TERMS:
        connection.execute(_PLAIN, row)
    else:
        terms = (job.terms.queue, text(job.terms))
        bounds = reckoned(job.terms, now, taken=worker is not None)
        connection.execute(_ON_TERMS, (*row, *terms, *bounds))


def job_of(row: Sequence[Any]) -> DispatchJob:
    """Return the job of a row."""
    key, step, fn, inputs, run_id, attempt, turn, delivery, terms = row[:9]
    kept = terms_of(terms)
    return DispatchJob(key, step, fn, parse(inputs), run_id, attempt, turn, delivery, kept)


def asked(ask: Ask) -> tuple[str, dict[str, object]]:
    """Return the condition of an ask, and its values."""
    conditions = ""
    values: dict[str, object] = {}
    if ask.execution_id is not None:
        conditions += " AND execution_id = :execution_id"
        values["execution_id"] = ask.execution_id
    if ask.runs:
        for place, (key, step, run_id) in enumerate(ask.runs):
            run = {f"x{place}": key.rpartition("#")[2], f"s{place}": step, f"r{place}": run_id}
            values |= run
        rows = ", ".join(f"(:x{place}, :s{place}, :r{place})" for place in range(len(ask.runs)))
        conditions += f" AND (execution_id, step, run_id) IN (VALUES {rows})"
    if ask.queues:
        names = {f"queue{place}": queue for place, queue in enumerate(ask.queues)}
        conditions += f" AND queue IN ({', '.join(f':{name}' for name in names)})"
        values |= names
    return conditions, values


def take(connection: sqlite3.Connection, ask: Ask, now: int) -> list[DispatchJob]:
    """Give a worker the jobs that are next."""
    condition, values = asked(ask)
    values |= {"worker": ask.taker.worker, "now": now, "limit": ask.limit}
    values |= {"most": ask.max_deliveries, "engine": codec.FORMAT}
    rows = connection.execute(_TAKE.format(asked=condition), values).fetchall()
    # What an UPDATE returns is in no particular order.
    return [job_of(row) for row in sorted(rows, key=lambda row: row[-1])]
