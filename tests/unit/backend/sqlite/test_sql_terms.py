"""Workers that speak SQL alone know nothing of terms: the database reckons for them."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from runfox import SqliteStore
from runfox.backend.clock import utc_now
from runfox.backend.codec import milliseconds
from runfox.backend.queue import result_of
from runfox.results import Terms
from runfox.testing import FakeClock, a_job, created
from tests.acceptance import sql_worker

ME = {"worker": "sql", "host": "here", "pid": 1, "until": 2**62}


@pytest.fixture
def clock():
    return FakeClock(utc_now())


@pytest.fixture
def store(tmp_path, clock):
    store = SqliteStore(tmp_path / "s.db", clock=clock)
    yield store
    store.close()


@pytest.fixture
def sql(store, tmp_path):
    with closing(sqlite3.connect(tmp_path / "s.db", isolation_level=None)) as connection:
        connection.execute(sql_worker.ENTER, ME)
        yield connection


def queue(store, **terms):
    key = created(store).origin.key
    store.ledger.queue([a_job(step, of=key, terms=own) for step, own in terms.items()])


def test_an_attempt_begins_when_it_is_taken_with_sql(store, sql, clock):
    queue(store, a=Terms(wait=1.0, attempt=600.0))
    before = milliseconds(utc_now())
    assert sql.execute(sql_worker.TAKE, ME).fetchone()[1] == "a"
    after = milliseconds(utc_now())
    taken, until = sql.execute("SELECT taken_at, expires_at FROM jobs").fetchone()
    assert before - 2 <= taken <= after + 2
    assert abs(until - taken - 600_000) <= 1
    clock.advance(timedelta(seconds=500))
    assert store.ledger.expire() == 0
    clock.advance(timedelta(days=1))
    assert store.ledger.expire() == 1
    (message,) = store.read("x1", 10)
    assert result_of(message).error == {"type": "Timeout", "message": "it took longer than 600 s"}


def test_a_job_taken_with_sql_does_not_wait_any_longer(store, sql, clock):
    queue(store, a=Terms(wait=1.0))
    sql.execute(sql_worker.TAKE, ME).fetchall()
    clock.advance(timedelta(days=1))
    assert store.ledger.expire() == 0


def test_the_most_urgent_job_is_the_first_for_sql_too(store, sql):
    queue(store, low=Terms(priority=1), high=Terms(priority=9))
    steps = [sql.execute(sql_worker.TAKE, ME).fetchone()[1] for _ in range(2)]
    assert steps == ["high", "low"]
