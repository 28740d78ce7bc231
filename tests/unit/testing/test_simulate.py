"""A simulated run is a run of the engine, in which only the clock and the executor are not the real ones."""

from datetime import UTC, datetime, timedelta

import pytest

from runfox.errors import InputsInvalid, RequestError, SpecError
from runfox.graph.facts import WorkflowCreated, WorkflowEnded
from runfox.results import Complete, Failed, Halt
from runfox.spec import load
from runfox.testing import simulate_run
from runfox.testing.script import Fails, Takes, TimesOut
from runfox.testing.simulate import simulate
from runfox.testing.simulate_run import Stuck


def flow(*steps, **more):
    return {"name": "f", "steps": list(steps), **more}


def paths(run):
    return [call.path for call in run.calls]


def test_days_of_waiting_cost_no_time():
    waits = flow(
        {"id": "a", "wait": {"for": "30d"}},
        {"id": "b", "depends_on": ["a"], "retry": {"max_attempts": 2, "delay": "20s"}},
    )
    run = simulate(waits, {"b": [Fails("Down"), {"x": 1}]})
    assert isinstance(run.result, Complete)
    assert run.elapsed == timedelta(days=30, seconds=20)
    start = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    assert [call.at - start for call in run.calls] == [
        timedelta(days=30),
        timedelta(days=30, seconds=20),
    ]


def test_everything_of_the_run_can_be_looked_at():
    run = simulate(
        flow({"id": "a", "input": {"n": {"var": "input.n"}}}, outputs={"y": {"var": "state.y"}}),
        {"a": {"y": 2}},
        {"n": 1},
    )
    assert run.calls == (("a", "a", {"n": 1}, 1, run.record.started_at),)
    assert (run.status, run.outcome, run.state, run.error) == ("complete", {"y": 2}, {"y": 2}, None)
    assert run.steps == {"a": "complete"}
    assert isinstance(run.history[0], WorkflowCreated)
    assert isinstance(run.history[-1], WorkflowEnded)


@pytest.mark.parametrize(
    ("branch", "result"),
    [
        ({"action": "halt", "result": {"a": 1}}, Halt({"a": 1})),
        (
            {"action": "fail", "result": {"type": "Bad", "message": "no"}},
            Failed({"type": "Bad", "message": "no", "step": "a"}),
        ),
    ],
)
def test_a_run_ends_as_its_branches_say(branch, result):
    assert simulate(flow({"id": "a", "branch": [branch]}), {"a": {}}).result == result


def test_a_run_may_be_given_in_every_form(tmp_path):
    text = "name: f\nsteps: [{id: a}]\n"
    file = tmp_path / "f.yaml"
    file.write_text(text)
    for form in (text, text.encode(), load(text), file, str(file), flow({"id": "a"})):
        assert simulate(form, {"a": {}}).steps == {"a": "complete"}
    assert simulate('{"name": "f", "steps": [{"id": "a"}]}', {"a": {}}).status == "complete"


def test_what_is_wrong_with_a_workflow_or_its_inputs_is_told_as_ever():
    with pytest.raises(SpecError, match="unknown-key"):
        simulate(flow({"id": "a", "retyr": 1}))
    with pytest.raises(InputsInvalid, match="n"):
        simulate(flow({"id": "a"}, inputs={"required": ["n"]}))
    with pytest.raises(RequestError, match="time zone"):
        simulate(flow({"id": "a"}), start=datetime(2026, 1, 1))  # noqa: DTZ001


def test_steps_that_are_ready_at_once_begin_at_once_and_the_fastest_answers_first():
    race = flow(
        {"id": "slow"},
        {"id": "fast"},
        {"id": "then", "depends_on": ["slow", "fast"], "join": {"need": 1, "rest": "cancel"}},
    )
    run = simulate(race, {"slow": Takes("2h", {}), "fast": Takes("1h", {}), "then": {}})
    assert paths(run) == ["slow", "fast", "then"]
    assert run.steps == {"slow": "cancelled", "fast": "complete", "then": "complete"}
    assert run.elapsed == timedelta(hours=1)


@pytest.mark.parametrize(
    ("timeout", "answer", "kind", "seconds"),
    [
        ("5m", TimesOut(), "Timeout", 300),
        ({"heartbeat": "1m"}, TimesOut(), "HeartbeatMissed", 60),
        ({"total": "2m"}, TimesOut(), "Timeout", 120),
        ("5m", Takes("6m", {}), "Timeout", 300),
        ({"heartbeat": "1m", "attempt": "1h"}, Takes("2h", {}), "Timeout", 3600),
    ],
)
def test_timeouts_are_those_of_the_engine(timeout, answer, kind, seconds):
    run = simulate(flow({"id": "a", "timeout": timeout}), {"a": answer})
    assert run.error["type"] == kind
    assert run.elapsed == timedelta(seconds=seconds)


