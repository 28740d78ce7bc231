"""The write-ahead log is brought over into the database often enough, and while nobody else can write."""

import sqlite3
from contextlib import closing

import pytest

from runfox import Complete, Workflow
from runfox.backend.sqlite import checkpoints
from runfox.connect import connect

CHAIN = {
    "name": "chain",
    "steps": [{"id": f"s{n}", "depends_on": [f"s{n - 1}"] if n else []} for n in range(100)],
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs.db"


def run(path):
    backend = connect(str(path), executor=lambda fn, inputs: {}, profile="fast")
    with closing(backend.store):
        assert Workflow.from_dict(CHAIN, backend).run() == Complete({})


def test_nobody_else_can_write_while_the_log_is_brought_over(path, monkeypatch):
    done = []

    class Watched(sqlite3.Connection):
        def execute(self, statement):
            third = sqlite3.connect(path, timeout=0, isolation_level=None)
            with closing(third), pytest.raises(sqlite3.OperationalError, match="locked"):
                third.execute("BEGIN IMMEDIATE")
            _, pages, over = super().execute(statement).fetchone()
            done.append((statement, pages == over > 0))

    def watched(path):
        return sqlite3.connect(path, isolation_level=None, factory=Watched)

    monkeypatch.setattr(checkpoints, "COMMITS", 40)
    monkeypatch.setattr(checkpoints, "_another", watched)
    run(path)
    assert done == [("PRAGMA wal_checkpoint(PASSIVE)", True)] * 2


@pytest.fixture
def held_open(path):
    """As long as somebody has the database open, nobody else that closes it is the last, who tidies up."""
    run(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("SELECT count(*) FROM facts").fetchone()
        yield


def test_the_log_stays_short_however_many_commits_there_are(path, held_open):
    backend = connect(str(path), executor=lambda fn, inputs: {}, profile="fast")
    with closing(backend.store):
        for _ in range(12):
            assert Workflow.from_dict(CHAIN, backend).run() == Complete({})
    assert path.with_name("runs.db-wal").stat().st_size < 2 * checkpoints.GROWN


def test_the_log_stays_short_where_each_process_commits_little(path, held_open, monkeypatch):
    monkeypatch.setattr(checkpoints, "GROWN", 200_000)
    for _ in range(12):
        run(path)
    assert path.with_name("runs.db-wal").stat().st_size < 5_000_000


def test_a_failing_checkpoint_is_no_failing_commit(path, monkeypatch):
    def broken(path):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(checkpoints, "COMMITS", 10)
    monkeypatch.setattr(checkpoints, "_another", broken)
    run(path)
