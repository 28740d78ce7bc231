"""What is asked of a database by those who look after it: workers, queues, what stands still, what failed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from runfox import Workflow
from runfox.backend import Backend, SqliteRunner, SqliteStore
from runfox.backend.failing import Wanted, failed_steps, tallied
from runfox.backend.protocols import JobRow, Query, Summary, Taker, WorkerRow
from runfox.backend.stalling import Standing, stalled
from runfox.connect import connect
from runfox.results import Failed
from runfox.status import WorkflowStatus
from runfox.testing import NOW, FakeClock
from tests.unit.cli.saying import Say, saying

HOUR = timedelta(hours=1)

FLOW = {
    "name": "flow",
    "steps": [{"id": "a", "queue": "gpu"}, {"id": "b", "depends_on": ["a"]}],
}
CALLER = {
    "name": "caller",
    "workflows": {"child": {"steps": [{"id": "x"}]}},
    "steps": [{"id": "c", "call": "child"}],
}
ITEMS = {
    "name": "items",
    "steps": [{"id": "each", "foreach": {"items": [1, 2, 3]}, "fn": "f"}],
}


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    monkeypatch.chdir(tmp_path)
    return saying(capsys)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def backend(say: Say, clock: FakeClock) -> Iterator[Backend]:
    """A database of the folder whose time is in the test's hand."""
    store = SqliteStore("runfox.db", clock=clock)
    yield Backend(store, SqliteRunner("runfox.db", clock=clock))
    store.close()


@pytest.fixture
def real(say: Say) -> Iterator[Backend]:
    backend = connect("runfox.db")
    yield backend
    backend.store.close()


def begun(backend: Backend, name: str, flow: dict = FLOW) -> str:
    run = Workflow.from_dict(flow, backend, execution_id=name)
    run.advance()
    return run.id


def fail(backend: Backend, key: str, step: str, kind: str = "Broken") -> None:
    backend.submit_work_error(key, step, kind, "it broke")
    backend.step(key)


# Workers, queue ---------------------------------------------------------------------------------------


def test_workers_are_listed_with_what_they_hold(say: Say, real: Backend) -> None:
    assert say("workers").err == "no workers\n"
    begun(real, "r1")
    real.take_pending_jobs()
    real.queue.ledger.beat(Taker("the-driver", HOUR, role="driver"))
    told = {row["role"]: row for row in say("workers", "-o", "json").json}
    assert told["worker"]["jobs"] == 1
    assert told["driver"]["worker"] == "the-driver"
    table = say("workers").out.splitlines()
    assert table[0].split() == ["worker", "role", "steps", "process", "lease"]
    assert len(table) == 3


def test_the_queue_is_told_by_name_and_status_with_its_oldest_steps(
    say: Say, real: Backend
) -> None:
    assert say("queue").err == "nothing is queued, and nothing is at work\n"
    for number in range(3):
        begun(real, f"r{number}")
    real.take_pending_jobs(1)
    told = say("queue", "-o", "json", "--oldest", "2").json
    assert {(row["queue"], row["status"]): row["jobs"] for row in told["depths"]} == {
        ("gpu", "queued"): 2,
        ("gpu", "taken"): 1,
    }
    assert len(told["oldest"]) == 2
    text = say("queue").out
    assert "gpu" in text
    assert "r0" in text


def test_who_does_not_name_the_queue_that_workers_hear_from_is_told_so(
    say: Say, real: Backend
) -> None:
    begun(real, "r1")
    apart = ("--queue-backend", "sqlite:///hints.db")
    assert "--queue-backend" not in say("queue").err
    assert "--queue-backend" not in say("sweep", "--once", *apart).err
    assert "--queue-backend" in say("queue").err
    assert "--queue-backend" not in say("queue", *apart).err


# Stale ------------------------------------------------------------------------------------------------


def summary(name: str, status: WorkflowStatus, updated: timedelta, **more: object) -> Summary:
    then = NOW - updated
    return Summary(name, "w", "n", status, 3, then, then, None, None, {}, **more)  # type: ignore[arg-type]


def kinds(standing: Standing, than: timedelta = HOUR) -> list[tuple[str, str]]:
    return [(one.kind, one.id) for one in stalled(standing, than)]


