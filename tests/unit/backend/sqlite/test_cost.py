"""What a commit costs in a SQLite file: who does not use limits, starts and the like does not pay for them."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from runfox import SqliteStore
from runfox.backend.protocols import Ask, Message, Taker
from runfox.graph import StepResult
from runfox.results import Terms
from runfox.testing import NOW, FakeClock, a_chain, a_claim, a_commit, a_job, a_step, created

TAKER = Taker("w", timedelta(hours=1))


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def store(tmp_path, clock):
    store = SqliteStore(tmp_path / "s.db", clock=clock)
    yield store
    store.close()


@contextmanager
def statements(store):
    said = []
    connection = store._database.connection
    connection.set_trace_callback(said.append)
    yield said
    connection.set_trace_callback(None)
    # What triggers do is told as comments.
    said[:] = [" ".join(one.split()[:3]) for one in said if not one.startswith("--")]


def pages(store):
    """Return how many pages wait in the log since it was emptied, having emptied it again."""
    return store._database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def pages_of(store, commit):
    pages(store)
    store.commit(commit)
    _, written, _ = store._database.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return written


def test_a_step_in_the_middle_of_a_chain_costs_four_writes_of_as_many_pages(store):
    steps = [f"s{number}" for number in range(10)]
    commit = a_step(created(store, "x1", a_chain(*steps)))._replace(taker=TAKER)
    store.commit(commit)
    for step in steps[:5]:
        commit = a_step(commit.record, StepResult(step, 0, {}))._replace(taker=TAKER)
        with statements(store) as said:
            store.commit(commit)
        assert said == [
            "BEGIN IMMEDIATE",
            "UPDATE executions SET",
            "INSERT INTO facts",
            "DELETE FROM jobs",
            "INSERT INTO workers",
            "INSERT OR IGNORE",
            "COMMIT",
        ]
    commit = a_step(commit.record, StepResult("s5", 0, {}))._replace(taker=TAKER)
    assert pages_of(store, commit) <= 4


def test_the_end_of_an_execution_that_knew_no_limits_costs_no_more(store):
    commit = a_step(created(store))._replace(taker=TAKER)
    store.commit(commit)
    commit = a_step(commit.record, StepResult("a", 0, {}))
    assert commit.record.status.ended
    with statements(store) as said:
        store.commit(commit)
    assert len(said) == 5


def test_a_creation_costs_three_writes(store):
    created(store, "x1")
    with statements(store) as said:
        created(store, "x2")
    assert len(said) == 5


def test_a_commit_that_only_tells_somebody_looks_at_no_slots(store):
    record = created(store)
    created(store, "x2")
    message = Message("x2", "k", "signal", {})
    with statements(store) as said:
        store.commit(a_commit(record)._replace(messages=(message,)))
    assert not any("slot" in one for one in said)


def test_starts_of_a_rate_and_outputs_past_their_time_do_not_add_up(store):
    record = created(store)
    rate = (5, timedelta(seconds=1))
    for number in range(20):
        commit = a_commit(record, now=NOW + timedelta(seconds=number))
        claim = a_claim(f"k{number}", run_id=number, rate=rate)
        commit = commit._replace(claims=(claim,), freed=(("a", number - 1),))
        store.commit(commit)
        record = commit.record
    rows = store._database.rows("SELECT count(*) FROM slot_starts")
    assert rows == [(1,)]


def test_idle_workers_and_sweepers_write_nothing(store):
    store.ledger.queue([a_job("a", terms=Terms(queue="gpu", wait=60.0))])
    store.ledger.take(asking := _asking("cpu"))
    with statements(store) as said:
        assert store.ledger.take(asking) == []
        assert store.ledger.expire() == 0
    assert all(one.startswith("SELECT") for one in said)


def _asking(queue):
    return Ask(TAKER, 1, None, (queue,))
