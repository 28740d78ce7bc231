"""Signals reach the wait that they are for, at the moment that a test says."""

from datetime import timedelta

import pytest

from runfox.errors import RequestError, SignalRefused
from runfox.testing.simulate import simulate
from runfox.testing.simulate_run import Stuck

WAIT = {"id": "w", "wait": {"signal": "go"}}


def flow(*steps, **more):
    return {"name": "f", "steps": list(steps), **more}


def data_of(run, step="w"):
    return run.record.steps[step].output["data"]


def test_a_signal_comes_when_a_step_waits_for_it_even_if_early_ones_are_not_kept():
    late = {
        "id": "w",
        "depends_on": ["t"],
        "wait": {"signal": "go", "buffer": False, "for": "1d"},
    }
    run = simulate(flow({"id": "t", "wait": {"for": "1h"}}, late), signals={"go": {"by": "me"}})
    assert data_of(run) == {"by": "me"}
    assert run.elapsed == timedelta(hours=1)
    assert run.unsent == ()


def test_a_signal_that_nobody_sends_is_named_with_its_step():
    with pytest.raises(Stuck, match="Step 'w' waits for signal 'go', which nobody sends") as stuck:
        simulate(flow(WAIT))
    assert stuck.value.steps == ("w",)


def test_a_wait_inside_a_called_workflow_is_named_by_its_whole_path():
    with pytest.raises(Stuck, match=r"'c/w' waits for signal 'go' \(key '7'\)"):
        simulate(
            flow(
                {"id": "c", "call": "inner"},
                workflows={"inner": {"steps": [{"id": "w", "wait": {"signal": "go", "key": "7"}}]}},
            )
        )


def test_a_signal_reaches_a_called_workflow():
    inner = {"steps": [WAIT], "outputs": {"d": {"var": "steps.w.output.data"}}}
    parent = flow({"id": "c", "call": "inner"}, workflows={"inner": inner})
    assert simulate(parent, signals={"go": 5}).record.steps["c"].output == {"d": 5}


def test_a_wait_whose_signal_does_not_come_times_out():
    step = {"id": "w", "wait": {"signal": "go", "for": "2d"}}
    run = simulate(flow(step))
    assert run.record.steps["w"].output["timed_out"] is True
    assert run.elapsed == timedelta(days=2)


def test_a_signal_comes_at_its_time():
    run = simulate(flow(WAIT), signals=[{"signal": "go", "data": 1, "at": "10m"}])
    assert (data_of(run), run.elapsed) == (1, timedelta(minutes=10))


def test_a_signal_comes_after_a_step():
    steps = ({"id": "a", "wait": {"for": "1h"}}, {"id": "b", "wait": {"for": "2h"}}, WAIT)
    run = simulate(flow(*steps), signals=[{"signal": "go", "after": "a"}])
    assert run.record.steps["w"].ended_at == run.record.steps["a"].ended_at


def test_signals_go_to_the_wait_of_their_key():
    each = {"items": ["x", "y"], "as": "k"}
    step = {"id": "w", "foreach": each, "wait": {"signal": "go", "key": {"var": "k"}}}
    signals = [{"signal": "go", "key": key, "data": key * 2} for key in ("y", "x")]
    run = simulate(flow(step), signals=signals)
    assert [one["data"] for one in run.record.steps["w"].output] == ["xx", "yy"]


def test_what_was_never_sent_can_be_asked_for():
    steps = ({**WAIT, "when": {"var": "input.x"}}, {"id": "a"})
    run = simulate(flow(*steps), {"a": {}}, {"x": False}, signals={"go": 1})
    assert run.unsent == ("go",)


def test_a_signal_that_the_run_does_not_take_is_refused_as_ever():
    checked = {"id": "w", "wait": {"signal": "go", "data": {"type": "integer"}}}
    with pytest.raises(SignalRefused, match="does not fit"):
        simulate(flow(checked), signals={"go": "x"})
    with pytest.raises(SignalRefused, match="never waits"):
        simulate(flow({"id": "t", "wait": {"for": "1h"}}), signals=[{"signal": "no", "at": "1m"}])


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"signal": "go", "att": "1m"}, "Did you mean 'at'"),
        ({"data": 1}, "name as 'signal'"),
        ({"signal": "go", "at": "soon"}, "no duration"),
        ({"signal": "go", "at": "1m", "after": "w"}, "not both"),
    ],
)
def test_a_plan_of_a_signal_that_cannot_be_read_is_refused(entry, told):
    with pytest.raises(RequestError, match=told):
        simulate(flow(WAIT), signals=[entry])