EMPTY = Standing(NOW, (), (), (), ())


def test_steps_of_lost_workers_are_stale_at_once_and_waiting_ones_after_a_while() -> None:
    jobs = [
        JobRow("w#lapsed", "a", 0, "", 1, NOW, "w1", NOW),
        JobRow("w#dead", "a", 0, "", 1, NOW, "w2", NOW + HOUR, alive=False),
        JobRow("w#fine", "a", 0, "", 1, NOW - 9 * HOUR, "w3", NOW + HOUR),
        JobRow("w#old", "a", 0, "gpu", 0, NOW - 2 * HOUR),
        JobRow("w#new", "a", 0, "", 0, NOW - HOUR),
    ]
    standing = EMPTY._replace(jobs=jobs)
    assert sorted(kinds(standing)) == [
        ("lost", "w#dead"),
        ("lost", "w#lapsed"),
        ("waiting", "w#old"),
    ]
    [old] = [one for one in stalled(standing, HOUR) if one.kind == "waiting"]
    assert "runfox worker --queue gpu" in old.way_out
    served = standing._replace(workers=[WorkerRow("w", "worker", "h", 1, None, True, 0)])
    [old] = [one for one in stalled(served, HOUR) if one.kind == "waiting"]
    assert "add workers" in old.way_out


def test_an_execution_is_stale_where_nobody_moves_it_and_nothing_of_it_is_at_work() -> None:
    open, paused = WorkflowStatus.IN_PROGRESS, WorkflowStatus.PAUSED
    executions = [
        summary("due", open, 2 * HOUR),
        summary("quiet", open, 2 * HOUR),
        summary("new", WorkflowStatus.PENDING, 2 * HOUR),
        summary("later", open, 2 * HOUR, wake_at=NOW + HOUR),
        summary("paused", paused, 2 * HOUR),
        summary("fresh", open, HOUR),
        summary("busy", open, 2 * HOUR),
        summary("caller", open, 2 * HOUR),
        summary("called", open, HOUR, parent="caller"),
    ]
    job = JobRow("w#busy", "a", 0, "", 1, NOW, "w3", NOW + HOUR)
    standing = EMPTY._replace(executions=executions, due=["due", "fresh"], jobs=[job])
    assert sorted(kinds(standing)) == [("due", "w#due"), ("due", "w#new"), ("quiet", "w#quiet")]


def test_what_stands_still_is_told_with_the_way_out(
    say: Say, backend: Backend, clock: FakeClock
) -> None:
    key = begun(backend, "r1")
    # The command goes by the clock of the host, which is far beyond that of this test.
    [told] = say("stale", "-o", "json").json
    assert (told["kind"], told["id"], told["step"]) == ("waiting", key, "a")
    text = say("stale").out
    assert "r1 a: run 0 waits in the queue 'gpu'" in text
    assert "runfox worker --queue gpu" in text
    assert backend.stalled(HOUR) == []
    clock.advance(2 * HOUR)
    assert [one.kind for one in backend.stalled(HOUR)] == ["waiting"]


def test_a_database_in_which_all_moves_says_so(say: Say, real: Backend) -> None:
    begun(real, "r1")
    said = say("stale")
    assert (said.code, said.out, said.err) == (0, "", "everything moves\n")


# Failures, retry --------------------------------------------------------------------------------------


def test_failed_steps_are_the_innermost_ones(real: Backend) -> None:
    key = begun(real, "r1", ITEMS)
    for item in (0, 2):
        real.submit_work_error(key, f"each[{item}]", "Broken", "it broke", 0)
    real.step(key)
    found = failed_steps(real.load(key))
    assert {one.step for one in found} <= {"each[0]", "each[2]"}
    [row] = tallied(found)
    assert (row.name, row.step, row.type) == ("items", "each[*]", "Broken")


