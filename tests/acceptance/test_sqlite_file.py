"""The file of a SQLite store: who may read it, what survives, and what is not ours to touch."""

import os
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from threading import Event

import pytest

from runfox import Complete, InProcessRunner, SqliteRunner, SqliteStore, Workflow
from runfox.backend import Backend
from runfox.backend.protocols import Taker
from runfox.backend.routes import Shared
from runfox.backend.sqlite.schema import VERSION
from runfox.connect import connect
from runfox.errors import RequestError, SchemaMismatch, StoreError, StoreUnavailable

ONE = {"name": "one", "steps": [{"id": "a"}]}


def pragma(store, name):
    return store._database.connection.execute(f"PRAGMA {name}").fetchone()[0]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs.db"


def test_nobody_else_can_read_it(path):
    old = os.umask(0)
    try:
        backend = connect(str(path), executor=lambda fn, inputs: {})
        assert Workflow.from_dict(ONE, backend).run() == Complete({})
    finally:
        os.umask(old)
    for file in (path, *path.parent.glob("runs.db-*")):
        mode = stat.S_IMODE(file.stat().st_mode)
        assert mode == (0o700 if file.is_dir() else 0o600), file
    backend.store.close()


def test_what_was_acknowledged_survives_a_power_cut(path):
    store = SqliteStore(path)
    assert pragma(store, "journal_mode") == "wal"
    assert pragma(store, "synchronous") == 2
    store.close()


def test_the_fast_profile_never_corrupts(path):
    store = SqliteStore(path, profile="fast")
    assert pragma(store, "journal_mode") == "wal"
    assert pragma(store, "synchronous") == 1
    store.close()


def test_every_thread_has_those_settings(path):
    store = SqliteStore(path)
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(pragma, store, "synchronous").result() == 2
        assert thread.submit(pragma, store, "journal_mode").result() == "wal"
    store.close()


def test_an_unknown_profile_is_refused(path):
    with pytest.raises(RequestError, match="durable"):
        SqliteStore(path, profile="careless")
    assert not path.exists()


@pytest.mark.parametrize("kind", [SqliteStore, SqliteRunner])
def test_a_file_of_a_newer_runfox_is_refused_and_left_alone(path, kind):
    kind(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(SchemaMismatch, match="newer runfox"):
        kind(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("kind", [SqliteStore, SqliteRunner])
def test_a_database_of_another_program_is_refused_and_left_alone(path, kind):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE precious (x)")
    before = path.read_bytes()
    with pytest.raises(SchemaMismatch, match="another program"):
        kind(path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["runs.db"]


def test_a_file_that_is_no_database_is_refused_and_left_alone(path):
    path.write_text("name: a workflow, mistaken for a database\n" * 100)
    with pytest.raises(SchemaMismatch, match="no SQLite database"):
        SqliteStore(path)
    assert path.read_text().startswith("name: a workflow")


def test_an_empty_file_is_as_good_as_none(path):
    path.touch()
    store = SqliteStore(path)
    assert store.executions() == []
    store.close()


def test_a_path_in_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RequestError, match="no folder"):
        SqliteStore(tmp_path / "nowhere" / "runs.db")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_database(tmp_path):
    with pytest.raises(StoreUnavailable):
        SqliteStore(tmp_path)


@pytest.mark.parametrize("path", [":memory:", "", "a\x00b"])
def test_a_path_that_is_none_is_refused(path):
    with pytest.raises((RequestError, StoreError)):
        SqliteStore(path)


def test_what_is_read_after_closing_is_what_was_written(path):
    backend = connect(str(path), executor=lambda fn, inputs: {"n": 1})
    run = Workflow.from_dict(ONE, backend)
    run.run()
    backend.store.close()
    assert not path.with_name("runs.db-wal").exists()
    again = connect(str(path))
    assert again.load(run.id).steps["a"].output == {"n": 1}
    backend.store.close()
    assert Workflow.resume(run.id, backend).status == "complete"
    again.store.close()


def test_threads_that_come_and_go_leave_no_connections(path):
    store = SqliteStore(path)
    for _ in range(20):
        with ThreadPoolExecutor(1) as thread:
            thread.submit(store.executions).result()
    assert len(store._database._connections) <= 2
    store.close()


def test_a_file_is_closed_while_other_threads_are_at_it(path):
    backend = connect(str(path))
    done = Event()

    def use():
        while not done.is_set():
            backend.queue.ledger.beat(Taker("w-1", timedelta(seconds=60)))

    with ThreadPoolExecutor(2) as threads:
        used = [threads.submit(use) for _ in range(2)]
        for _ in range(50):
            backend.store.close()
        done.set()
        assert [one.result() for one in used] == [None, None]
    backend.store.close()


def test_store_and_runner_of_one_file_share_it_however_it_is_named(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    link = path.with_name("link.db")
    store = SqliteStore("runs.db")
    link.symlink_to(path)
    backend = Backend(store, SqliteRunner(link))
    assert isinstance(backend.route, Shared)
    assert not isinstance(Backend(store, SqliteRunner("other.db")).route, Shared)
    assert isinstance(Backend(store, InProcessRunner()).route, Shared)
    backend.runner.close()
    store.close()


def test_a_full_disk_is_an_error_and_nothing_is_half_written(path):
    backend = connect(str(path))
    steps = [{"id": f"s{n}"} for n in range(50)]
    run = Workflow.from_dict({"name": "wide", "steps": steps}, backend)
    connection = backend.store._database.connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreUnavailable, match="full"):
        run.advance()
    assert backend.load(run.id).revision == 1
    assert backend.list_pending_jobs() == []
    connection.execute("PRAGMA max_page_count = 1073741823")
    assert len(run.advance().jobs) == 50
    backend.store.close()


def test_whoever_begins_to_work_clears_up_after_the_dead(path):
    backend = connect(str(path), executor=lambda fn, inputs: {})
    folder = path.with_name("runs.db-workers")
    folder.mkdir()
    for worker in ("killed-before-its-first-commit", "killed-later"):
        (folder / worker).touch()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(
            "INSERT INTO workers (worker, host, pid, lease_until) VALUES ('killed-later', 'here', 1, 1 << 60)"
        )
        connection.execute(
            "INSERT INTO workers (worker, host, pid, lease_until) VALUES ('without-a-lock', 'there', 1, 1)"
        )
        # Nobody ever has to wait here, or to take what others left.
        Workflow.from_dict(ONE, backend).run()
        assert connection.execute("SELECT worker FROM workers").fetchall() == [(backend.name,)]
    assert {file.name for file in folder.iterdir()} == {"killed-later", backend.name}
    other = Backend(backend.store, backend.runner, executor=lambda fn, inputs: {})
    Workflow.from_dict(ONE, other).run()
    assert {file.name for file in folder.iterdir()} == {backend.name, other.name}
    backend.store.close()
