"""The commands of operators, called as the shell does, on executions in a database that nobody works on."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from runfox import Workflow
from runfox.backend import Backend
from runfox.cli import main
from runfox.connect import connect

FLOW = """
name: flow
version: "1"
inputs: {type: object, properties: {n: {type: integer, default: 1}}}
steps:
  - {id: a}
  - {id: ask, depends_on: [a], wait: {signal: go, data: {type: object}}}
  - {id: b, depends_on: [a], limit: {max: 1, key: desk}}
  - {id: c, depends_on: [b, ask]}
"""


class Said(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Say = Callable[..., Said]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Call a command in a folder with flow.yaml and a runfox.db."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RUNFOX_DB", raising=False)
    Path("flow.yaml").write_text(FLOW)

    def call(*words: str) -> Said:
        capsys.readouterr()
        code = main(words)
        return Said(code, *capsys.readouterr())

    return call


@pytest.fixture
def backend(say: Say) -> Backend:
    return connect("runfox.db")


def begun(backend: Backend, name: str = "r1", **more: Any) -> Workflow:
    run = Workflow.from_file("flow.yaml", backend, execution_id=name, **more)
    run.advance()
    return run


def status(backend: Backend, name: str = "r1") -> str:
    return backend.load(name).status.value


# Signals ----------------------------------------------------------------------------------------------


def test_a_signal_says_whether_it_opened_a_wait_is_kept_or_came_before(
    say: Say, backend: Backend
) -> None:
    run = begun(backend)
    kept = say("signal", "r1", "go", "--data", "{}", "--id", "m1")
    assert (kept.code, kept.out) == (
        0,
        "r1: signal go is kept until a step waits for it (in_progress)\n",
    )
    assert "one of this id has come before" in say("signal", "r1", "go", "--id", "m1").out
    run.on_step_result("a", {})
    run.advance()
    assert run.step_statuses["ask"] == "complete"


def test_a_signal_opens_the_wait_and_carries_its_data(say: Say, backend: Backend) -> None:
    run = begun(backend)
    run.on_step_result("a", {})
    run.advance()
    told = say("signal", "r1", "go", "--data", '{"by": "me"}', "-o", "json")
    assert told.json == [{"id": run.id, "done": "signal go opened ask", "status": "in_progress"}]
    assert backend.load("r1").steps["ask"].output["data"] == {"by": "me"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["r1", "nope"], "waits for: go"),
        (["r1", "go", "--data", "7"], "does not fit"),
        (["r1", "go", "--data", "{by"], "is not JSON"),
        (["r1", "go", "--data", "@none.json"], "cannot read none.json"),
        (["zz", "go"], "no execution 'zz'"),
        (["over", "go"], "the run is cancelled: it takes no signals"),
    ],
)
def test_a_signal_that_is_not_taken_says_why(
    say: Say, backend: Backend, words: list[str], says: str
) -> None:
    begun(backend)
    begun(backend, "over").cancel()
    told = say("signal", *words)
    assert told.code == 2
    assert says in told.err
    assert backend.load("r1").revision == 2


# Pausing, cancelling and going on ---------------------------------------------------------------------


def test_pause_and_resume_without_driving(say: Say, backend: Backend) -> None:
    begun(backend)
    told = say("pause", "r1")
    assert (told.code, status(backend)) == (0, "paused")
    assert "Let it go on with: runfox resume r1 --db runfox.db" in told.err
    told = say("resume", "r1", "--no-drive")
    assert (told.code, status(backend)) == (0, "in_progress")
    told = say("resume", "r1", "--no-drive")
    assert told.code == 2
    assert "not paused" in told.err


def test_resume_lets_a_paused_execution_go_on_and_drives_it(say: Say, backend: Backend) -> None:
    Path("small.yaml").write_text("name: small\nsteps: [{id: one}, {id: two, depends_on: [one]}]")
    Path("handlers.py").write_text("def one(): return {}\ndef two(): return {}\n")
    Workflow.from_file("small.yaml", backend, execution_id="s1").pause()
    assert say("resume", "s1").code == 0
    assert status(backend, "s1") == "complete"


def test_cancel_ends_it_and_its_finally_is_told_of(say: Say, backend: Backend) -> None:
    begun(backend)
    assert say("cancel", "r1").out == "r1: cancelled (cancelled)\n"
    Path("tidy.yaml").write_text("name: tidy\nsteps: [{id: a}]\nfinally: [{id: z}]")
    Workflow.from_file("tidy.yaml", backend, execution_id="t1").advance()
    assert say("cancel", "t1").out == "t1: cancelled (the steps of finally run)\n"
    assert say("cancel", "t1").out == "t1: cancelled (cancelled)\n"
    told = say("cancel", "t1")
    assert told.code == 2
    assert "cancelled already" in told.err


def test_a_verb_for_a_caller_reaches_what_it_called(say: Say, backend: Backend) -> None:
    Path("call.yaml").write_text(
        "name: call\nsteps: [{id: c, call: other}]\nworkflows: {other: {steps: [{id: x}]}}"
    )
    run = Workflow.from_file("call.yaml", backend, execution_id="p1")
    run.advance()
    child = backend.load("p1").steps["c"].more.child
    assert child in say("show", "p1").out
    say("cancel", "p1")
    assert status(backend, child) == "cancelled"
    assert [each["parent"] for each in say("list", "--parent", "p1", "-o", "json").json] == ["p1"]
    assert len(say("list", "--roots", "-o", "json").json) == 1


def test_several_are_done_and_one_that_refuses_does_not_keep_it_from_the_others(
    say: Say, backend: Backend
) -> None:
    begun(backend)
    begun(backend, "r2").cancel()
    begun(backend, "r3")
    told = say("pause", "r1", "r2", "r3")
    assert told.code == 2
    assert told.out == "r1: paused (paused)\nr3: paused (paused)\n"
    assert "r2: the run is cancelled already" in told.err


def test_executions_can_be_described_in_place_of_named(say: Say, backend: Backend) -> None:
    begun(backend, "r1", labels={"team": "a"})
    begun(backend, "r2", labels={"team": "a"}).cancel()
    begun(backend, "r3", labels={"team": "b"})
    told = say("pause", "--label", "team=a")
    assert (told.out, told.err.splitlines()[0]) == ("r1: paused (paused)\n", "pause 1 execution")
    assert say("cancel", "--name", "flow", "--yes").out.count("cancelled (") == 2
    assert "0 executions" in say("cancel", "--name", "flow").err
    assert say("resume", "--status", "paused").code == 0


class Terminal(StringIO):
    """A person who types this."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("typed", "words", "after"),
    [("n\n", [], "in_progress"), ("y\n", [], "cancelled"), ("", ["--yes"], "cancelled")],
)
def test_a_person_is_asked_before_what_is_described_is_done(
    say: Say,
    backend: Backend,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    words: list[str],
    after: str,
) -> None:
    begun(backend)
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    told = say("cancel", "--name", "flow", *words)
    assert (told.code, status(backend)) == (2 if after == "in_progress" else 0, after)
    assert "cancel 1 execution" in told.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["pause"], "pause what?"),
        (["resume"], "resume what?"),
        (["cancel", "r1", "--name", "flow"], "not both"),
        (["retry", "--label", "x"], "is no key=value"),
    ],
)
def test_a_verb_without_or_with_two_objects_is_refused(
    say: Say, backend: Backend, words: list[str], says: str
) -> None:
    begun(backend)
    told = say(*words)
    assert told.code == 2
    assert says in told.err
    assert status(backend) == "in_progress"