@pytest.mark.parametrize("timeout", ["5m", {"heartbeat": "1m"}])
def test_an_answer_in_time_is_no_timeout(timeout):
    run = simulate(flow({"id": "a", "timeout": timeout}), {"a": Takes("5m", {})})
    assert run.status == "complete"


def test_the_timeout_of_the_run_ends_a_step_that_never_answers():
    run = simulate(flow({"id": "a"}, timeout="1d"), {"a": TimesOut()})
    assert run.error["type"] == "Timeout"
    assert run.elapsed == timedelta(days=1)


def test_a_step_that_never_answers_and_has_no_timeout_is_named():
    with pytest.raises(Stuck, match="'a' is scripted to time out, and has no timeout") as stuck:
        simulate(flow({"id": "a"}), {"a": TimesOut()})
    assert stuck.value.steps == ("a",)


def test_a_loop_takes_the_answers_one_after_another():
    again = {"condition": {"<": [{"var": "n"}, 3]}, "action": {"set": "a", "value": "ready"}}
    loop = flow({"id": "a", "branch": [again, {"action": "complete"}]})
    run = simulate(loop, {"a": [{"n": 1}, {"n": 2}, {"n": 3}, {"n": 99}]})
    assert len(run.calls) == 3
    assert run.state == {"n": 3}


def test_a_simulation_that_goes_on_and_on_is_ended(monkeypatch):
    monkeypatch.setattr(simulate_run, "MOST", 50)
    again = {"condition": {"<": [{"var": "n"}, 3]}, "action": {"set": "a", "value": "ready"}}
    with pytest.raises(RequestError, match="50 decisions and did not end"):
        simulate(flow({"id": "a", "branch": [again, {"action": "complete"}]}), {"a": {"n": 1}})


def test_a_rate_is_kept_in_virtual_time():
    each = {"items": [1, 2, 3], "as": "n"}
    run = simulate(flow({"id": "a", "foreach": each, "limit": {"rate": "1/1h"}}), {"a": {}})
    assert run.status == "complete"
    assert run.elapsed == timedelta(hours=2)


def test_a_rollback_runs_the_scripted_undo():
    steps = ({"id": "a", "undo": {"fn": "un_a"}}, {"id": "b", "depends_on": ["a"]})
    run = simulate(flow(*steps, on_failure="rollback"), {"a": {}, "un_a": {}, "b": Fails("Bad")})
    assert run.steps == {"a": "undone", "b": "failed", "undo[0]": "complete"}


PARENT = """
name: parent
steps:
  - {id: ship, call: delivery, input: {n: 1}}
outputs: {t: {var: steps.ship.output.t}}
"""
DELIVERY = """
name: delivery
steps:
  - {id: label}
  - {id: deep, depends_on: [label], call: inner}
outputs: {t: {var: steps.label.output.t}}
workflows:
  inner: {steps: [{id: w, wait: {for: 3h}}, {id: last, depends_on: [w]}]}
"""


def test_what_is_called_runs_in_the_same_way_to_any_depth():
    run = simulate(PARENT, {"label": {"t": 7}, "ship/deep/last": {}}, children=[DELIVERY])
    assert run.outcome == {"t": 7}
    assert paths(run) == ["ship/label", "ship/deep/last"]
    assert run.steps["ship/deep/w"] == "complete"
    assert run.children["ship/deep"].status == "complete"
    assert run.elapsed == timedelta(hours=3)


def test_a_detached_child_is_not_waited_for():
    child = {"steps": [{"id": "w", "wait": {"signal": "never", "for": "1h"}}]}
    run = simulate(flow({"id": "a", "call": "c", "detach": True}, workflows={"c": child}))
    assert run.status == "complete"
    assert run.elapsed == timedelta(0)


def test_the_same_simulation_twice_is_the_same():
    jittered = flow({"id": "a", "retry": {"max_attempts": 5, "jitter": 1}})
    script = {"a": [Fails("Bad")] * 4 + [{}]}
    one, two = (simulate(jittered, script) for _ in range(2))
    assert (one.calls, one.history, one.elapsed) == (two.calls, two.history, two.elapsed)


def test_two_hundred_items_are_no_trouble():
    items = {"items": list(range(200)), "as": "n", "max": 10}
    run = simulate(
        flow({"id": "a", "foreach": items, "input": {"n": {"var": "n"}}}),
        {"a": lambda inputs: Takes("1m", {"twice": inputs["n"] * 2})},
    )
    assert [one["twice"] for one in run.record.steps["a"].output] == list(range(0, 400, 2))
    assert run.elapsed == timedelta(minutes=20)
