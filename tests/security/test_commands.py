"""A hostile text for every argument and option of every command: an answer for people, never a traceback."""

import sqlite3
from contextlib import closing

import click
import pytest
from click.testing import CliRunner

from runfox.cli.app import COMMANDS, Commands
from runfox.connect import connect
from runfox.spec import from_data
from runfox.testing.hostile import TEXTS

HOSTILE = (
    "",
    "'; DROP TABLE executions; --",
    "\n",
    "\ud800",
    "\x1b[2J\u202e",
    "../../etc",
    "x1#x1",
    TEXTS[-1],
)
"""One of each kind. None has a NUL: no system hands such an argument to a program."""

GROUP = Commands(name="runfox")
FLOW = '{"name": "flow", "steps": [{"id": "a", "fn": "a"}]}'

MORE = {
    "worker": ["--until-idle"],
    "run": ["--wait", "0s"],
    "resume": ["--wait", "0s", "--yes"],
    "wait": ["--timeout", "0s"],
    "schedule": ["--once"],
    "pause": ["--yes"],
    "cancel": ["--yes"],
    "retry": ["--yes"],
}
"""What keeps a command from waiting for somebody."""

SOUND = {
    "file": "flow.json",
    "files": "flow.json",
    "db": "runs.db",
    "executor": "steps.py",
    "run": "x1",
    "runs": "x1",
    "id": "x1",
    "name": "flow",
    "step": "a",
    "steps": "a",
    "at": "1",
    "workflow": "flow",
}


def texts_of(command):
    """Return the parameters of a command that take a text of the user's."""
    return [one for one in command.params if one.type is click.STRING]


STAY = {"drive", "dev", "worker", "sweep"}
"""Commands that go on until they are stopped: of their texts only ``--db`` and the like are left."""

PLACES = [
    (name, one.name)
    for name in COMMANDS
    if name not in STAY
    for one in texts_of(GROUP.get_command(click.Context(GROUP), name))
]


def arguments(command, bad, hostile):
    """Return a command line with a hostile text in one place, and what is needed in the others."""
    options, positional = [], []
    for one in command.params:
        if one.name != bad and not one.required and one.name not in ("db", "executor"):
            continue
        value = hostile if one.name == bad else SOUND.get(one.name, "a")
        if isinstance(one, click.Argument):
            positional.append(value)
        elif not one.is_flag:
            options += [one.opts[0], value]
    return [*options, "--", *positional]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flow.json").write_text(FLOW)
    (tmp_path / "steps.py").write_text("def a(**inputs):\n    return {}\n")
    backend = connect("runs.db")
    backend.create(from_data({"name": "flow", "steps": [{"id": "a"}]}), execution_id="x1")
    backend.store.close()
    return tmp_path


def tables(path):
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return connection.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()


@pytest.mark.parametrize(("name", "bad"), PLACES)
def test_a_hostile_text_is_answered(name, bad, folder):
    command = GROUP.get_command(click.Context(GROUP), name)
    before = tables("runs.db")
    for hostile in HOSTILE:
        line = [name, *MORE.get(name, []), *arguments(command, bad, hostile)]
        answer = CliRunner().invoke(GROUP, line)
        told = f"{line}: {answer.output[-300:]!r}"
        assert answer.exception is None or isinstance(answer.exception, SystemExit), told
        assert "Traceback" not in answer.output, told
        assert "\x1b" not in answer.output
        assert "\u202e" not in answer.output, told
    assert tables("runs.db") == before
