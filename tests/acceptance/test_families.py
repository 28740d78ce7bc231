"""Real processes bring callers, their children, many items and timers to the end, whoever is killed."""

from datetime import timedelta
from random import Random
from time import sleep

import pytest

from runfox import Complete, Workflow
from runfox.backend.ids import execution_id
from runfox.backend.protocols import Query
from runfox.connect import connect
from tests.acceptance.families import (
    CALLER,
    CHILDREN,
    ITEMS,
    NAP,
    TOTAL,
    WIDE,
    begin,
    numbers,
    starts,
)
from tests.acceptance.flows import left_over, successes
from tests.acceptance.processes import TOO_LONG, end, said

FEW, MANY = range(5), range(5, 50)

MOMENTS = [*FEW, *[pytest.param(moment, marks=pytest.mark.slow) for moment in MANY]]

RUNS = 2 * CHILDREN + 1


@pytest.fixture
def backend(tmp_path):
    made = connect(str(tmp_path / "runs.db"))
    yield made
    made.store.close()


@pytest.fixture
def workers(tmp_path):
    """Return a function that starts so many workers; they are killed at the end."""
    begun = []

    def start(count, concurrency=1, seconds=0.0):
        place = (tmp_path / "runs.db", "-", tmp_path / "log", seconds, concurrency)
        begun.extend(begin("work", *place) for _ in range(count))

    yield start
    for process in begun:
        end(process)


def ended(flow):
    found = flow.backend.wait([flow.id], timeout=timedelta(seconds=TOO_LONG))
    return found.get(flow.id)


def test_two_workers_bring_a_caller_and_its_twenty_children_to_the_end(backend, workers, tmp_path):
    flow = Workflow.from_dict(CALLER, backend, inputs=numbers(CHILDREN))
    flow.advance()
    workers(2, concurrency=2)
    assert ended(flow) == Complete(TOTAL)
    counted, _ = starts(tmp_path / "log")
    assert counted.total() == len(counted) == RUNS
    assert left_over(tmp_path / "runs.db") == []


def test_a_wait_is_over_in_time_with_nobody_but_a_worker(backend, workers):
    flow = Workflow.from_dict(NAP, backend)
    flow.advance()
    workers(1)
    assert ended(flow) == Complete({"n": 2})


def test_three_workers_share_two_hundred_items_and_keep_their_order(backend, workers, tmp_path):
    flow = Workflow.from_dict(WIDE, backend, inputs=numbers(ITEMS))
    flow.advance()
    workers(3, seconds=0.005)
    assert ended(flow) == Complete({"values": [n + 1 for n in range(ITEMS)]})
    counted, processes = starts(tmp_path / "log")
    assert counted.total() == len(counted) == ITEMS
    assert len(processes) > 1


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_whose_driver_was_killed_with_children_open_is_finished_by_the_next(
    backend, tmp_path, moment
):
    random = Random(moment)
    database, log, concurrency = tmp_path / "runs.db", tmp_path / "log", 1 + moment % 3
    flow = Workflow.from_dict(CALLER, backend, inputs=numbers(CHILDREN))
    driver = begin("drive", database, flow.id, log, 0.01, concurrency)
    while not log.exists() and driver.poll() is None:
        sleep(0.005)
    sleep(random.random() * 0.3)
    end(driver)
    assert said(begin("drive", database, flow.id, log, 0.0, concurrency)) == str(Complete(TOTAL))
    children = backend.executions(Query(parent=execution_id(flow.id)))
    assert len(children) == CHILDREN
    for key, runs in [(flow.id, 1), *((child.execution_id, 2) for child in children)]:
        recorded = successes(backend, key)
        assert recorded.total() == len(recorded)
        assert len([step for step, _ in recorded if step in ("first", "second", "last")]) == runs
    counted, _ = starts(log)
    # Of what the killed one had taken on, it may have executed all that ran and recorded none.
    assert RUNS <= counted.total() <= RUNS + CHILDREN
    assert max(counted.values()) <= 2
    assert left_over(database) == []


def test_children_go_on_with_workers_when_the_driver_that_began_them_is_killed(
    backend, workers, tmp_path
):
    flow = Workflow.from_dict(CALLER, backend, inputs=numbers(CHILDREN))
    driver = begin("drive", tmp_path / "runs.db", flow.id, tmp_path / "log", 0.02)
    while not (tmp_path / "log").exists() and driver.poll() is None:
        sleep(0.005)
    end(driver)
    workers(2)
    assert ended(flow) == Complete(TOTAL)
