"""``runfox run``: what comes out, and where; exit codes; wrong files, inputs and executors."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.cli_process import EXAMPLES, environment, runfox

TOUR = EXAMPLES / "uses" / "tour"

FAILS = """
name: fails
steps:
  - {id: work, fn: broken}
"""


def a_flow(folder: Path, text: str, handlers: str | None = None) -> Path:
    (folder / "flow.yaml").write_text(text)
    if handlers is not None:
        (folder / "handlers.py").write_text(handlers)
    return folder / "flow.yaml"


def test_the_outcome_alone_goes_to_stdout_and_the_steps_to_stderr(tmp_path: Path) -> None:
    ran = runfox("run", TOUR / "flow.yaml", cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert set(ran.json) == {"report", "snr", "picture"}
    assert "expose_north   started, turn 2" in ran.err
    assert "complete in" in ran.err.splitlines()[-1]


def test_handlers_that_were_found_are_named_before_they_are_imported(tmp_path: Path) -> None:
    flow = a_flow(tmp_path, FAILS, "print('imported', flush=True)\ndef broken(): return {}\n")
    ran = runfox("run", flow, cwd=tmp_path)
    assert ran.err.splitlines()[0] == f"executor: {tmp_path / 'handlers.py'}"
    assert ran.out.startswith("imported")


@pytest.mark.parametrize("command", [["check"], ["graph"], ["graph", "--format", "svg"]])
def test_check_and_graph_import_no_handlers(tmp_path: Path, command: list[str]) -> None:
    flow = a_flow(tmp_path, FAILS, "raise SystemExit('imported')\n")
    assert runfox(*command, flow, cwd=tmp_path).code == 0


def test_json_is_the_only_thing_on_stdout_whatever_handlers_print(tmp_path: Path) -> None:
    loud = (
        "import os\nprint('loud')\ndef broken():\n    os.system('echo louder'); return {'x': 1}\n"
    )
    flow = a_flow(tmp_path, FAILS, loud)
    ran = runfox("run", flow, "-o", "json", cwd=tmp_path)
    assert ran.json["status"] == "complete"
    assert ran.json["steps"]["work"]["status"] == "complete"
    assert "loud" in ran.err
    assert "louder" in ran.err


def test_a_failed_run_exits_1_and_says_which_step_and_why(tmp_path: Path) -> None:
    flow = a_flow(tmp_path, FAILS, "def broken(): raise OSError('no paper')\n")
    ran = runfox("run", flow, cwd=tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert "step 'work': OSError: no paper" in ran.err
    as_json = runfox("run", flow, "-o", "json", cwd=tmp_path)
    assert as_json.code == 1
    assert as_json.json["error"]["message"] == "no paper"


def test_a_halted_run_exits_3_with_its_result(tmp_path: Path) -> None:
    flow = EXAMPLES / "ops" / "branch_halt" / "flow.yaml"
    ran = runfox("run", flow, cwd=tmp_path)
    assert ran.code == 3
    assert ran.json["reason"] == "too loud"
    assert runfox("run", flow, "-o", "json", cwd=tmp_path).json["result"] == ran.json


def test_a_run_that_nobody_executes_is_still_pending_after_its_time(tmp_path: Path) -> None:
    flow = EXAMPLES / "ops" / "single_step" / "flow.yaml"
    ran = runfox("run", flow, "--db", "r.db", "--external", "--wait", "0s", cwd=tmp_path)
    assert ran.code == 4
    assert "resume" in ran.err


@pytest.mark.parametrize("mode", ["thread", "process", "async"])
def test_every_mode_gives_the_same_outcome(tmp_path: Path, mode: str) -> None:
    ran = runfox("run", TOUR / "flow.yaml", "--mode", mode, "--concurrency", "2", cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert ran.json == runfox("run", TOUR / "flow.yaml", cwd=tmp_path).json


def test_inputs_are_json_where_they_are_json_and_text_elsewhere(tmp_path: Path) -> None:
    flow = a_flow(
        tmp_path,
        """
name: echo
steps:
  - {id: say, input: {given: {"var": "input"}}}
