"""Every runner keeps the promises of a runner, beside every kind of store, and every queue those of a queue."""

import pytest

from runfox.backend import Backend, InMemoryStore, InProcessRunner, SqliteRunner, SqliteStore
from runfox.testing import Bench, FakeClock, JobSourceContract, RunnerContract, a_spec, bench_of
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


def test_jobs_that_a_queue_elsewhere_keeps_are_not_kept_by_the_store(tmp_path):
    store, runner = SqliteStore(tmp_path / "s.db"), SqliteRunner(tmp_path / "r.db")
    backend = Backend(store, runner)
    key = backend.create(a_spec("a", "b"))
    assert len(backend.step(key).jobs) == 2
    assert len(backend.list_pending_jobs()) == 2
    assert store.ledger.pending() == []
    backend.submit_work_error(key, "a", "Broken", "it broke", 0)
    assert backend.step(key).facts
    assert [job.step_id for job in backend.list_pending_jobs()] in ([], ["b"])
    store.close()
    runner.close()
