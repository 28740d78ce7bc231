"""A worker that knows SQL and nothing of runfox: python sql_worker.py DATABASE WORKER. It ends when killed."""

import json
import os
import socket
import sqlite3
import sys
import time
from pathlib import Path

LEASE_MS = 60_000

ENTER = """
    INSERT INTO workers (worker, host, pid, lease_until) VALUES (:worker, :host, :pid, :until)
    ON CONFLICT (worker) DO UPDATE SET lease_until = excluded.lease_until
"""

TAKE = """
    UPDATE jobs SET worker = :worker, delivery = delivery + 1
    WHERE (execution_id, step, run_id) IN (
      SELECT execution_id, step, run_id FROM jobs
      WHERE worker IS NULL AND delivery < 5
      ORDER BY number LIMIT 1
    )
    RETURNING execution_id, step, run_id, delivery, fn, inputs
"""

REPORT = """
    INSERT OR IGNORE INTO inbox (execution_id, key, kind, body)
    VALUES (:execution_id, :step || '#' || :run_id || '#' || :delivery, 'result', :body)
"""


def main(path, worker):
    database = sqlite3.connect(path, timeout=10, isolation_level=None)
    # runfox brings the log over into the database itself, while nobody else can write.
    database.execute("PRAGMA wal_autocheckpoint = 0")
    while True:
        until = int(time.time() * 1000) + LEASE_MS
        me = {"worker": worker, "host": socket.gethostname(), "pid": os.getpid(), "until": until}
        database.execute(ENTER, me)  # again at least every third of the lease
        job = database.execute(TAKE, {"worker": worker}).fetchone()
        if job is None:
            time.sleep(0.02)
            continue
        execution_id, step, run_id, delivery, fn, inputs = job
        body = {"step": step, "run_id": run_id, "delivery": delivery}
        try:
            body["output"] = execute(fn, json.loads(inputs))
        except Exception as error:
            body["error"] = {"type": type(error).__name__, "message": str(error)}
        report = {"execution_id": execution_id, "step": step, "run_id": run_id}
        report |= {"delivery": delivery, "body": json.dumps(body)}
        database.execute(REPORT, report)


def execute(fn, inputs):
    marker = Path("failed-once")
    if fn == "flaky" and not marker.exists():
        marker.touch()
        raise RuntimeError("once")
    return {"doubled": 2 * inputs["n"], "fn": fn}


if __name__ == "__main__":
    main(*sys.argv[1:])
