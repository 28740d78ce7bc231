"""A database of version 1 is brought up to date when it is opened, and loses nothing.

``version_1.sql`` was written by the release that knew no other: an execution that is done, and one that is open,
with a job that is taken, one that is queued, and a result that waits.
"""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from runfox import Complete, SqliteRunner, SqliteStore, WorkflowStatus
from runfox.backend import Backend, codec
from runfox.backend.protocols import Ask, Query, Taker
from runfox.backend.sqlite.schema import APPLICATION_ID, VERSION
from runfox.errors import StoreUnavailable
from runfox.results import TERMS, Terms
from runfox.testing import NOW, FakeClock, a_job

OLD = (Path(__file__).parent / "version_1.sql").read_text()
LATER = NOW + timedelta(seconds=1)
WORKER = Taker("w", timedelta(hours=1))


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(OLD)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
    return path


@pytest.fixture
def store(path):
    store = SqliteStore(path, clock=FakeClock(LATER + timedelta(seconds=1)))
    yield store
    store.close()


def tables_of(path):
    with closing(sqlite3.connect(path)) as connection:
        return sorted(connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall())


def test_a_migrated_database_has_the_tables_of_a_new_one(store, path, tmp_path):
    SqliteStore(tmp_path / "new.db").close()
    told = [(kind, name) for kind, name, _ in tables_of(path)]
    assert told == [(kind, name) for kind, name, _ in tables_of(tmp_path / "new.db")]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_executions_are_listed_as_before(store):
    opened, done = store.executions()
    assert (opened.execution_id, opened.status) == ("open", WorkflowStatus.IN_PROGRESS)
    assert (done.execution_id, done.status) == ("done", WorkflowStatus.COMPLETE)
    assert (done.created_at, opened.created_at) == (NOW, LATER)
    for summary in (opened, done):
        assert summary.labels == {"team": "shop"}
        assert (summary.parent, summary.priority) == (None, 5)
    assert len(store.executions(Query(roots=True, labels={"team": "shop"}))) == 2


def test_histories_are_what_they_were(store):
    first, *_, last = store.history("done")
    assert first.facts.startswith('[["created","9224bef87c94d10116ca5ba4833f0dc7"')
    assert last.facts == '[["succeeded","c",0,{}],["ended","complete",{"a":7},null]]'
    assert codec.facts(last)


def test_definitions_are_found_by_name_and_none_is_active(store):
    assert [row.definition.version for row in store.definitions()] == ["2", "1"]
    assert store.find("order").version == "2"
    assert store.find("order", "1").version == "1"
    assert store.active() == []
    store.activate(store.find("order", "1").workflow_id)
    assert store.find("order").version == "1"


def test_jobs_keep_their_places_and_have_no_bounds(store):
    (queued,) = store.ledger.pending()
    assert (queued.step_id, queued.inputs, queued.terms) == ("b", {"from": "b"}, TERMS)
    key = queued.workflow_execution_id
    store.ledger.queue(
        [
            a_job("low", of=key, terms=Terms(priority=4)),
            a_job("usual", of=key),
            a_job("high", of=key, terms=Terms(priority=6)),
        ]
    )
    assert [job.step_id for job in store.ledger.pending()] == ["high", "b", "usual", "low"]
    assert store.ledger.expire() == 0
    assert store.ledger.beat(Taker("sql-worker", timedelta(minutes=1))) == {(key, "a", 0)}


def test_what_was_open_goes_on_to_its_end(store, path):
    backend = Backend(store, SqliteRunner(path, clock=store.now))
    assert store.due(10) == ["open"]
    backend.step("open")
    for step in "bc":
        (job,) = store.ledger.take(Ask(WORKER, 1))
        assert job.step_id == step
        backend.submit_work_result(job.workflow_execution_id, step, {}, job.run_id)
        decision = backend.step("open").decision
    assert decision == Complete({"a": 8})


def test_a_migration_that_fails_changes_nothing(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE fired (in_the_way)")
    before = tables_of(path)
    with pytest.raises(StoreUnavailable, match="fired"):
        SqliteStore(path)
    assert tables_of(path) == before
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        connection.execute("DROP TABLE fired")
    SqliteStore(path).close()


def test_both_sides_of_a_file_can_be_the_first_to_open_it(path):
    SqliteRunner(path).close()
    store = SqliteStore(path)
    assert len(store.executions()) == 2
    store.close()