# Repairing --------------------------------------------------------------------------------------------


def failed(backend: Backend) -> Workflow:
    run = begun(backend)
    run.on_step_error("a", "Boom", "it broke")
    run.advance()
    assert run.status == "failed"
    return run


def test_retry_reopens_what_failed_all_or_by_name(say: Say, backend: Backend) -> None:
    run = failed(backend)
    assert say("retry", "r1", "c").code == 2
    told = say("retry", "r1", "a")
    assert (told.code, told.out) == (0, "r1: retried (in_progress)\n")
    assert "runfox resume r1 --db runfox.db" in told.err
    run.on_step_error("a", "Boom", "again")
    run.advance()
    assert say("retry", "--name", "flow").code == 0
    assert run.step_statuses["a"] == "in_progress"


def test_rerun_and_skip_take_objects_and_name_unknown_steps(say: Say, backend: Backend) -> None:
    run = begun(backend)
    run.on_step_result("a", {})
    run.advance()
    assert say("rerun", "r1", "--from", "a", "--input", '{"k": 1}').code == 0
    assert backend.load("r1").steps["a"].inputs == {"k": 1}
    assert say("skip", "r1", "a", "--output", '{"z": 1}').out == "r1: completed a (in_progress)\n"
    assert backend.load("r1").state["z"] == 1
    assert say("skip", "r1", "b").out == "r1: skipped b (in_progress)\n"
    for words in (["rerun", "r1", "--from", "nope"], ["skip", "r1", "nope"]):
        told = say(*words)
        assert told.code == 2
        assert "its steps are: a, ask, b, c" in told.err
    assert "JSON object" in say("skip", "r1", "c", "--output", "[1]").err


