"""What a run costs, in what can be counted: commits, statements, bytes. No clock says anything here."""

import sqlite3
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest

from runfox import (
    Backend,
    Complete,
    InMemoryStore,
    InProcessRunner,
    SqliteRunner,
    SqliteStore,
    Workflow,
)
from runfox.backend.protocols import Ask, Taker
from runfox.graph import StepResult


def chain(length):
    steps = [{"id": f"s{n}", "depends_on": [f"s{n - 1}"] if n else []} for n in range(length)]
    return {"name": "chain", "steps": steps}


def wave(width):
    wide = [{"id": f"s{n}", "depends_on": ["root"]} for n in range(width)]
    join = {"id": "join", "depends_on": [step["id"] for step in wide]}
    return {"name": "wave", "steps": [{"id": "root"}, *wide, join]}


def nothing(fn, inputs):
    return {}


class Counted:
    """What was executed on a connection: statements, and how many of them were commits."""

    def __init__(self):
        self.statements = 0
        self.commits = 0

    def __call__(self, statement):
        self.statements += 1
        self.commits += statement == "COMMIT"


@contextmanager
def counting(store):
    connection = store._database.connection
    counted = Counted()
    connection.set_trace_callback(counted)
    yield counted
    connection.set_trace_callback(None)


@pytest.fixture(params=["runner of the store", "runner of the file"])
def backend(request, tmp_path):
    path = tmp_path / "runs.db"
    store = SqliteStore(path, profile="fast")
    runner = InProcessRunner() if "store" in request.param else SqliteRunner(path, profile="fast")
    yield Backend(store, runner, executor=nothing)
    store.close()


def test_a_chain_costs_one_commit_for_each_step(backend):
    length = 300
    run = Workflow.from_dict(chain(length), backend)
    with counting(backend.store) as counted:
        assert run.run() == Complete({})
    assert len(backend.history(run.id)) <= length + 2
    # Reading is a transaction, too, and there are a few that are not of any step.
    assert counted.commits <= length + 5


def test_the_statements_of_a_step_do_not_grow_with_the_number_of_steps(backend):
    costs = {}
    for length in (100, 2_000):
        run = Workflow.from_dict(chain(length), backend)
        with counting(backend.store) as counted:
            run.run()
        costs[length] = counted.statements / length
    assert costs[2_000] <= 1.05 * costs[100]
    assert costs[2_000] < 10


def test_the_bytes_of_a_step_do_not_grow_with_the_number_of_steps(backend):
    costs = {}
    connection = backend.store._database.connection
    for length in (100, 2_000):
        run = Workflow.from_dict(chain(length), backend)
        run.run()
        number, tail, snapshot = connection.execute(
            "SELECT number, tail_bytes, snapshot_bytes FROM executions ORDER BY number DESC LIMIT 1"
        ).fetchone()
        (facts,) = connection.execute(
            "SELECT sum(length(facts)) FROM facts WHERE execution = ?", (number,)
        ).fetchone()
        assert tail + snapshot < 4 * facts + 64_000
        costs[length] = facts / length
    assert costs[2_000] <= 1.1 * costs[100]


def test_a_wave_of_steps_is_dispatched_in_one_commit_and_so_are_its_results(backend):
    width = 1_000
    run = Workflow.from_dict(wave(width), backend)
    run.advance()
    dispatched = backend.step(run.id, [StepResult("root", 0, {})])
    assert len(dispatched.jobs) == width
    with counting(backend.store) as counted:
        after = backend.step(run.id, [StepResult(f"s{n}", 0, {}) for n in range(width)])
    assert [job.step_id for job in after.jobs] == ["join"]
    assert [row.revision for row in backend.history(run.id)] == [1, 2, 3, 4]
    assert counted.commits == 1


def test_a_wave_that_is_executed_here_needs_few_commits(backend):
    run = Workflow.from_dict(wave(1_000), backend)
    run.run()
    assert len(backend.history(run.id)) < 500


def test_asking_again_and_again_writes_nothing(backend):
    run = Workflow.from_dict(wave(10), backend)
    run.advance()
    with counting(backend.store) as counted:
        for _ in range(20):
            run.advance()
            backend.take_pending_jobs()
    assert len(backend.history(run.id)) == 2
    assert counted.commits <= 1


def test_looking_at_a_run_that_did_not_change_is_one_statement(backend):
    run = Workflow.from_dict(wave(1_000), backend)
    run.run()
    with counting(backend.store) as counted:
        for _ in range(10):
            assert run.status == "complete"
    assert counted.statements == 10


def test_taking_a_job_costs_the_same_however_many_wait(tmp_path):
    costs = {}
    for width in (200, 5_000):
        path = tmp_path / f"{width}.db"
        store = SqliteStore(path, profile="fast")
        backend = Backend(store, SqliteRunner(path, profile="fast"))
        steps = [{"id": f"s{n}"} for n in range(width)]
        Workflow.from_dict({"name": "wide", "steps": steps}, backend).advance()
        backend.take_pending_jobs(100)
        costs[width] = _instructions(store, partial(backend.take_pending_jobs, 1))
        store.close()
    assert costs[5_000] <= 2 * costs[200]


def _instructions(store, call):
    """Return about how many instructions of SQLite's machine a call costs."""
    connection: sqlite3.Connection = store._database.connection
    ticks = 0

    def tick():
        nonlocal ticks
        ticks += 1

    connection.set_progress_handler(tick, 10)
    call()
    connection.set_progress_handler(None, 10)
    return ticks


def test_a_record_in_memory_shares_what_did_not_change():
    backend = Backend(InMemoryStore(), InProcessRunner(), executor=nothing)
    run = Workflow.from_dict(wave(2_000), backend)
    run.advance()
    before = backend.load(run.id)
    after = backend.step(run.id, [StepResult("root", 0, {})]).record
    one = backend.step(run.id, [StepResult("s0", 0, {"n": 1})]).record
    assert (
        sum(
            chunk is not other
            for chunk, other in zip(after.frame.cells, one.frame.cells, strict=True)
        )
        == 1
    )
    assert before.steps["s0"].status == "ready"


def test_results_of_many_runs_that_come_together_are_one_commit(tmp_path):
    path = tmp_path / "runs.db"
    backend = Backend(SqliteStore(path, profile="fast"), SqliteRunner(path, profile="fast"))
    runs = [Workflow.from_dict(chain(2), backend) for _ in range(16)]
    for run in runs:
        run.advance()
    jobs = backend.take_pending_jobs(16)
    moves = [(job.execution_id, [StepResult(job.step_id, job.run_id, {})]) for job in jobs]
    taker = Taker("w", timedelta(seconds=60))
    with counting(backend.store) as counted:
        found, more = backend.move_all(moves, taker=taker, ask=Ask(taker, 10))
    assert counted.commits == 1
    assert sum(len(decided.taken) for decided in found) + len(more) == 10
    assert len(backend.list_pending_jobs()) == 6
    backend.store.close()
