"""What earlier releases wrote is read, folds, and goes on to the end that it would have come to then.

The sets beside this file were written by the code of their time; ``write.py`` says how.
"""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from runfox import SqliteRunner, SqliteStore
from runfox.backend import Backend, codec, records
from runfox.backend.shapes import Row
from runfox.graph import FACTS, blank, fold, rebuild
from runfox.testing import FakeClock
from tests.golden import driving

HERE = Path(__file__).parent
SETS = sorted(path.stem for path in HERE.glob("format_*.sql"))


@cache
def golden(name):
    """Return what a set tells of its runs."""
    return json.loads((HERE / f"{name}.json").read_text())


@pytest.fixture(scope="module", params=SETS)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def path(name, tmp_path_factory):
    path = tmp_path_factory.mktemp(name) / "golden.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript((HERE / f"{name}.sql").read_text())
    return path


@pytest.fixture(scope="module")
def clock(name):
    return FakeClock(codec.moment(golden(name)["now"]) + driving.HOURS)


@pytest.fixture(scope="module")
def backend(path, clock):
    store = SqliteStore(path, profile="fast", clock=clock)
    runner = SqliteRunner(path, profile="fast", clock=clock)
    yield Backend(store, runner)
    store.close()
    runner.close()


def test_there_is_a_set_of_every_format_with_many_runs():
    assert {"format_1", "format_2"} <= set(SETS)
    for name in SETS:
        assert len(golden(name)["records"]) >= 30


def test_the_second_format_has_every_kind_of_fact():
    text = (HERE / "format_2.sql").read_text()
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(text)
        rows = connection.execute("SELECT revision, facts FROM facts").fetchall()
    now = codec.moment(0)
    found = {type(fact) for row in rows for fact in codec.facts(Row(row[0], now, row[1]))}
    assert found >= {fact for fact in FACTS if fact.__name__ not in LATER}


LATER: set[str] = set()
"""Facts that are younger than the second format."""


def test_each_record_loads_and_is_what_its_history_folds_to(name, backend):
    for own in golden(name)["records"]:
        record = backend.load(own)
        rows = backend.history(own)
        assert [row.revision for row in rows] == list(range(1, record.revision + 1))
        told = [fact for row in rows for fact in codec.facts(row)]
        start = blank(record.plan, execution_id=own, created=told[0])
        again = rebuild(fold(start, told, revision=record.revision))
        assert records.record_text(again) == records.record_text(record)


def test_each_text_of_a_record_is_read_as_the_record_that_it_was(name, backend):
    for own, text in golden(name)["records"].items():
        record = backend.load(own)
        assert records.record_text(records.record_from(text, record.plan)) == records.record_text(
            record
        )


def test_facts_are_written_again_as_they_were(name, backend):
    for own in golden(name)["records"]:
        for row in backend.history(own):
            assert codec.facts_text(codec.facts(row)) == row.facts


def test_every_run_ends_as_the_release_that_began_it_would_have_ended_it(name, backend, clock):
    outcomes = golden(name)["outcomes"]
    keys = {own: backend.load(own).origin.key for own in outcomes}
    driving.finish(backend, clock, list(keys.values()))
    for own, told in outcomes.items():
        record = backend.load(own)
        kind = None if record.error is None else record.error["type"]
        assert [str(record.status), record.outcome, kind] == told, own
    clock.advance(timedelta(days=1))
    assert backend.list_pending_jobs() == []


def test_the_database_is_whole_afterwards(path, backend):
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
