"""What things cost in a PostgreSQL database: statements, each of which is a round trip, and mostly a commit."""

from datetime import timedelta

import pytest

from runfox.backend.postgres import PostgresStore, ledger
from runfox.backend.protocols import Ask, Message, Taker
from runfox.connect import connect
from runfox.graph import StepResult
from runfox.results import Complete
from runfox.testing import FakeClock, a_chain, a_claim, a_commit, a_job, a_spec, a_step, created
from runfox.worker import Worker
from tests.postgres_looks import beside, statements

TAKER = Taker("w", timedelta(hours=1))


@pytest.fixture
def store(postgres_database):
    store = PostgresStore(postgres_database, clock=FakeClock())
    store.ledger.take(Ask(TAKER))
    yield store
    store.close()


def test_a_step_in_the_middle_of_a_chain_is_one_statement(store, monkeypatch):
    steps = [f"s{number}" for number in range(10)]
    commit = a_step(created(store, "x1", a_chain(*steps)))._replace(taker=TAKER)
    store.commit(commit)
    for step in steps[:5]:
        commit = a_step(commit.record, StepResult(step, 0, {}))._replace(taker=TAKER)
        with statements(monkeypatch) as sent:
            assert store.commit_all([commit], Ask(TAKER, 3)) == ([False], [])
        assert sent.total() == 1


def test_a_creation_is_one_statement_and_so_is_a_load(store, monkeypatch):
    with statements(monkeypatch) as sent:
        record = created(store, "x1")
        store.load("x1")
        store.load("x1", known=record.revision)
    assert sent.total() == 3


def test_a_group_of_commits_is_one_statement_and_so_is_its_take(store, monkeypatch):
    commits = [a_step(created(store, f"x{number}"))._replace(taker=TAKER) for number in range(20)]
    with statements(monkeypatch) as sent:
        store.commit_all(commits, Ask(TAKER, 5))
    assert sent.total() == 2
    commits = [a_step(one.record, StepResult("a", 0, {})) for one in commits]
    with statements(monkeypatch) as sent:
        assert store.commit_all(commits) == ([False] * 20, [])
    assert sent.total() == 1
    assert {found.status for found in store.executions()} == {"complete"}


def test_a_commit_that_only_tells_somebody_looks_at_no_slots(store, monkeypatch):
    record = created(store)
    created(store, "x2")
    message = Message("x2", "k", "signal", {})
    with statements(monkeypatch) as sent:
        store.commit(a_commit(record)._replace(messages=(message,)))
    assert not any("slot" in one for one in sent)


def test_a_limit_that_one_run_had_costs_its_later_commits_a_look_and_others_none(
    store, monkeypatch
):
    record = created(store)
    store.commit(commit := a_commit(record)._replace(claims=(a_claim("k"),)))
    with statements(monkeypatch) as sent:
        store.commit(a_commit(commit.record))
    assert sent.total() > 1
    other = a_commit(created(store, "x2"))
    with statements(monkeypatch) as sent:
        store.commit(other)
    assert sent.total() == 1


def test_an_idle_worker_looks_by_one_statement_and_for_the_dead_once_a_second(store, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(ledger, "monotonic", lambda: now[0])
    store.ledger._looked = 0.0
    asking = Ask(TAKER, 1, None, ("cpu",))
    store.ledger.queue([a_job("a")])
    with statements(monkeypatch) as sent:
        for _ in range(10):
            assert store.ledger.take(asking) == []
    assert sent.total() == 10
    now[0] = 1.0
    with statements(monkeypatch) as sent:
        for _ in range(10):
            assert store.ledger.take(asking) == []
    assert sent.total() == 11


def test_an_idle_worker_writes_nothing(store, postgres_database):
    with beside(postgres_database) as connection:
        count = "SELECT xmin::text FROM workers"
        before = connection.execute(count).fetchall()
        for _ in range(10):
            store.ledger.take(Ask(TAKER))
        assert connection.execute(count).fetchall() == before


def test_a_worker_needs_a_statement_for_a_job_and_two_for_a_run(postgres_database, monkeypatch):
    backend = connect(postgres_database)
    keys = []
    for _ in range(20):
        keys.append(backend.create(a_chain("a", "b", "c", "d", "e")))
        backend.step(keys[-1])
    worker = Worker(backend, lambda fn, inputs: {})
    with statements(monkeypatch) as sent:
        worker.run(until_idle=True)
    assert sent["WITH moved AS"] == 20 * 5
    assert sent["WITH own AS"] <= 20 + 2
    # Sweeps, looks and connections, however long it took.
    assert sent.total() - sent["WITH moved AS"] - sent["WITH own AS"] < 60
    assert all(isinstance(how, Complete) for how in backend.wait(keys).values())
    backend.store.close()


def test_the_next_jobs_are_found_without_looking_at_all(postgres_database, store):
    created(store)
    store.ledger.queue([a_job(f"s{n}", of="w#x1") for n in range(500)])
    sql = (
        "EXPLAIN SELECT execution_id FROM jobs WHERE worker IS NULL AND delivery < 5 AND engine <= 9"
        " AND (expires_at IS NULL OR expires_at > 0) ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED"
    )
    with beside(postgres_database) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = "\n".join(row[0] for row in connection.execute(sql))
    assert "jobs_queued" in plan
    assert "Sort" not in plan


def test_a_spec_of_many_steps_is_one_insertion(store, monkeypatch):
    commit = a_step(created(store, "x1", a_spec(*[f"s{n}" for n in range(200)])))
    with statements(monkeypatch) as sent:
        store.commit(commit)
    assert sent.total() == 1
    assert len(store.ledger.pending()) == 200
