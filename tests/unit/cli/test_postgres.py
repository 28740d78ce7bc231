"""The commands of operators on PostgreSQL: whatever URL ``connect`` knows will do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from runfox.connect import connect
from tests.unit.cli.saying import Said, Say, saying

FLOW = """
name: flow
steps:
  - {id: a}
  - {id: b, depends_on: [a], queue: gpu}
"""
HANDLERS = """
def a(): return {}
def b(): raise RuntimeError("it broke")
"""


@pytest.fixture
def say(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    postgres_database: str,
) -> Iterator[Say]:
    """Call a command in a folder with flow.yaml and operated.py, on a schema of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNFOX_BACKEND", postgres_database)
    Path("flow.yaml").write_text(FLOW)
    # Of a name of its own: this process keeps what it has once imported.
    Path("operated.py").write_text(HANDLERS)
    yield saying(capsys)
    connect(postgres_database).store.close()


def told(said: Said) -> dict:
    return {one["check"]: one["level"] for one in said.json}


def test_a_run_on_postgresql_is_worked_on_reported_retried_carried_and_forgotten(say: Say) -> None:
    assert say("run", "flow.yaml", "--external", "--wait", "0s", "--id", "r1").code == 4
    assert say("queue", "-o", "json").json["depths"][0]["jobs"] == 1
    assert say("stale", "--than", "0s", "-o", "json").json[0]["kind"] == "waiting"
    assert say("worker", "--until-idle", "--executor", "operated.py").code == 0
    [row] = say("failures", "-o", "json").json
    assert (row["step"], row["type"]) == ("b", "RuntimeError")
    assert [one["id"] for one in say("retry", "--step", "b", "-o", "json").json] == [
        row["newest"]["id"]
    ]
    assert say("pause", "--queue", "gpu", "-o", "json").json[0]["status"] == "paused"
    assert say("export", "r1", "-f", "r1.json").code == 0
    assert say("import", "r1.json", "--db", "other.db", "-o", "json").json["status"] == "paused"
    assert say("cancel", "r1").code == 0
    assert say("sweep", "--once", "-o", "json").code == 0
    assert say("drive", "--until-idle").code == 0
    assert told(say("doctor", "-o", "json"))["stale"] == "ok"
    assert "gives space back by itself" in say("gc", "--older-than", "0s", "--vacuum").err
    assert say("list", "-o", "json").json == []


def test_a_server_that_is_not_there_is_said_to_be(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = say("list", "--backend", "postgresql://me:secret@127.0.0.1:1/x")
    assert said.code == 2
    assert said.err.startswith("runfox: ")
    assert "secret" not in said.err
