"""What an operator does with what is kept: forget it, carry it elsewhere, bring its tables up to date."""

import json
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from runfox import Workflow
from runfox.backend import Backend, SqliteStore
from runfox.backend.outliving import over
from runfox.backend.protocols import Query
from runfox.backend.sqlite import schema
from runfox.connect import connect
from runfox.errors import RequestError
from runfox.testing import NOW
from tests.unit.cli.saying import Say, saying

FLOW = {"name": "flow", "steps": [{"id": "a"}]}
CALLER = {
    "name": "caller",
    "workflows": {"child": {"steps": [{"id": "x"}]}},
    "steps": [{"id": "c", "call": "child"}],
}
LONG_AGO = NOW - timedelta(days=300)


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    monkeypatch.chdir(tmp_path)
    return saying(capsys)


@pytest.fixture
def backend(say: Say) -> Iterator[Backend]:
    backend = connect("runfox.db", executor=lambda fn, inputs: {})
    yield backend
    backend.store.close()


def ended_long_ago(name: str, flow: dict = FLOW) -> None:
    store = SqliteStore("runfox.db", clock=lambda: LONG_AGO)
    old = Backend(store, executor=lambda fn, inputs: {})
    Workflow.from_dict(flow, old, execution_id=name).run()


def ids(backend: Backend) -> set[str]:
    return {one.execution_id for one in backend.executions()}


# gc ---------------------------------------------------------------------------------------------------


def test_what_ended_long_ago_goes_and_the_rest_stays(say: Say, backend: Backend) -> None:
    ended_long_ago("old")
    Workflow.from_dict(FLOW, backend, execution_id="new").run()
    Workflow.from_dict(FLOW, backend, execution_id="open").advance()
    would = say("gc", "--older-than", "30d", "--dry-run", "-o", "json").json
    assert [(one["root"], one["members"]) for one in would] == [("old", 1)]
    assert ids(backend) == {"old", "new", "open"}
    said = say("gc", "--older-than", "30d", "-o", "json")
    assert (said.code, said.json["deleted"]) == (0, ["old"])
    assert ids(backend) == {"new", "open"}
    assert say("gc", "--older-than", "30d").out.startswith("0 executions deleted")
    assert [row.definition.name for row in backend.definitions()] == ["flow"]


def test_what_called_each_other_goes_together_and_counts_as_one(say: Say, backend: Backend) -> None:
    for name in ("one", "two"):
        ended_long_ago(name, CALLER)
    would = say("gc", "--older-than", "30d", "--dry-run")
    assert "one  caller  ended" in would.out
    assert "and 1 that it called" in would.out
    assert "4 executions would be deleted" in would.err
    deleted = say("gc", "--older-than", "30d", "--limit", "1", "-o", "json").json["deleted"]
    assert deleted[-1] in {"one", "two"}
    assert len(deleted) == 2
    assert len(ids(backend)) == 2


def test_a_dry_run_tells_exactly_what_would_go(backend: Backend, say: Say) -> None:
    for name in ("one", "two"):
        ended_long_ago(name, CALLER)
    Workflow.from_dict(CALLER, backend, execution_id="open").advance()
    told = over(backend.executions(Query(limit=1_000)), NOW)
    gone = backend.store.prune(NOW)
    assert sum(one.members for one in told) == len(gone)
    assert {one.root for one in told} <= set(gone)


def test_the_space_is_given_back_where_that_is_asked_for(say: Say, backend: Backend) -> None:
    flow = {"name": "big", "steps": [{"id": "a", "input": {"x": {"var": "input.x"}}}]}
    store = SqliteStore("runfox.db", clock=lambda: LONG_AGO)
    old = Backend(store, executor=lambda fn, inputs: inputs)
    for _ in range(20):
        Workflow.from_dict(flow, old, inputs={"x": "x" * 50_000}).run()
    say("gc", "--older-than", "30d")
    backend.store.close()
    before = Path("runfox.db").stat().st_size
    assert say("gc", "--older-than", "30d", "--vacuum").code == 0
    assert Path("runfox.db").stat().st_size < before / 4


def test_how_old_has_to_be_said(say: Say, backend: Backend) -> None:
    assert say("gc").code == 2


