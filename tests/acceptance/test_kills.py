"""Processes are killed at random moments, and nothing is lost, doubled or waited for."""

import sqlite3
from contextlib import closing
from random import Random
from time import sleep

import pytest

from runfox import Complete, Workflow
from runfox.connect import connect
from tests.acceptance.flows import (
    FLOW,
    INPUTS,
    OUTCOME,
    RUNS,
    WIDTH,
    left_over,
    starts,
    successes,
)
from tests.acceptance.processes import begin, end, said

DONE = str(Complete(OUTCOME))

FEW, MANY = range(10), range(10, 50)
"""Each number is one moment. The many are for when there is time."""

MOMENTS = [*FEW, *[pytest.param(moment, marks=pytest.mark.slow) for moment in MANY]]


@pytest.fixture
def run(tmp_path):
    backend = connect(str(tmp_path / "runs.db"))
    workflow = Workflow.from_dict(FLOW, backend, inputs=INPUTS)
    yield workflow
    backend.store.close()


def kill_at_some_moment(process, log, random):
    """Kill a process somewhere between its first step and its last."""
    while not log.exists() and process.poll() is None:
        sleep(0.005)
    sleep(random.random() * 0.25)
    end(process)


def check(run, tmp_path, *, kills):
    assert run.outcome == OUTCOME
    assert successes(run.backend, run.id) == RUNS
    assert left_over(tmp_path / "runs.db") == []
    again = starts(tmp_path / "log").total() - len(RUNS) - 1  # `flaky` is started twice
    # Of the runs that a process has taken on, it may have finished all and recorded none.
    assert 0 <= again <= kills * WIDTH


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_whose_driver_was_killed_is_finished_by_the_next(run, tmp_path, moment):
    random = Random(moment)
    database, log = tmp_path / "runs.db", tmp_path / "log"
    concurrency = 1 + moment % 3
    kill_at_some_moment(begin("drive", database, run.id, log, 0.008, concurrency), log, random)
    assert said(begin("drive", database, run.id, log, 0.0, concurrency)) == DONE
    check(run, tmp_path, kills=1)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_whose_worker_was_killed_is_finished_by_another(run, tmp_path, moment):
    random = Random(1_000 + moment)
    database, log = tmp_path / "runs.db", tmp_path / "log"
    concurrency = 1 + moment % 3
    run.advance()
    kill_at_some_moment(begin("work", database, run.id, log, 0.008, concurrency), log, random)
    assert said(begin("work-until-idle", database, run.id, log, 0.0, concurrency)) == ""
    check(run, tmp_path, kills=1)


@pytest.mark.parametrize("moment", [0, 1])
def test_killing_again_and_again_only_delays(run, tmp_path, moment):
    random = Random(2_000 + moment)
    database, log = tmp_path / "runs.db", tmp_path / "log"
    for _ in range(3):
        process = begin("drive", database, run.id, log, 0.02)
        sleep(0.2 + random.random() * 0.3)
        end(process)
    assert said(begin("drive", database, run.id, log, 0.0)) == DONE
    check(run, tmp_path, kills=3)


def test_a_run_goes_on_when_one_of_two_workers_is_killed(run, tmp_path):
    database, log = tmp_path / "runs.db", tmp_path / "log"
    run.advance()
    workers = [begin("work", database, run.id, log, 0.02, 2) for _ in range(2)]
    follower = begin("follow", database, run.id)
    try:
        kill_at_some_moment(workers[0], log, Random(1))
        assert said(follower) == DONE
    finally:
        for process in (*workers, follower):
            end(process)
    check(run, tmp_path, kills=1)


def test_a_driver_that_waits_for_workers_may_be_killed_too(run, tmp_path):
    database, log = tmp_path / "runs.db", tmp_path / "log"
    follower = begin("follow", database, run.id)
    worker = begin("work", database, run.id, log, 0.005)
    try:
        kill_at_some_moment(follower, log, Random(2))
        assert said(begin("follow", database, run.id)) == DONE
    finally:
        end(worker)
    check(run, tmp_path, kills=0)


def test_the_dead_leave_nothing_behind(run, tmp_path):
    database, log = tmp_path / "runs.db", tmp_path / "log"
    for number in range(3):
        kill_at_some_moment(begin("drive", database, run.id, log, 0.05), log, Random(number))
    assert said(begin("drive", database, run.id, log)) == DONE
    other = Workflow.from_dict(FLOW, run.backend, inputs=INPUTS)
    assert said(begin("drive", database, other.id, log)) == DONE
    assert list((tmp_path / "runs.db-workers").iterdir()) == []
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT * FROM workers").fetchall() == []
