"""What must be true of a database that was found after a fault, and of the runs in it."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import NamedTuple

from runfox import Complete, Workflow
from runfox.backend import records
from runfox.worker import Worker
from tests.acceptance.flows import OUTCOME, RUNS, successes
from tests.faults.life import ASKING, execute, reported


class Found(NamedTuple):
    revision: int
    status: str
    words: str
    """All that its facts and its messages say."""


def missing(path, acknowledged):
    """Check a file, and return what was acknowledged, as ``life`` tells it, and is not there, with its place.

    Whatever is there fits together: no page is damaged, no revision left out.
    """
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = connection.execute(
            "SELECT execution_id, number, revision, status FROM executions"
        ).fetchall()
        facts = {
            execution: told
            for execution, *told in connection.execute(
                "SELECT execution, min(revision), max(revision), count(*), group_concat(facts)"
                " FROM facts GROUP BY execution"
            )
        }
        mail = dict(
            connection.execute("SELECT execution_id, group_concat(body) FROM inbox GROUP BY 1")
        )
    assert set(facts) == {number for _, number, *_ in rows}
    found = {}
    for execution_id, number, revision, status in rows:
        lowest, highest, count, told = facts[number]
        assert (lowest, highest, count) == (1, revision, revision), f"a gap in {execution_id}"
        found[execution_id] = Found(revision, status, told + mail.get(execution_id, ""))
    return [(place, what) for place, what in enumerate(acknowledged) if not _is_there(what, found)]


def _is_there(what, found):
    kind, execution_id, *more = what
    run = found.get(execution_id, Found(0, "", ""))
    match kind:
        case "create":
            return run.revision > 0
        case "commit":
            return run.revision >= more[0]
        case "said":
            return more[0] in run.words
        case "ended":
            return run.status == "complete"
    raise AssertionError(what)


def check_records(backend, execution_ids):
    """Every record loads, and is what its facts say."""
    for execution_id in execution_ids:
        record = backend.load(execution_id)
        folded = backend.record_at(execution_id, record.revision)
        assert records.record_text(record) == records.record_text(folded)


def finish(backend, clock):
    """Bring all runs to their end, as whoever comes next would, and return how many there were."""
    left = [one.execution_id for one in backend.executions() if not one.status.ended]
    for execution_id in left:
        run = Workflow.resume(execution_id, backend)
        run.advance()
        if execution_id.startswith("ask"):
            # Whoever sent it was not told that it had arrived, so sends it again: it counts once.
            run.signal("go", f"said-{execution_id[3:]}", id="once")
    for _ in range(2):
        Worker(backend, execute).run(until_idle=True)
        clock.by += timedelta(minutes=11)
    for execution_id in left:
        check_end(backend, execution_id)
    return len(left)


def check_end(backend, execution_id):
    """A run ended as it should, and nothing of it is recorded twice."""
    run = Workflow.resume(execution_id, backend)
    if execution_id.startswith("ask"):
        wanted = {"report": reported(execution_id[3:])}
        runs = {(step["id"], 0): 1 for step in ASKING["steps"]}
    else:
        wanted, runs = OUTCOME, RUNS
    assert run.result == Complete(wanted), run.explain()
    assert successes(backend, execution_id) == runs
