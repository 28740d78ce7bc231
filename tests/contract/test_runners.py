"""Every runner keeps the promises of a runner, beside every kind of store, and every queue those of a queue."""

from datetime import timedelta

import pytest

from runfox.backend import Backend, InMemoryStore, InProcessRunner, SqliteRunner, SqliteStore
from runfox.backend.postgres import PostgresRunner, PostgresStore
from runfox.backend.protocols import Hint
from runfox.backend.sweeping import sweep
from runfox.errors import RequestError
from runfox.results import Complete
from runfox.testing import (
    Bench,
    FakeClock,
    HintsContract,
    JobSourceContract,
    RunnerContract,
    a_spec,
    bench_of,
)
from tests.contract.text_store import TextStore

KEYS = ("w#x1", "w#x2")


class TestInProcessRunnerInMemory(RunnerContract):
    @pytest.fixture
    def backend(self):
        return Backend(InMemoryStore(), InProcessRunner())


class TestInProcessRunnerOnSqlite(RunnerContract):
    @pytest.fixture
    def backend(self, tmp_path):
        store = SqliteStore(tmp_path / "s.db")
        yield Backend(store, InProcessRunner())
        store.close()


class TestInProcessRunnerOnItsOwn(RunnerContract):
    @pytest.fixture
    def backend(self, tmp_path):
        return Backend(TextStore(tmp_path), InProcessRunner())


class TestSqliteRunnerInTheFileOfItsStore(RunnerContract):
    @pytest.fixture
    def backend(self, tmp_path):
        store = SqliteStore(tmp_path / "s.db")
        yield Backend(store, SqliteRunner(tmp_path / "s.db"))
        store.close()


class TestSqliteRunnerInAFileOfItsOwn(RunnerContract):
    @pytest.fixture
    def backend(self, tmp_path):
        store, runner = SqliteStore(tmp_path / "s.db"), SqliteRunner(tmp_path / "r.db")
        yield Backend(store, runner)
        store.close()
        runner.close()


class TestSqliteRunnerBesideMemory(RunnerContract):
    @pytest.fixture
    def backend(self, tmp_path):
        runner = SqliteRunner(tmp_path / "r.db")
        yield Backend(InMemoryStore(), runner)
        runner.close()


class TestInProcessRunnerOnPostgres(RunnerContract):
    @pytest.fixture
    def backend(self, postgres_database):
        store = PostgresStore(postgres_database)
        yield Backend(store, InProcessRunner())
        store.close()


class TestPostgresRunnerInTheSchemaOfItsStore(RunnerContract):
    @pytest.fixture
    def backend(self, postgres_database):
        store = PostgresStore(postgres_database)
        yield Backend(store, PostgresRunner(postgres_database))
        store.close()


class TestPostgresRunnerBesideSqlite(RunnerContract):
    @pytest.fixture
    def backend(self, tmp_path, postgres_database):
        store, runner = SqliteStore(tmp_path / "s.db"), PostgresRunner(postgres_database)
        yield Backend(store, runner)
        store.close()
        runner.close()


class TestQueueInMemory(JobSourceContract):
    @pytest.fixture
    def bench(self):
        clock = FakeClock()
        return bench_of(InMemoryStore(clock=clock), clock)


class TestQueueOfAnInProcessRunner(JobSourceContract):
    @pytest.fixture
    def bench(self):
        clock = FakeClock()
        runner = InProcessRunner(clock=clock)
        return Bench(runner.ledger, runner.inbox, clock, KEYS)


class TestQueueOfASqliteStore(JobSourceContract):
    @pytest.fixture
    def bench(self, tmp_path):
        clock = FakeClock()
        store = SqliteStore(tmp_path / "s.db", clock=clock)
        yield bench_of(store, clock)
        store.close()


class TestQueueOfASqliteRunner(JobSourceContract):
    @pytest.fixture
    def bench(self, tmp_path):
        clock = FakeClock()
        runner = SqliteRunner(tmp_path / "r.db", clock=clock)
        yield Bench(runner.ledger, runner.inbox, clock, KEYS)
        runner.close()


class TestQueueOfAPostgresStore(JobSourceContract):
    @pytest.fixture
    def bench(self, postgres_database):
        clock = FakeClock()
        store = PostgresStore(postgres_database, clock=clock)
        yield bench_of(store, clock)
        store.close()


class TestQueueOfAPostgresRunner(JobSourceContract):
    @pytest.fixture
    def bench(self, postgres_database):
        clock = FakeClock()
        runner = PostgresRunner(postgres_database, clock=clock)
        yield Bench(runner.ledger, runner.inbox, clock, KEYS)
        runner.close()


