"""A worker needs nothing but the file and SQL: the statements that README documents, and what guards them."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from runfox import Complete, Failed, StepStatus, Workflow
from runfox.connect import connect
from tests.acceptance import sql_worker
from tests.acceptance.processes import begin, end, said

FLOW = {
    "name": "flow",
    "steps": [
        {"id": "a", "input": {"n": {"var": "input.n"}}},
        {"id": "b", "depends_on": ["a"], "input": {"n": {"var": "steps.a.output.doubled"}}},
        {"id": "flaky", "depends_on": ["a"], "input": {"n": 1}, "max_attempts": 2},
        {
            "id": "c",
            "depends_on": ["b", "flaky"],
            "input": {"n": {"var": "steps.b.output.doubled"}},
        },
    ],
    "outputs": {"n": {"var": "steps.c.output.doubled"}},
}

ONE = {"name": "one", "steps": [{"id": "a"}]}

ME = {"worker": "sql", "host": "here", "pid": 1, "until": 2**62}


@pytest.fixture
def database(tmp_path):
    return tmp_path / "runs.db"


@pytest.fixture
def backend(database):
    backend = connect(str(database))
    yield backend
    backend.store.close()


@pytest.fixture
def sql(backend, database):
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        yield connection


def report(sql, run, body, key="k1"):
    values = (run.id.rpartition("#")[2], key, "result", body)
    sql.execute("INSERT INTO inbox (execution_id, key, kind, body) VALUES (?, ?, ?, ?)", values)


def test_a_process_that_knows_no_runfox_takes_jobs_and_reports_results(backend, database, tmp_path):
    run = Workflow.from_dict(FLOW, backend, inputs={"n": 5})
    # Isolated: nothing of this checkout can be imported.
    command = [sys.executable, "-I", Path(sql_worker.__file__), database, "sql-1"]
    worker = subprocess.Popen(command, cwd=tmp_path)
    follower = begin("follow", database, run.id)
    try:
        assert said(follower) == str(Complete({"n": 40}))
    finally:
        for process in (worker, follower):
            process.kill()
            process.wait()
    attempts = [row for row in backend.history(run.id) if "retrying" in row.facts]
    assert len(attempts) == 1


def test_an_own_worker_takes_over_from_one_that_let_its_lease_run_out(
    backend, sql, database, tmp_path
):
    run = Workflow.from_dict(ONE, backend)
    run.advance()
    sql.execute(sql_worker.ENTER, {**ME, "until": 1})
    (_, step, run_id, delivery, fn, inputs) = sql.execute(sql_worker.TAKE, ME).fetchone()
    assert (step, run_id, delivery, fn, json.loads(inputs)) == ("a", 0, 1, "a", {})
    (job,) = backend.take_pending_jobs()
    assert (job.step_id, job.delivery) == ("a", 2)


def test_a_worker_that_is_not_entered_can_take_nothing(backend, sql):
    run = Workflow.from_dict(ONE, backend)
    run.advance()
    with pytest.raises(sqlite3.IntegrityError, match="workers"):
        sql.execute(sql_worker.TAKE, ME).fetchall()
    assert len(backend.list_pending_jobs()) == 1


def test_an_inserted_result_makes_its_execution_due(backend, sql):
    run = Workflow.from_dict(ONE, backend)
    run.advance()
    assert backend.store.due(10) == []
    report(sql, run, '{"step": "a", "run_id": 0, "output": {"n": 1}}')
    assert backend.store.due(10) == [run.id.rpartition("#")[2]]
    assert run.advance() == Complete({})
    assert run.step_statuses == {"a": StepStatus.COMPLETE}
    assert sql.execute("SELECT count(*) FROM inbox").fetchone() == (0,)


def test_a_reported_error_fails_its_step(backend, sql):
    run = Workflow.from_dict(ONE, backend)
    run.advance()
    report(
        sql, run, '{"step": "a", "run_id": 0, "error": {"type": "Broken", "message": "it broke"}}'
    )
    assert run.advance() == Failed({"type": "Broken", "message": "it broke", "step": "a"})


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no JSON",
        "null",
        "[]",
        "7",
        "{}",
        '{"step": {"a": 1}, "run_id": "x", "output": {}}',
        '{"step": "b", "run_id": 0, "output": {}}',
        '{"step": "a", "run_id": 7, "output": {}}',
        '{"step": "a", "run_id": 1e400, "output": {}}',
        '{"step": "a", "run_id": 0, "output": {}, "output": {}}',
        '{"step": "a", "step": "b"}',
        '{"step": "a", "run_id": 0, "delivery": [1], "error": {}}',
        '{"step": "a", "run_id": 0, "delivery": "1", "error": "broken"}',
        "[" * 100_000,
        '{"step": "' + "x" * 100_000 + '", "run_id": -1, "error": {}}',
        "\x00",
    ],
)
def test_a_message_that_makes_no_sense_changes_nothing(backend, sql, body):
    run = Workflow.from_dict(ONE, backend)
    run.advance()
    report(sql, run, body)
    report(sql, run, '{"step": "a", "run_id": 0, "output": {"n": 1}}', key="k2")
    assert run.advance() == Complete({})
    assert backend.load(run.id).steps["a"].output == {"n": 1}
    assert sql.execute("SELECT count(*) FROM inbox").fetchone() == (0,)


@pytest.mark.parametrize(
    "output",
    [
        "null",
        "[1]",
        '"text"',
        '{"n": 1e400}',
        '{"n": 99999999999999999999999}',
        '{"n": "%s"}' % ("x" * 1_100_000),
    ],
    ids=["null", "list", "text", "infinite", "huge", "large"],
)
def test_an_output_that_no_executor_may_return_fails_its_step(backend, sql, output):
    run = Workflow.from_dict(ONE, backend)
    run.advance()
    report(sql, run, f'{{"step": "a", "run_id": 0, "output": {output}}}')
    assert isinstance(run.advance(), Failed)
    assert sql.execute("SELECT count(*) FROM inbox").fetchone() == (0,)


def test_a_failure_from_a_worker_that_was_replaced_is_not_believed(backend, sql):
    run = Workflow.from_dict(ONE, backend)
    run.advance()
    sql.execute(sql_worker.ENTER, {**ME, "until": 1})
    sql.execute(sql_worker.TAKE, ME).fetchall()
    (job,) = backend.take_pending_jobs()
    error = '{"step": "a", "run_id": 0, "delivery": 1, "error": {"type": "Late", "message": ""}}'
    report(sql, run, error)
    run.advance()
    assert run.step_statuses == {"a": StepStatus.IN_PROGRESS}
    assert sql.execute("SELECT count(*) FROM inbox").fetchone() == (0,)
    backend.submit_work_result(run.id, "a", {}, job.run_id)
    assert run.advance() == Complete({})


def test_the_worker_can_be_killed(backend, database, tmp_path):
    run = Workflow.from_dict(FLOW, backend, inputs={"n": 5})
    run.advance()
    command = [sys.executable, "-I", Path(sql_worker.__file__), database, "sql-1"]
    worker = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE)
    while not backend.store.due(10):
        pass
    end(worker)
    assert backend.load(run.id).revision == 2
    run.advance()
    assert run.step_statuses["a"] is StepStatus.COMPLETE