# export, import ---------------------------------------------------------------------------------------


def test_a_run_goes_from_one_database_to_another_as_a_file(say: Say, backend: Backend) -> None:
    run = Workflow.from_dict(FLOW, backend, execution_id="r1")
    run.advance()
    assert "runfox pause r1" in say("export", "r1", "-f", "open.json").err
    backend.pause("r1")
    said = say("export", "r1", "-f", "r1.json")
    assert "leave it so, or cancel it" in said.err
    assert stat.S_IMODE(Path("r1.json").stat().st_mode) == 0o600
    told = say("import", "r1.json", "--db", "other.db", "-o", "json").json
    assert told["id"] == run.id
    assert told["status"] == "paused"
    assert say("import", "r1.json", "--db", "other.db").out.startswith("r1: paused, revision")
    assert say("export", "r1", "-f", "r1.json").code == 2
    there = connect("other.db")
    assert there.history("r1") == backend.history("r1")
    there.resume("r1")
    assert (
        Workflow.resume("r1", connect("other.db", executor=lambda fn, inputs: {})).run().outcome
        == {}
    )
    there.store.close()


def test_an_export_can_go_to_stdout(say: Say, backend: Backend) -> None:
    Workflow.from_dict(FLOW, backend, execution_id="r1").run()
    Path("r1.json").write_text(say("export", "r1").out)
    assert say("import", "r1.json", "--db", "other.db").code == 0


@pytest.mark.parametrize("content", ["", "{", '{"a": 1}', "[]"])
def test_what_is_no_export_is_refused(say: Say, content: str) -> None:
    Path("x.json").write_text(content)
    said = say("import", "x.json", "--db", "other.db")
    assert said.code == 2
    assert said.err.startswith("runfox: ")
    assert say("import", "nothing.json", "--db", "other.db").code == 2


def test_a_changed_file_is_refused(say: Say, backend: Backend) -> None:
    Workflow.from_dict(FLOW, backend, execution_id="r1").run()
    data = say("export", "r1").json
    data["executions"][0]["execution_id"] = "r2"
    Path("x.json").write_text(json.dumps(data))
    assert "checksum does not fit" in say("import", "x.json", "--db", "other.db").err


# migrate ----------------------------------------------------------------------------------------------


def set_version(path: str, version: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")


def older(path: str) -> None:
    """Make a database as the first version of the tables had it."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in schema.MIGRATIONS[1]:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")


def test_an_older_database_is_told_of_and_brought_up_to_date(say: Say) -> None:
    older("old.db")
    said = say("migrate", "--check", "--db", "old.db")
    assert (said.code, said.out.split(",")[0]) == (1, "old.db: schema version 1")
    assert schema.version_of("old.db") == 1
    assert say("migrate", "--db", "old.db", "-o", "json").json == {
        "found": schema.VERSION,
        "known": schema.VERSION,
    }
    assert say("migrate", "--check", "--db", "old.db").code == 0


def test_a_newer_database_is_told_of_and_left_alone(say: Say, backend: Backend) -> None:
    backend.store.close()
    set_version("runfox.db", schema.VERSION + 1)
    for words in (("migrate",), ("migrate", "--check")):
        said = say(*words)
        assert said.code == 1
        assert "use a newer one" in said.out
    set_version("runfox.db", schema.VERSION)


def test_the_database_of_another_program_is_refused(say: Say) -> None:
    with closing(sqlite3.connect("theirs.db")) as connection:
        connection.execute("CREATE TABLE t (n)")
    said = say("migrate", "--check", "--db", "theirs.db")
    assert said.code == 2
    assert "another program" in said.err


def test_postgresql_is_migrated_by_its_url(say: Say, postgres_database: str) -> None:
    words = ("--backend", postgres_database, "-o", "json")
    before = say("migrate", "--check", *words)
    assert (before.code, before.json["found"]) == (1, 0)
    assert say("migrate", *words).code == 0
    assert say("migrate", "--check", *words).code == 0
    connect(postgres_database).store.close()


def test_memory_has_nothing_to_migrate(say: Say) -> None:
    assert "name a database" in say("migrate", "--backend", "memory:").err
    with pytest.raises(RequestError):
        connect("sqlite:///nowhere/x.db")
