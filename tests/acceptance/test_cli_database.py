"""What is kept in a database can be listed, looked at and told; workers of other processes share it."""

import json
import signal
from pathlib import Path

import pytest

from tests.acceptance.cli_process import EXAMPLES, completions, runfox, started

FIBONACCI = EXAMPLES / "uses" / "fibonacci_async"
RETRY = EXAMPLES / "ops" / "retry" / "flow.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three executions: a complete one, a halted one, and one that nobody works on."""
    db = ["--db", "runfox.db"]
    assert runfox("run", RETRY, *db, "--id", "r1", cwd=tmp_path).code == 0
    halted = EXAMPLES / "ops" / "branch_halt" / "flow.yaml"
    assert runfox("run", halted, *db, "--id", "h1", cwd=tmp_path).code == 3
    tour = EXAMPLES / "uses" / "tour" / "flow.yaml"
    waits = ["--id", "t1", "--external", "--wait", "0s"]
    assert runfox("run", tour, *db, *waits, cwd=tmp_path).code == 4
    return tmp_path


def test_the_list_has_the_newest_first_with_ids_that_other_commands_take(folder: Path) -> None:
    found = runfox("list", "-o", "json", cwd=folder).json
    assert [each["execution_id"] for each in found] == ["t1", "h1", "r1"]
    assert [each["status"] for each in found] == ["in_progress", "halted", "complete"]
    for each in found:
        shown = runfox("show", each["id"], "-o", "json", cwd=folder).json
        assert shown["id"] == each["id"]
        assert (
            runfox("show", each["execution_id"], "-o", "json", cwd=folder).json["id"] == each["id"]
        )


def test_the_list_can_be_narrowed(folder: Path) -> None:
    halted = runfox("list", "--status", "halted", "-o", "json", cwd=folder).json
    assert [each["execution_id"] for each in halted] == ["h1"]
    named = runfox("list", "--name", "retry", "-o", "json", cwd=folder).json
    assert [each["execution_id"] for each in named] == ["r1"]
    table = runfox("list", cwd=folder).out
    assert [line.split()[0] for line in table.splitlines()] == ["id", "t1", "h1", "r1"]


def test_the_database_of_the_environment_is_taken(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    ran = runfox("list", "-o", "json", cwd=elsewhere, RUNFOX_DB=str(folder / "runfox.db"))
    assert len(ran.json) == 3


def test_show_says_why_each_waiting_step_waits(folder: Path) -> None:
    steps = runfox("show", "last", "-o", "json", cwd=folder).json["steps"]
    assert steps["plan"]["status"] == "in_progress"
    assert "plan" in steps["point_north"]["waits"]
    text = runfox("show", "t1", cwd=folder).out
    assert "waits for plan (in_progress)" in text


def test_show_tells_attempts_state_and_outcome(folder: Path) -> None:
    shown = runfox("show", "r1", "-o", "json", cwd=folder).json
    assert shown["steps"]["dial"]["attempt"] == 3
    assert shown["steps"]["dial"]["duration"] >= 0.3
    assert shown["outcome"]["attempts"] == 3
    assert shown["state"]["closed"] is True
    text = runfox("show", "r1", cwd=folder).out
    assert "attempt 3" in text
    assert '"attempts": 3' in text


def test_a_unique_beginning_is_enough_and_an_ambiguous_one_names_the_candidates(
    folder: Path,
) -> None:
    runfox("run", RETRY, "--db", "runfox.db", "--id", "r10", cwd=folder)
    assert runfox("show", "h", "-o", "json", cwd=folder).json["execution_id"] == "h1"
    assert runfox("show", "r1", "-o", "json", cwd=folder).json["execution_id"] == "r1"
    ran = runfox("show", "r", cwd=folder)
    assert ran.code == 2
    assert "r10" in ran.err
    assert runfox("show", "zz", cwd=folder).code == 2


def test_history_tells_every_attempt_and_shows_any_moment(folder: Path) -> None:
    history = runfox("history", "r1", "-o", "json", cwd=folder).json
    assert [commit["revision"] for commit in history] == list(range(1, len(history) + 1))
    kinds = [fact["fact"] for commit in history for fact in commit["facts"]]
    assert kinds[0] == "WorkflowCreated"
    assert kinds[-1] == "WorkflowEnded"
    assert kinds.count("StepRetrying") == 2
    text = runfox("history", "r1", cwd=folder).out
    assert "attempt 2 failed, again in 200ms: ConnectionError: the line is busy" in text
    then = runfox("history", "r1", "--at", "2", "-o", "json", cwd=folder).json
    assert (then["revision"], then["status"]) == (2, "in_progress")
    assert "in_progress" in runfox("history", "r1", "--at", "2", cwd=folder).out
    assert runfox("history", "r1", "--at", "99", cwd=folder).code == 2


def test_a_worker_of_another_process_does_what_an_external_run_leaves_to_it(tmp_path: Path) -> None:
    db = ["--db", "f.db"]
    handlers = FIBONACCI / "handlers.py"
    with started("worker", *db, "--executor", handlers, cwd=tmp_path) as worker:
        worker.wait_for("takes steps")
        ran = runfox("run", FIBONACCI / "flow.yaml", *db, "--external", cwd=tmp_path)
        stopped = worker.end(signal.SIGTERM)
    assert ran.code == 0, ran.err
    assert ran.json == json.loads((FIBONACCI / "expected.json").read_text())["outcome"]
    assert "grow  complete in" in ran.err
    assert stopped.code == 0
    assert "stopped" in stopped.err
    history = runfox("history", "last", *db, "-o", "json", cwd=tmp_path).json
    recorded = completions(history)
    assert len(recorded) == len(set(recorded))


def test_a_worker_that_is_told_to_end_finishes_the_step_at_hand(tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text(
        "name: x\nsteps: [{id: slow}, {id: next, depends_on: [slow]}]\n"
    )
    (tmp_path / "handlers.py").write_text(
        "import pathlib, time\n"
        "def slow():\n"
        "    pathlib.Path('begun').touch()\n"
        "    while not pathlib.Path('go').exists(): time.sleep(0.01)\n"
        "    return {}\n"
        "def next(): return {}\n"
    )
    runfox("run", "flow.yaml", "--db", "w.db", "--external", "--wait", "0s", cwd=tmp_path)
    with started("worker", "--db", "w.db", cwd=tmp_path) as worker:
        worker.wait_for("takes steps")
        while not (tmp_path / "begun").exists():
            pass
        worker.process.send_signal(signal.SIGTERM)
        (tmp_path / "go").touch()
        assert worker.end().code == 0
    steps = runfox("show", "last", "--db", "w.db", "-o", "json", cwd=tmp_path).json["steps"]
    assert (steps["slow"]["status"], steps["next"]["status"]) == ("complete", "in_progress")
    rest = runfox("worker", "--db", "w.db", "--until-idle", cwd=tmp_path)
    assert rest.code == 0
    assert (
        runfox("show", "last", "--db", "w.db", "-o", "json", cwd=tmp_path).json["status"]
        == "complete"
    )
