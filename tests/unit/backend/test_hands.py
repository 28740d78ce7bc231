"""Processes that take jobs by hand, and forget one, or never hear of it: the answer of the database was lost."""

from datetime import timedelta

import pytest

from runfox import InMemoryStore, InProcessRunner, SqliteRunner, SqliteStore, Workflow
from runfox.backend import Backend
from runfox.backend.postgres import PostgresRunner, PostgresStore
from runfox.testing import FakeClock

LEASE = timedelta(seconds=60)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def backend(request, clock, tmp_path):
    match request.param:
        case "memory":
            store, runner = InMemoryStore(clock=clock), InProcessRunner()
        case "sqlite":
            path = tmp_path / "runs.db"
            store, runner = SqliteStore(path, clock=clock), SqliteRunner(path, clock=clock)
        case _:
            url = request.getfixturevalue("postgres_database")
            store, runner = PostgresStore(url, clock=clock), PostgresRunner(url, clock=clock)
    yield Backend(store, runner, lease=LEASE)
    if hasattr(store, "close"):
        store.close()


def test_a_job_that_was_forgotten_comes_back_though_its_taker_goes_on_taking(backend, clock):
    steps = [{"id": "forgotten"}, *[{"id": f"s{number}"} for number in range(12)]]
    run = Workflow.from_dict({"name": "wide", "steps": steps}, backend)
    run.advance()
    assert [job.step_id for job in backend.take_pending_jobs(1)] == ["forgotten"]
    taken = []
    for _ in range(12):
        clock.advance(LEASE / 4)
        for job in backend.take_pending_jobs(1):
            taken.append((job.step_id, job.delivery))
            backend.submit_work_result(run.id, job.step_id, {}, job.run_id)
            run.advance()
    assert taken.count(("forgotten", 2)) == 1
    # Not before its lease was over.
    assert taken.index(("forgotten", 2)) >= 3


def test_what_is_at_work_is_not_given_out_again_within_its_lease(backend, clock):
    run = Workflow.from_dict({"name": "one", "steps": [{"id": "a"}]}, backend)
    run.advance()
    assert len(backend.take_pending_jobs()) == 1
    for _ in range(3):
        clock.advance(LEASE / 4)
        assert backend.take_pending_jobs() == []


def test_a_process_that_takes_by_hand_for_long_has_a_few_names(backend, clock):
    names = set()
    for _ in range(100):
        clock.advance(LEASE / 3)
        names.add(backend.queue.hand(LEASE).worker)
    assert len(names) == 4


@pytest.mark.parametrize(
    "run", [("w#x", "a", 2**70), ("w#x", "a", -1), ("w#x", "\ud800", 0), ("w#x", None, 0)]
)
def test_nobody_gets_a_job_that_no_queue_can_have(backend, run):
    assert backend.claim(*run) is None