def test_a_fork_begins_where_the_other_stood_and_prints_its_id(say: Say, backend: Backend) -> None:
    run = begun(backend)
    run.on_step_result("a", {})
    run.advance()
    told = say("fork", "r1", "--at", "2", "--id", "f1")
    assert told.out.strip().endswith("#f1")
    assert backend.load("f1").steps["a"].status == "in_progress"
    told = say("fork", "r1", "--at", "99")
    assert told.code == 2
    assert "no revision 99" in told.err


# Why and when -----------------------------------------------------------------------------------------


def test_explain_tells_of_the_jobs_the_limit_and_its_holder(say: Say, backend: Backend) -> None:
    one, other = begun(backend), begun(backend, "r2")
    for run in (one, other):
        run.on_step_result("a", {})
        run.advance()
    told = say("explain", "r2")
    assert told.code == 0
    assert "waits for a place in the limit 'desk', held by r1 b" in told.out
    assert "c    waits for b (waiting), ask (waiting)" in told.out
    found = say("explain", "r1", "-o", "json").json
    assert found["run"] == ["1 job in the queue, which no worker has taken"]
    assert set(found["steps"]) == {"ask", "b", "c"}
    backend.take_pending_jobs()
    found = say("explain", "r1", "-o", "json").json
    assert found["run"] == []
    assert "is with worker" in found["steps"]["b"]
    assert "whose lease ends at" in found["steps"]["b"]


def test_explain_tells_of_results_that_nobody_applied(say: Say, backend: Backend) -> None:
    run = begun(backend)
    backend.submit_work_result(run.id, "a", {})
    assert "1 message in its inbox, which nobody has applied" in say("explain", "r1").out


def test_wait_has_the_exit_code_of_what_it_waited_for(say: Say, backend: Backend) -> None:
    failed(backend)
    begun(backend, "r2")
    assert say("wait", "r1").code == 1
    assert say("wait", "r2", "--timeout", "10ms").code == 4
    assert say("wait", "r1", "r2", "--timeout", "10ms").code == 4
    told = say("wait", "r1", "r2", "--any", "-o", "json")
    assert told.code == 1
    assert [each["status"] for each in told.json] == ["failed", "in_progress"]


# Workflows by name ------------------------------------------------------------------------------------