class TestHintsInASqliteFile(HintsContract):
    @pytest.fixture
    def hints(self, tmp_path):
        runner = SqliteRunner(tmp_path / "r.db")
        yield runner
        runner.close()


class TestHintsInAPostgresSchema(HintsContract):
    @pytest.fixture
    def hints(self, postgres_database):
        runner = PostgresRunner(postgres_database)
        yield runner
        runner.close()


@pytest.fixture
def apart(tmp_path):
    """A store that keeps jobs, and a queue in another file."""
    store, runner = SqliteStore(tmp_path / "s.db"), SqliteRunner(tmp_path / "r.db")
    yield Backend(store, runner)
    store.close()
    runner.close()


def test_a_queue_apart_from_the_store_carries_keys_alone(apart, tmp_path):
    key = apart.create(a_spec("a", "b"), {"secret": "planted"})
    assert len(apart.step(key).jobs) == 2
    assert len(apart.store.ledger.pending()) == 2
    assert apart.runner.ledger.pending() == []
    assert [hint.run for hint in apart.runner.receive(10)] == [(key, "a", 0), (key, "b", 0)]
    assert apart.runner.receive(10) == []
    assert b"planted" not in (tmp_path / "r.db").read_bytes()
    assert b"planted" not in (tmp_path / "r.db-wal").read_bytes()


def test_a_hint_that_is_repeated_late_or_made_up_claims_nothing(apart):
    key = apart.create(a_spec("a"))
    apart.step(key)
    apart.runner.hint([Hint("w#nobody", "a", 0), Hint(key, "other", 0), Hint(key, "a", 7)])
    [job] = apart.take_pending_jobs()
    apart.runner.hint([Hint(key, "a", 0)])
    assert apart.take_pending_jobs() == []
    apart.submit_work_result(key, "a", {}, job.run_id)
    assert isinstance(apart.step(key).decision, Complete)
    apart.runner.hint([Hint(key, "a", 0)])
    assert apart.take_pending_jobs() == []


def test_a_lost_hint_is_sent_again_by_the_sweep(tmp_path):
    clock = FakeClock()
    store = SqliteStore(tmp_path / "s.db", clock=clock)
    runner = SqliteRunner(tmp_path / "r.db", clock=clock)
    backend = Backend(store, runner, hold=timedelta(seconds=30))
    key = backend.create(a_spec("a"))
    backend.step(key)
    assert len(runner.receive(10)) == 1  # and whoever received it died
    assert sweep(backend).announced == 0
    for waits in (30, 30, 60, 120):
        clock.advance(timedelta(seconds=waits - 1))
        assert sweep(backend).announced == 0
        clock.advance(timedelta(seconds=1))
        assert sweep(backend).announced == 1
        assert [hint.run for hint in runner.receive(10)] == [(key, "a", 0)]
    store.close()
    runner.close()


def test_what_a_dead_worker_held_is_announced_at_once(tmp_path):
    clock = FakeClock()
    store = SqliteStore(tmp_path / "s.db", clock=clock)
    runner = SqliteRunner(tmp_path / "r.db", clock=clock)
    backend = Backend(store, runner, lease=timedelta(seconds=60))
    key = backend.create(a_spec("a"))
    backend.step(key)
    assert len(backend.take_pending_jobs()) == 1
    clock.advance(timedelta(seconds=59))
    assert sweep(backend)[:3] == (0, 0, 0)
    clock.advance(timedelta(seconds=2))
    assert sweep(backend)[:3] == (1, 0, 1)
    [job] = backend.take_pending_jobs()
    assert job.delivery == 2
    store.close()
    runner.close()


def test_a_queue_that_cannot_be_told_of_a_job_is_told_later(tmp_path):
    class Broken:
        def dispatch(self, workflow_execution_id, jobs):
            raise ConnectionError("no route to the queue")

        hint = dispatch

        def receive(self, limit, queues=()):
            raise AssertionError

    clock = FakeClock()
    backend = Backend(InMemoryStore(clock=clock), Broken())
    key = backend.create(a_spec("a"))
    assert len(backend.step(key).jobs) == 1
    clock.advance(timedelta(seconds=30))
    assert sweep(backend).announced == 1


def test_hints_beside_a_store_that_keeps_no_jobs_are_refused(tmp_path):
    class Keys:
        def dispatch(self, workflow_execution_id, jobs):
            raise AssertionError

        hint = receive = dispatch

    with pytest.raises(RequestError, match="keeps no jobs"):
        Backend(TextStore(tmp_path), Keys())
