"""Ctrl-C, SIGTERM and SIGKILL: what is kept is resumed, and no completion is recorded twice."""

import shlex
import signal
from pathlib import Path

import pytest

from tests.acceptance.cli_process import completions, runfox, started

FLOW = """
name: gated
steps:
  - id: first
  - {id: second, depends_on: [first]}
  - {id: third, depends_on: [second]}
outputs: {calls: {"var": "steps.third.output.calls"}}
"""

# `second` does not come back until there is a file `go`: the moment of the interruption is not a matter of time.
HANDLERS = """
import pathlib, time

def note(name):
    with open("calls", "a") as file:
        file.write(name + "\\n")

def first():
    note("first")
    return {}

def second():
    note("second")
    while not pathlib.Path("go").exists():
        time.sleep(0.01)
    return {}

def third():
    note("third")
    return {"calls": pathlib.Path("calls").read_text().split()}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flow.yaml").write_text(FLOW)
    (tmp_path / "handlers.py").write_text(HANDLERS)
    return tmp_path


def resume_line(text: str) -> list[str]:
    """The arguments of the command that the message names."""
    line = next(line for line in text.splitlines() if " resume " in line)
    return shlex.split(line[line.index("resume") :])


@pytest.mark.parametrize("mode", ["thread", "process", "async"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_goes_on_where_it_was(
    folder: Path, number: int, code: int, mode: str
) -> None:
    if mode == "async":
        asynchronous = HANDLERS.replace("def second", "async def second")
        (folder / "handlers.py").write_text(
            asynchronous.replace("time.sleep", "await asyncio.sleep").replace(
                "import ", "import asyncio, "
            )
        )
    arguments = ["run", "flow.yaml", "--db", "r.db", "--mode", mode]
    with started(*arguments, cwd=folder) as running:
        running.wait_for("second  started")
        while "second" not in (folder / "calls").read_text():
            pass
        ran = running.end(number)
    assert ran.code == code, ran
    assert "1 of 3 steps complete" in ran.err
    (folder / "go").touch()
    resumed = runfox(*resume_line(ran.err), cwd=folder)
    assert resumed.code == 0, resumed.err
    assert resumed.json == {"calls": ["first", "second", "second", "third"]}
    history = runfox("history", "last", "--db", "r.db", "-o", "json", cwd=folder).json
    assert completions(history) == [("first", 0), ("second", 0), ("third", 0)]


def test_a_killed_run_goes_on_where_it_was(folder: Path) -> None:
    with started("run", "flow.yaml", "--db", "r.db", cwd=folder) as running:
        running.wait_for("second  started")
        assert running.end(signal.SIGKILL).code == -signal.SIGKILL
    (folder / "go").touch()
    resumed = runfox("resume", "last", "--db", "r.db", "-o", "json", cwd=folder)
    assert resumed.code == 0, resumed.err
    assert resumed.json["status"] == "complete"
    history = runfox("history", "last", "--db", "r.db", "-o", "json", cwd=folder).json
    assert completions(history) == [("first", 0), ("second", 0), ("third", 0)]


def test_of_an_interrupted_run_in_memory_nothing_is_kept_and_that_is_said(folder: Path) -> None:
    with started("run", "flow.yaml", cwd=folder) as running:
        running.wait_for("second  started")
        ran = running.end(signal.SIGINT)
    assert ran.code == 130
    assert "Nothing of it is kept" in ran.err
    assert "--db" in ran.err
    assert " resume " not in ran.err


def test_an_interrupted_run_still_gives_its_json(folder: Path) -> None:
    with started("run", "flow.yaml", "--db", "r.db", "-o", "json", cwd=folder) as running:
        running.wait_for("executor:")
        while not (folder / "calls").exists() or "second" not in (folder / "calls").read_text():
            pass
        ran = running.end(signal.SIGINT)
    assert ran.code == 130
    assert ran.json["status"] == "in_progress"
    assert ran.json["steps"]["first"]["status"] == "complete"


def test_resuming_what_is_over_tells_its_outcome_again_and_calls_nothing(folder: Path) -> None:
    (folder / "go").touch()
    first = runfox("run", "flow.yaml", "--db", "r.db", cwd=folder)
    again = runfox("resume", "last", "--db", "r.db", cwd=folder)
    assert (again.code, again.out) == (0, first.out)
    assert (folder / "calls").read_text().split() == ["first", "second", "third"]


def test_the_same_id_again_is_the_same_run(folder: Path) -> None:
    (folder / "go").touch()
    arguments = ["run", "flow.yaml", "--db", "r.db", "--id", "order-7"]
    assert runfox(*arguments, cwd=folder).out == runfox(*arguments, cwd=folder).out
    other = runfox(*arguments, "-i", "x=1", cwd=folder)
    assert other.code == 2
    assert "order-7" in other.err


def test_a_run_that_failed_does_not_wait_for_steps_that_never_come_back(tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text("name: x\nsteps: [{id: bad}, {id: hangs}]\n")
    (tmp_path / "handlers.py").write_text(
        "import threading\n"
        "def bad(): raise ValueError('no')\n"
        "def hangs(): threading.Event().wait()\n"
    )
    assert runfox("run", "flow.yaml", cwd=tmp_path).code == 1
