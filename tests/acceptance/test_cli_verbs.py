"""Operators at work on executions that other processes drive: real processes, one database."""

import signal
from pathlib import Path

import pytest

from tests.acceptance.cli_process import runfox, started

FLOW = """
name: approval
inputs: {type: object, properties: {n: {type: integer, default: 3}}}
steps:
  - {id: make, input: {n: {var: input.n}}}
  - id: each
    depends_on: [make]
    foreach: {items: {var: steps.make.output.parts}}
    fn: part
    input: {number: {var: item}}
  - {id: ask, depends_on: [each], wait: {signal: approve, data: {type: object}, for: 1h}}
  - {id: ship, depends_on: [ask], queue: trucks}
finally: [{id: tidy}]
outputs: {by: {var: steps.ask.output.data.by}, parts: {var: steps.each.output}}
"""

HANDLERS = """
def make(n): return {"parts": list(range(n))}
def part(number): return {"number": number}
def ship(): return {}
def tidy(): return {}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flow.yaml").write_text(FLOW)
    (tmp_path / "handlers.py").write_text(HANDLERS)
    return tmp_path


def test_a_run_that_waits_for_approval_ends_when_another_process_approves(folder: Path) -> None:
    with started("run", "flow.yaml", "--db", "r.db", "--id", "a1", cwd=folder) as run:
        run.wait_for("waits for signal approve")
        said = runfox("explain", "a1", "--db", "r.db", cwd=folder)
        assert "waits for the signal 'approve', until" in said.out
        sent = runfox(
            "signal", "a1", "approve", "--data", '{"by": "me"}', "--db", "r.db", cwd=folder
        )
        assert sent.out.startswith("a1: signal approve opened ask")
        ended = run.end()
    assert ended.code == 0, ended.err
    assert ended.json["by"] == "me"
    assert "each[2]" in ended.err
    assert runfox("wait", "a1", "--db", "r.db", cwd=folder).code == 0
    table = runfox("show", "a1", "--db", "r.db", cwd=folder).out
    assert "3/3 done" in table
    assert "finally tidy" in table


def test_a_run_that_is_cancelled_elsewhere_ends_as_cancelled(folder: Path) -> None:
    with started("run", "flow.yaml", "--db", "r.db", "--id", "a1", cwd=folder) as run:
        run.wait_for("waits for signal approve")
        assert runfox("cancel", "a1", "--db", "r.db", cwd=folder).code == 0
        ended = run.end()
    assert ended.code == 1
    assert "cancelled in" in ended.err
    assert "tidy  " in ended.err


def test_a_kept_workflow_is_started_paused_and_brought_to_its_end_by_workers_of_two_queues(
    folder: Path,
) -> None:
    db = ["--db", "r.db"]
    assert runfox("keep", "flow.yaml", *db, cwd=folder).code == 0
    runs = [
        runfox("start", "approval", *db, "-i", f"n={n}", cwd=folder).out.strip() for n in (0, 2)
    ]
    assert "2 executions" in runfox("pause", "--name", "approval", *db, cwd=folder).err
    assert runfox("resume", *runs, *db, cwd=folder).code == 0
    for run in runs:
        assert runfox("signal", run, "approve", "--data", "{}", *db, cwd=folder).code == 0
    usual = runfox("worker", *db, "--queue", "", "--until-idle", cwd=folder)
    assert usual.code == 0, usual.err
    for run in runs:
        found = runfox("explain", run, *db, "-o", "json", cwd=folder).json
        assert found["run"] == ["1 job in the queue 'trucks', which no worker has taken"]
    with started("worker", *db, "--queue", "trucks", "--queue", "", cwd=folder) as worker:
        worker.wait_for("takes steps")
        waited = runfox("wait", *runs, *db, "--timeout", "30s", cwd=folder)
        assert waited.code == 0, waited.out
        assert worker.end(signal.SIGTERM).code == 0


def test_a_failed_run_is_retried_after_the_fault_is_mended(folder: Path) -> None:
    (folder / "handlers.py").write_text(HANDLERS.replace('return {"number"', "raise OSError #"))
    db = ["--db", "r.db"]
    assert runfox("run", "flow.yaml", *db, "--id", "a1", "-i", "n=1", cwd=folder).code == 1
    (folder / "handlers.py").write_text(HANDLERS)
    assert runfox("retry", "a1", *db, cwd=folder).code == 0
    assert (
        runfox("skip", "a1", "ask", "--output", '{"data": {"by": "you"}}', *db, cwd=folder).code
        == 0
    )
    ended = runfox("resume", "a1", *db, cwd=folder)
    assert ended.code == 0, ended.err
    assert ended.json == {"by": "you", "parts": [{"number": 0}]}


def test_a_scheduler_starts_runs_until_it_is_told_to_stop(folder: Path) -> None:
    (folder / "often.yaml").write_text(
        "name: often\nschedule: [{every: 1s, overlap: allow}]\nsteps: [{id: make}]\n"
    )
    assert runfox("keep", "often.yaml", "--db", "r.db", cwd=folder).code == 0
    with started("schedule", "--db", "r.db", cwd=folder) as scheduler:
        scheduler.wait_for("often-0  next at")
        scheduler.wait_for("started often-0-")
        stopped = scheduler.end(signal.SIGTERM)
    assert stopped.code == 0
    assert "scheduler stopped" in stopped.err
    found = runfox("list", "--name", "often", "--db", "r.db", "-o", "json", cwd=folder).json
    assert found[0]["labels"] == {"schedule": "often-0"}


def test_run_takes_a_label_and_a_delay_and_checks_inputs_first(folder: Path) -> None:
    (folder / "small.yaml").write_text(
        "name: small\ninputs: {type: object, required: [n]}\nsteps: [{id: make, input: {n: {var: input.n}}}]\n"
    )
    bad = runfox("run", "small.yaml", "--db", "r.db", cwd=folder)
    assert bad.code == 2
    assert "'n' is a required property" in bad.err
    words = ["-i", "n=1", "--label", "k=v", "--delay", "200ms", "--id", "s1"]
    ran = runfox("run", "small.yaml", "--db", "r.db", *words, cwd=folder)
    assert ran.code == 0, ran.err
    [found] = runfox("list", "--label", "k=v", "--db", "r.db", "-o", "json", cwd=folder).json
    assert found["execution_id"] == "s1"
