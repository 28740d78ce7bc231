"""Who works: leases, and who is certainly dead."""

import socket
from datetime import datetime
from os import getpid
from typing import NamedTuple

from runfox.backend.codec import milliseconds
from runfox.backend.postgres.jobs import COLUMNS, FOREVER
from runfox.backend.protocols import Taker

HOST = socket.gethostname()

GRACE_MS = 3_000
"""Milliseconds for which the lock of a worker has to be free before it is given up.

The server drops the lock when the worker dies, but also when only the connection is cut that holds it, and from
here the two look alike. A worker that lives hears of it at once, in the thread that listens, and takes its lock
again as soon as it gets through. Until the grace is over its lease protects it.
"""

STALE_MS = 10_000
"""Milliseconds after which it says nothing any more that the lock was found free: it may have been taken since."""

# Workers whose lock is free, or was found free before; and None for jobs whose worker nobody knows, which was
# struck off while a last commit of it was on its way.
MISSED = """
    SELECT worker, missed_at, free FROM (
      SELECT worker, missed_at, lock NOT IN (
        SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 1 AND granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      ) AS free
      FROM workers WHERE lock IS NOT NULL
    ) AS seen WHERE free OR missed_at IS NOT NULL
    UNION ALL SELECT NULL, NULL, TRUE WHERE EXISTS (
      SELECT 1 FROM jobs WHERE worker IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM workers WHERE workers.worker = jobs.worker)
    )
"""

LOOK = 1.0
"""Seconds between two looks for the dead. Whose lease ran out is found at once."""

NOTE_MISSED = """
    UPDATE workers SET missed_at = $2::bigint WHERE worker = ANY ($1::text[])
    AND missed_at IS DISTINCT FROM $2::bigint
"""

BACK = """
    UPDATE jobs SET worker = NULL, taken_at = NULL, expires_at = $1::bigint + wait_ms, queued_at = $1,
      announce_at = CASE WHEN announce_at IS NOT NULL THEN $1 END
"""
"""Puts jobs back into the queue, where they were; they begin to wait anew, and nobody has heard of that yet."""

# A lease that was renewed meanwhile is looked at again, under the lock of its row.
STRIKE_OFF = """
    DELETE FROM workers
    WHERE worker <> $2 AND (lease_until <= $1 OR (worker = ANY ($3::text[]) AND missed_at <= $4))
"""

# Those of who was struck off, just now or before.
LEFT = f"""
    SELECT {COLUMNS}, execution_id FROM jobs
    WHERE worker IS NOT NULL AND worker <> $1
    AND NOT EXISTS (SELECT 1 FROM workers WHERE workers.worker = jobs.worker)
    ORDER BY execution_id, step, run_id FOR UPDATE
"""


class Registration(NamedTuple):
    """A worker with its lease: until when, and from when on renewing it can wait; where it is,
    what it does, and the key of its lock."""

    worker: str
    until: int
    early: int
    host: str
    role: str
    pid: int
    lock: int | None


ME = len(Registration._fields)
"""How many parameters a registration has."""


def registration(taker: Taker, now: datetime, lock: int | None) -> Registration:
    """Return the row of a worker whose lease begins now. ``lock`` is the key of its lock, if it has it."""
    until = early = FOREVER
    if taker.lease is not None:
        until = milliseconds(now + taker.lease)
        early = milliseconds(now + taker.lease * 0.9)
    return Registration(taker.worker, until, early, HOST, taker.role, getpid(), lock)


def register(first: int, given: str = "TRUE") -> str:
    """Return the statement that renews a lease, whose parameters are those of a ``Registration``.

    One that has most of it left is not renewed: this is part of every commit. One that has more is, as it is of
    before the server's clock went back.
    """
    worker, until, early, host, role, pid, lock = (f"${first + place}" for place in range(ME))
    return f"""
      INSERT INTO workers (worker, lease_until, host, role, pid, lock)
      SELECT {worker}::text, {until}::bigint, {host}::text, {role}::text, {pid}::bigint, {lock}::bigint
      WHERE {given} AND NOT EXISTS (
        SELECT 1 FROM workers
        WHERE worker = {worker}::text AND lease_until BETWEEN {early}::bigint AND {until}::bigint
      )
      ON CONFLICT (worker) DO UPDATE SET lease_until = excluded.lease_until, lock = excluded.lock,
        missed_at = NULL
    """
