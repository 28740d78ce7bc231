"""The seams of the commands: exit codes, the database that is meant, the command that goes on."""

import shlex
from pathlib import Path

import click
import pytest

from runfox.cli import main
from runfox.cli.app import COMMANDS, app
from runfox.cli.codes import code_of
from runfox.cli.databases import Place, existing
from runfox.cli.handlers import Handlers
from runfox.cli.refusal import Refused
from runfox.cli.resuming import Setting, resume_command
from runfox.connect import connect
from runfox.results import Cancelled, Complete, Failed, Halt


@pytest.mark.parametrize(
    ("ended", "code"), [(Complete({}), 0), (Failed({}), 1), (Cancelled(), 1), (Halt({}), 3)]
)
def test_the_exit_code_says_how_it_ended(ended, code: int) -> None:
    assert code_of(ended) == code


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_module_of_its_name_and_explains_itself(name: str) -> None:
    command = app.get_command(click.Context(app), name)
    assert command is not None
    assert command.name == name
    assert command.help


def test_an_exit_code_is_returned_not_raised(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    assert main(["--version"]) == 0
    assert main(["nonsense"]) == 2
    assert main(["run", "--help"]) == 0
    assert "Ctrl-C" in capsys.readouterr().out


def test_the_usual_database_is_taken_if_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match="RUNFOX_DB"):
        existing(Place())
    (tmp_path / "runfox.db").touch()
    assert existing(Place()) == Place("runfox.db")
    assert existing(Place("sqlite:///runfox.db")) == Place("sqlite:///runfox.db")
    for missing in ("other.db", "sqlite:///other.db", f"sqlite:///{tmp_path}/other.db"):
        with pytest.raises(Refused, match="no database"):
            existing(Place(missing))
    assert not (tmp_path / "other.db").exists()


def test_memory_is_not_kept() -> None:
    assert [Place(url).kept for url in (None, "memory:", "r.db")] == [False, False, True]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (Setting(Place("r.db"), Handlers("h.py"), 8, None), "--db r.db --executor h.py"),
        (
            Setting(Place("my runs.db"), Handlers("pkg.mod", "f"), 2, "process"),
            "--db 'my runs.db' --executor pkg.mod:f --concurrency 2 --mode process",
        ),
        (Setting(Place("r.db"), None, 8, None), "--db r.db --external"),
    ],
)
def test_the_command_that_goes_on_names_all_that_is_not_usual(setting: Setting, words: str) -> None:
    with click.Context(app, info_name="runfox"):
        told = resume_command("abc#x1", setting)
    assert told == f"runfox resume x1 {words}"
    assert shlex.split(told)[4] == setting.place.url


def test_a_place_is_named_again_without_its_password() -> None:
    place = Place("postgresql://me:secret@host/runs", "postgresql://me:secret@host/queue")
    assert "secret" not in f"{place} {place.words}"
    assert place.words == [
        "--backend",
        "postgresql://me@host/runs",
        "--queue-backend",
        "postgresql://me@host/queue",
    ]
    assert Place("r.db").words == ["--db", "r.db"]


def test_a_backend_is_named_by_an_option_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (["--db", "a.db"], ["--backend", "sqlite:///b.db"]):
        assert main(["migrate", *words]) == 2  # it has to be there
        connect(words[1]).store.close()
        assert main(["migrate", *words, "--check"]) == 0
    monkeypatch.setenv("RUNFOX_DB", "missing.db")
    assert main(["migrate", "--check"]) == 2
    monkeypatch.setenv("RUNFOX_BACKEND", "sqlite:///a.db")
    assert main(["migrate", "--check"]) == 0
    monkeypatch.setenv("RUNFOX_QUEUE_BACKEND", "mysql://me:secret@host/x")
    assert main(["workers"]) == 2
    assert "secret" not in capsys.readouterr().err
