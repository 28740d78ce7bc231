"""A planted secret is looked for wherever a run leaves something: nowhere is there a trace of it."""

import json
import logging
from pathlib import Path
from time import sleep

import pytest
from click.testing import CliRunner

from runfox import Backend, InProcessWorker, SqliteRunner, SqliteStore, Workflow
from runfox.backend import records
from runfox.cli.app import app

VALUES = {
    "plain": "canary-7f3a-plain",
    "quoted": 'canary-7f3a-"q\\u\n',
    "api.key": "canary-7f3a-\u00e9\U0001f98a",
}
MARK = "canary-7f3a"
SECRET = {"secret": "plain"}
GIVEN = {
    "token": SECRET,
    "list": [{"secret": "quoted"}, {"deep": {"key": {"secret": "api.key"}}}],
    "n": 1,
}
FLOW = {
    "name": "planted",
    "on_failure": "rollback",
    "workflows": {"child": {"steps": [{"id": "x", "fn": "echo", "input": GIVEN}]}},
    "steps": [
        {"id": "a", "fn": "echo", "input": GIVEN, "cache": {"key": "k"}, "undo": {"fn": "plain"}},
        {
            "id": "b",
            "fn": "flaky",
            "input": GIVEN,
            "depends_on": ["a"],
            "retry": {"max_attempts": 3, "delay": 0},
        },
        {
            "id": "each",
            "fn": "echo",
            "input": GIVEN,
            "foreach": {"items": [1, 2]},
            "depends_on": ["b"],
        },
        {"id": "kid", "call": "child", "depends_on": ["each"]},
        {"id": "slow", "fn": "slow", "input": GIVEN, "timeout": "500ms", "depends_on": ["kid"]},
    ],
    "finally": [{"id": "tidy", "fn": "echo", "input": GIVEN}],
}


def execute(fn, inputs, context):
    """Say the secrets in every way that an executor has."""
    if fn == "plain":
        return {}
    told = [inputs["token"], inputs["list"][0], inputs["list"][1]["deep"]["key"]]
    assert all(MARK in one for one in told)
    yield {"progress": told}
    if fn == "flaky" and context.attempt < 3:
        try:
            raise KeyError(told[0])
        except KeyError as error:
            raise RuntimeError(f"no {told} {json.dumps(told)} {told!r}") from error
    if fn == "slow":
        sleep(30)
    return {"echo": told, told[0]: {"in": repr(told)}, "json": json.dumps(told)}


def secrets(name):
    return VALUES[name]


def traces(folder):
    """Return the files in which there is a trace, in whatever encoding."""
    return [
        path.name
        for path in sorted(folder.rglob("*"))
        if path.is_file() and MARK.encode() in path.read_bytes()
    ]


@pytest.mark.parametrize("mode", ["thread", "process"])
def test_no_run_leaves_a_trace_of_a_secret(mode, tmp_path, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "runs.db"
    store, runner = SqliteStore(path, profile="fast"), SqliteRunner(path, profile="fast")
    backend = Backend(store, runner)
    run = Workflow.from_dict(FLOW, backend, execution_id="x1")
    worker = InProcessWorker(runner, execute, concurrency=2, mode=mode, secrets=secrets)
    ended = run.run(worker)
    assert ended.error["type"] == "Timeout"
    assert ended.error["rolled_back"] is not None
    told = [
        repr(ended),
        repr(backend.load("x1")),
        records.record_text(backend.load("x1")),
        repr(backend.history("x1")),
        repr(backend.explain("x1")),
        repr(backend.executions()),
        repr([backend.load(one.execution_id) for one in backend.executions()]),
    ]
    # With the write-ahead log still beside it.
    assert traces(tmp_path) == []
    for command in (
        ["show", "x1", "--full"],
        ["history", "x1", "--full"],
        ["explain", "x1"],
        ["list"],
    ):
        for form in ("table" if command == ["list"] else "text", "json"):
            answer = CliRunner().invoke(app, [*command, "--db", str(path), "-o", form])
            assert answer.exit_code in (0, 1, 2, 4), answer.output
            told.append(answer.output)
    store.close()
    runner.close()
    printed = capfd.readouterr()
    told += [
        printed.out,
        printed.err,
        caplog.text,
        repr([record.__dict__ for record in caplog.records]),
    ]
    assert [text[:200] for text in told if MARK in text] == []
    assert traces(tmp_path) == []
    assert "***" in told[2]


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("mode", ["thread", "process"])
def test_the_command_line_shows_no_secret_of_the_environment(form, mode, tmp_path, monkeypatch):
    for name, value in VALUES.items():
        monkeypatch.setenv(f"RUNFOX_SECRET_{name.upper().replace('.', '_')}", value)
    flow = tmp_path / "flow.json"
    flow.write_text(json.dumps(FLOW | {"steps": FLOW["steps"][:3]}))
    steps = tmp_path / "planted_steps.py"
    steps.write_text(Path(__file__).read_text())
    line = [
        "run",
        str(flow),
        "--executor",
        f"{steps}:execute",
        "--db",
        str(tmp_path / "runs.db"),
        "--mode",
        mode,
    ]
    answer = CliRunner().invoke(app, [*line, "-o", form])
    assert answer.exit_code == 0, answer.output
    assert MARK not in answer.output
    assert [name for name in traces(tmp_path) if not name.startswith("planted_steps")] == []
