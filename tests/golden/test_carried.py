"""Every run of the golden sets is carried to another store, and ends there as it would have ended where it was."""

import json
import sqlite3
from contextlib import closing

import pytest

from runfox import InMemoryStore, SqliteRunner, SqliteStore
from runfox.backend import Backend, codec, records
from runfox.backend.protocols import Query
from runfox.testing import FakeClock
from tests.golden import driving
from tests.golden.test_golden import HERE, SETS, golden

ALL = Query(limit=10_000)


def on_file(path, clock):
    store = SqliteStore(path, profile="fast", clock=clock)
    return Backend(store, SqliteRunner(path, profile="fast", clock=clock))


@pytest.mark.parametrize("there", ["file", "memory"])
@pytest.mark.parametrize("name", SETS)
def test_each_run_is_carried_as_it_is_and_ends_as_it_would_have_ended(name, there, tmp_path):
    clock = FakeClock(codec.moment(golden(name)["now"]) + driving.HOURS)
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as connection:
        connection.executescript((HERE / f"{name}.sql").read_text())
    here = on_file(tmp_path / "a.db", clock)
    other = (
        Backend(InMemoryStore(clock=clock))
        if there == "memory"
        else on_file(tmp_path / "b.db", clock)
    )
    for summary in here.executions(ALL._replace(roots=True)):
        other.import_run(json.loads(json.dumps(here.export(summary.execution_id))))
    carried = {one.execution_id: one for one in other.executions(ALL)}
    for summary in here.executions(ALL):
        own = summary.execution_id
        assert carried.pop(own)._replace(min_engine=0) == summary._replace(min_engine=0)
        assert records.record_text(other.load(own)) == records.record_text(here.load(own))
    assert carried == {}

    outcomes = golden(name)["outcomes"]
    keys = {own: other.load(own).origin.key for own in outcomes}
    driving.finish(other, clock, list(keys.values()))
    for own, told in outcomes.items():
        record = other.load(own)
        kind = None if record.error is None else record.error["type"]
        assert [str(record.status), record.outcome, kind] == told, own
    here.store.close()
    if there == "file":
        other.store.close()