def test_what_is_kept_can_be_listed_activated_and_started(say: Say, backend: Backend) -> None:
    assert "flow@1: kept, and active" in say("keep", "flow.yaml").out
    Path("two.yaml").write_text(FLOW.replace('"1"', '"2"'))
    assert "flow@2: kept (" in say("keep", "two.yaml", "--no-activate").out
    rows = say("workflows", "-o", "json").json
    assert [(row["version"], row["active"]) for row in rows] == [("2", False), ("1", True)]
    assert say("activate", "flow@2").code == 0
    table = say("workflows", "flow").out.splitlines()
    assert [line.split()[:2] for line in table[1:]] == [["*", "2"], ["1", table[2].split()[1]]]
    told = say("start", "flow", "-i", "n=7", "--id", "s1", "--label", "k=v")
    assert told.out.strip() == backend.load("s1").origin.key
    record = backend.load("s1")
    assert (record.plan.spec.version, record.inputs, record.origin.labels["k"]) == (
        "2",
        {"n": 7},
        "v",
    )
    assert say("start", "flow@1", "--delay", "1h", "--id", "s2").code == 0
    assert "begins in" in say("explain", "s2").out
    assert say("activate", rows[1]["workflow_id"][:8]).code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["activate", "flw"], "Did you mean 'flow'?"),
        (["activate", "flow@9"], "there are: 1"),
        (["start", "nope"], "there are: flow"),
        (["start", "flow", "-i", "n=x"], "do not fit the schema"),
        (["start", "flow", "--delay", "soon"], "is no duration"),
    ],
)
def test_a_name_or_an_input_that_does_not_fit_is_refused(
    say: Say, backend: Backend, words: list[str], says: str
) -> None:
    say("keep", "flow.yaml")
    told = say(*words)
    assert told.code == 2
    assert says in told.err
    assert backend.executions() == []


def test_the_scheduler_starts_what_is_due_once(say: Say, backend: Backend) -> None:
    Path("often.yaml").write_text("name: often\nschedule: [{every: 1s}]\nsteps: [{id: a}]")
    told = say("keep", "often.yaml")
    assert "runfox schedule" in told.err
    assert say("schedule", "--once").code == 0  # it is seen for the first time now
    assert backend.store.fired("often-0") is not None


@pytest.mark.parametrize(
    "line", ["schedule: [{cron: '0 0 30 2 *'}]", "limit: {max: 0}", "schedule: [{cron: 'x'}]"]
)
def test_a_cron_that_never_fires_and_a_limit_of_nothing_are_not_kept(
    say: Say, backend: Backend, line: str
) -> None:
    Path("bad.yaml").write_text(f"name: bad\n{line}\nsteps: [{{id: a}}]")
    told = say("keep", "bad.yaml")
    assert told.code == 2
    assert "bad.yaml:2:" in told.err
    assert backend.definitions() == []


def test_show_says_what_holds_all_of_it_and_counts_items(say: Say, backend: Backend) -> None:
    Path("each.yaml").write_text(
        "name: each\nsteps: [{id: e, foreach: {items: [1, 2, 3], tolerate: 1}, fn: f}]"
    )
    run = Workflow.from_file("each.yaml", backend, execution_id="e1", labels={"k": "v"})
    run.advance()
    run.on_step_result("e[0]", {})
    run.pause()
    text = say("show", "e1").out
    assert "paused; nothing is dispatched" in text
    assert "k=v" in text
    assert "1/3 done" in text
    shown = say("show", "e1", "-o", "json").json
    assert shown["waits"].startswith("paused")
    assert shown["steps"]["e"]["items"]["done"] == 1


def test_explain_of_what_is_over_or_was_never_moved_says_so(say: Say, backend: Backend) -> None:
    Workflow.from_file("flow.yaml", backend, execution_id="new")
    assert "nobody has moved it yet" in say("explain", "new").out
    failed(backend)
    assert "it is over: failed" in say("explain", "r1").out