def test_failures_are_told_together_by_workflow_step_and_error(say: Say, real: Backend) -> None:
    assert say("failures").err == "no such step has failed\n"
    for number, kind in enumerate(("Broken", "Broken", "LeaseLost")):
        fail(real, begun(real, f"r{number}"), "a", kind)
    told = say("failures", "-o", "json").json
    assert [(row["name"], row["step"], row["type"], row["times"]) for row in told] == [
        ("flow", "a", "Broken", 2),
        ("flow", "a", "LeaseLost", 1),
    ]
    assert told[0]["newest"]["message"] == "it broke"
    assert [row["type"] for row in say("failures", "--dead", "-o", "json").json] == ["LeaseLost"]
    each = say("failures", "--each", "--type", "Broken", "-o", "json").json
    assert sorted(one["id"].rpartition("#")[2] for one in each) == ["r0", "r1"]
    for narrow in (
        ("--step", "b"),
        ("--name", "other"),
        ("--label", "k=v"),
        ("--status", "halted"),
    ):
        assert say("failures", *narrow, "-o", "json").json == []
    assert "Broken: it broke" in say("failures").out
    assert "r2" in say("failures", "--each").out


def test_only_what_failed_since_is_told(say: Say, backend: Backend, clock: FakeClock) -> None:
    fail(backend, begun(backend, "r1"), "a")
    clock.advance(2 * HOUR)
    fail(backend, begun(backend, "r2"), "a")
    query = Query(status=WorkflowStatus.FAILED)
    found = backend.failures(query, Wanted(since=clock() - HOUR))
    assert [one.id.rpartition("#")[2] for one in found] == ["r2"]
    assert say("failures", "--since", "1h", "-o", "json").json == []


def test_dead_letters_are_tried_again_and_nothing_else_is(say: Say, real: Backend) -> None:
    keys = [begun(real, f"r{number}") for number in range(3)]
    for key, kind in zip(keys, ("Broken", "LeaseLost", "LeaseLost"), strict=True):
        fail(real, key, "a", kind)
    said = say("retry", "--type", "LeaseLost", "-o", "json")
    assert said.code == 0, said.err
    assert sorted(one["id"] for one in said.json) == sorted(keys[1:])
    assert [real.load(key).status.ended for key in keys] == [True, False, False]


def test_what_was_tried_too_often_is_left(say: Say, real: Backend) -> None:
    keys = [begun(real, "r1"), begun(real, "r2")]
    for key in keys:
        fail(real, key, "a")
    say("retry", "r1")
    fail(real, keys[0], "a")
    assert {one["tries"] for one in say("failures", "--each", "-o", "json").json} == {1, 2}
    said = say("retry", "--attempts", "1", "-o", "json")
    assert [one["id"] for one in said.json] == [keys[1]]


def test_what_failed_in_a_called_execution_is_tried_again_by_way_of_its_caller(
    say: Say, real: Backend
) -> None:
    run = Workflow.from_dict(CALLER, real, execution_id="r1")

    def broken(fn: str, inputs: dict) -> dict:
        raise RuntimeError("it broke")

    assert isinstance(Workflow.resume(run.id, connect("runfox.db", executor=broken)).run(), Failed)
    rows = {row["step"]: row["type"] for row in say("failures", "-o", "json").json}
    assert rows == {"x": "RuntimeError", "c": "ChildFailed"}
    assert say("retry", "--step", "x").code == 0
    assert [job.step_id for job in real.list_pending_jobs()] == ["x"]


def test_runs_cannot_be_named_and_described(say: Say, real: Backend) -> None:
    fail(real, begun(real, "r1"), "a")
    said = say("retry", "r1", "--type", "Broken")
    assert said.code == 2
    assert "not both" in said.err


def test_executions_can_be_described_by_the_queue_that_they_need(say: Say, real: Backend) -> None:
    begun(real, "gpu")
    begun(real, "other", {"name": "other", "steps": [{"id": "a"}]})
    inner = {"id": "outer", "depends_on": ["a"], "do": [{"id": "i", "queue": "gpu"}]}
    begun(real, "inside", {"name": "inside", "steps": [{"id": "a"}, inner]})
    said = say("pause", "--queue", "gpu", "-o", "json")
    assert sorted(one["id"].rpartition("#")[2] for one in said.json) == ["gpu", "inside"]
    said = say("cancel", "--queue", "", "-o", "json")
    assert sorted(one["id"].rpartition("#")[2] for one in said.json) == ["gpu", "inside", "other"]
