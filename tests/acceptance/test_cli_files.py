"""Commands about files: check, graph, schema, init, version; and the terminal."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.acceptance.cli_process import EXAMPLES, command, environment, runfox

TOUR = EXAMPLES / "uses" / "tour" / "flow.yaml"
BAD = "name: x\nsteps:\n  - id: a\n    depends_on: [b]\n    retri: 1\n"


def test_every_example_is_without_an_error(tmp_path: Path) -> None:
    files = sorted(EXAMPLES.glob("*/*/flow.yaml"))
    ran = runfox("check", *files, cwd=tmp_path)
    assert ran.code == 0, ran.out


def test_check_tells_all_problems_in_every_format(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    text = runfox("check", "bad.yaml", TOUR, cwd=tmp_path)
    assert text.code == 2
    assert "bad.yaml:4:" in text.out
    assert "bad.yaml:5:" in text.out
    assert "bad.yaml: 2 errors" in text.out
    assert f"{TOUR}: ok" in text.out
    found = runfox("check", "bad.yaml", "--format", "json", cwd=tmp_path)
    assert {problem["line"] for problem in found.json} == {4, 5}
    assert found.code == 2
    notes = runfox("check", "bad.yaml", "--format", "github", cwd=tmp_path).out.splitlines()
    assert len(notes) == 2
    assert all(note.startswith("::error file=bad.yaml,line=") for note in notes)


def test_a_file_that_is_not_there_is_an_error_of_check(tmp_path: Path) -> None:
    ran = runfox("check", "nope.yaml", cwd=tmp_path)
    assert ran.code == 2
    assert "nope.yaml" in ran.err


@pytest.mark.parametrize(
    ("form", "begins"),
    [("text", "night_watch"), ("mermaid", "flowchart"), ("dot", "digraph"), ("svg", "<svg")],
)
def test_graph_draws_in_every_format(tmp_path: Path, form: str, begins: str) -> None:
    ran = runfox("graph", TOUR, "--format", form, cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert begins in ran.out[:200]
    assert "Choose the target" in ran.out


def test_a_large_graph_is_grouped_unless_all_of_it_is_wanted(tmp_path: Path) -> None:
    montage = EXAMPLES / "uses" / "montage" / "flow.yaml"
    grouped, full = (runfox("graph", montage, *more, cwd=tmp_path).out for more in ([], ["--full"]))
    assert len(grouped.splitlines()) < 100
    assert len(full.splitlines()) > 1_000


def test_the_schema_is_json(tmp_path: Path) -> None:
    assert "draft-07" in runfox("schema", cwd=tmp_path).json["$schema"]


def test_a_first_project_runs_and_is_never_overwritten(tmp_path: Path) -> None:
    assert runfox("init", "first", cwd=tmp_path).code == 0
    assert runfox("check", "first/flow.yaml", cwd=tmp_path).code == 0
    ran = runfox("run", "first/flow.yaml", "-i", "guests=4", cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert ran.json["menu"].startswith("potatoes for 4")
    (tmp_path / "first" / "handlers.py").write_text("mine")
    (tmp_path / "first" / "flow.yaml").unlink()
    again = runfox("init", "first", cwd=tmp_path)
    assert again.code == 2
    assert (tmp_path / "first" / "handlers.py").read_text() == "mine"
    assert not (tmp_path / "first" / "flow.yaml").exists()


def test_version_needs_neither_rich_nor_yaml(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from runfox.cli import main\n"
        "assert main(['version']) == 0\n"
        "assert not {'rich', 'yaml', 'asyncio', 'multiprocessing'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"runfox ")


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_it_says_how_to_install_it(tmp_path: Path, missing: str) -> None:
    program = f"import sys; sys.modules[{missing!r}] = None\nfrom runfox.cli import main\nsys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert b"pip install 'runfox[cli]'" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "name", ["run", "check", "graph", "resume", "list", "show", "history", "worker"]
)
def test_every_command_explains_itself(tmp_path: Path, name: str) -> None:
    assert name in runfox("--help", cwd=tmp_path).out
    ran = runfox(name, "--help", cwd=tmp_path)
    assert ran.code == 0
    assert ran.out.startswith(f"Usage: python -m runfox {name}")


def on_a_terminal(arguments: list[str], cwd: Path) -> tuple[int, str]:
    """Run a command with all its streams on a terminal, and return its exit code and all that it wrote there."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command(*arguments),
        cwd=cwd,
        env=environment(TERM="xterm-256color", LINES="40"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    written = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux says that the last one has left
            break
        if not part:
            break
        written += part
    os.close(ours)
    return process.wait(timeout=60), written.decode()


def test_on_a_terminal_the_steps_are_shown_live_and_the_outcome_below(tmp_path: Path) -> None:
    code, screen = on_a_terminal(["run", str(TOUR)], tmp_path)
    assert code == 0
    assert "\x1b[" in screen
    assert "13 complete" in screen
    assert "turn 7" in screen
    assert '"picture"' in screen[screen.rindex("13 complete") :]
    assert screen.count("\x1b[?25l") == screen.count("\x1b[?25h"), "the cursor stays hidden"


def test_on_a_terminal_data_is_not_taken_for_markup_or_for_commands(tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text("name: x\nsteps: [{id: a, label: '[red]no[/red]'}]\n")
    (tmp_path / "handlers.py").write_text("def a(): raise ValueError('\\x1b[2J[bold]x[/bold]')\n")
    code, screen = on_a_terminal(["run", "flow.yaml"], tmp_path)
    assert code == 1
    assert "\x1b[2J" not in screen
    assert "[bold]x[/bold]" in screen


def test_the_editors_schema_accepts_the_first_project(tmp_path: Path) -> None:
    runfox("init", "first", cwd=tmp_path)
    schema = runfox("schema", cwd=tmp_path).json
    jsonschema.validate(yaml.safe_load((tmp_path / "first" / "flow.yaml").read_text()), schema)