outputs: {given: {"var": "steps.say.output.given"}}
""",
        "def say(*, given): return {'given': given}\n",
    )
    (tmp_path / "more.json").write_text('{"n": 0, "list": [1]}')
    given = [
        "-i",
        "@more.json",
        "-i",
        "n=3",
        "-i",
        "t=true",
        "-i",
        "s=a=b",
        "-i",
        'q="3"',
        "-i",
        "e=",
    ]
    ran = runfox("run", flow, *given, cwd=tmp_path)
    assert ran.json == {"given": {"n": 3, "list": [1], "t": True, "s": "a=b", "q": "3", "e": ""}}, (
        ran.err
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[1]", "must hold a JSON object"),
        ("{,}", "is not JSON"),
        ('{"a": NaN}', "is not JSON"),
        (None, "cannot read"),
    ],
)
def test_a_bad_file_of_inputs_is_named_and_exits_2(
    tmp_path: Path, content: str | None, told: str
) -> None:
    if content is not None:
        (tmp_path / "in.json").write_text(content)
    ran = runfox("run", TOUR / "flow.yaml", "-i", "@in.json", cwd=tmp_path)
    assert ran.code == 2
    assert told in ran.err
    assert "in.json" in ran.err


def test_a_bad_workflow_shows_all_its_problems_and_exits_2(tmp_path: Path) -> None:
    flow = a_flow(
        tmp_path, "name: x\nsteps:\n  - {id: a, depends_on: [b]}\n  - {id: c, retri: 1}\n"
    )
    ran = runfox("run", flow, cwd=tmp_path)
    assert ran.code == 2
    assert ":3:" in ran.err
    assert ":4:" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "nope.yaml"],
        ["run", "."],
        ["run", "flow.yaml"],
        ["run", "flow.yaml", "--executor", "nope.py"],
        ["run", "flow.yaml", "--executor", "no_such_module:f"],
        ["run", "flow.yaml", "--executor", "json:nope"],
        ["run", "flow.yaml", "--executor", "broken_code.py"],
        ["run", "flow.yaml", "--external"],
        ["run", "flow.yaml", "--external", "--db", "x.db", "--executor", "json:dumps"],
        ["run", "flow.yaml", "--wait", "1s"],
        ["run", "flow.yaml", "-i", "novalue"],
        ["run", "flow.yaml", "--executor", "ok.py", "--id", "last"],
        ["run", "flow.yaml", "--executor", "ok.py", "--id", "../etc"],
        ["run", "flow.yaml", "--executor", "ok.py", "--db", "no/such/folder/x.db"],
        ["run", "flow.yaml", "--executor", "ok.py", "--db", "rubbish.db"],
        ["run", "flow.yaml", "--executor", "ok.py", "--db", "mysql://x"],
        ["run", "rubbish.db", "--executor", "ok.py"],
        ["show", "last", "--db", "nope.db"],
        ["show", "last"],
        ["show", "x#y#z#", "--db", "rubbish.db"],
        ["list", "--db", "rubbish.db"],
        ["history", "last", "--db", "nope.db"],
        ["resume", "last", "--db", "nope.db"],
        ["worker", "--db", "w.db"],
        ["worker"],
        ["frobnicate"],
    ],
)
def test_what_cannot_be_done_is_one_clear_message_and_exit_2(
    tmp_path: Path, arguments: list[str]
) -> None:
    a_flow(tmp_path, FAILS)
    (tmp_path / "broken_code.py").write_text("def f(:\n")
    (tmp_path / "ok.py").write_text("def broken(): return {}\n")
    (tmp_path / "rubbish.db").write_bytes(bytes(range(256)) * 20)
    ran = runfox(*arguments, cwd=tmp_path)
    assert ran.code == 2, ran
    assert ran.err.strip()
    assert "Traceback" not in ran.err
    assert ran.out == ""
    assert not (tmp_path / "nope.db").exists()


def test_without_handlers_the_ways_out_are_named(tmp_path: Path) -> None:
    ran = runfox("run", a_flow(tmp_path, FAILS), cwd=tmp_path)
    assert ran.code == 2
    for word in ("handlers.py", "broken", "--executor", "--external"):
        assert word in ran.err


def test_an_unknown_function_is_a_failed_step_with_a_hint(tmp_path: Path) -> None:
    flow = a_flow(tmp_path, FAILS, "def brokn(): return {}\ndef other(): return {}\n")
    error = runfox("run", flow, "-o", "json", cwd=tmp_path).json["error"]
    assert error["type"] == "UnknownExecutor"
    assert "Did you mean 'brokn'? Its functions: brokn, other." in error["message"]


def test_what_data_holds_does_not_reach_the_terminal(tmp_path: Path) -> None:
    escape = r"\x1b[2J\x07\u202e[bold]"
    flow = a_flow(
        tmp_path,
        FAILS.replace("broken}", "broken, max_attempts: 2}") + 'outputs: {x: {"var": "state.x"}}\n',
        "calls = []\n"
        "def broken():\n"
        "    calls.append(1)\n"
        f"    if len(calls) == 1: raise ValueError('{escape}')\n"
        f"    return {{'x': '{escape}'}}\n",
    )
    ran = runfox("run", flow, "--db", "r.db", cwd=tmp_path)
    assert ran.json == {"x": "\x1b[2J\x07\u202e[bold]"}
    shown = runfox("show", "last", "--db", "r.db", cwd=tmp_path)
    listed = runfox("history", "last", "--db", "r.db", cwd=tmp_path)
    for text in (ran.out, ran.err, shown.out, listed.out):
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
        assert "[bold]" in text


def test_a_closed_pipe_ends_nothing_and_is_no_traceback(tmp_path: Path) -> None:
    a_flow(tmp_path, FAILS, "def broken(): return {'x': 1}\n")
    ran = runfox("run", "flow.yaml", "--db", "r.db", cwd=tmp_path)
    assert ran.code == 0
    line = f"{sys.executable} -m runfox"
    for command, code in (("history last --db r.db", 141), ("run flow.yaml", 0)):
        done = subprocess.run(
            ["bash", "-c", f"({line} {command} 2>&1; echo $? >code) | true"],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert (tmp_path / "code").read_text().strip() == str(code)
        assert done.stderr == ""
