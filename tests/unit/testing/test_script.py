"""What a step answers is found by its name, in the form that a test writes most easily."""

import asyncio

import pytest

from runfox.errors import RequestError
from runfox.testing.script import Fails, Takes, TimesOut, Unscripted
from runfox.testing.script_names import aliases
from runfox.testing.simulate import simulate

ITEMS = {"name": "f", "steps": [{"id": "a", "fn": "work", "foreach": {"items": [1, 2, 3]}}]}
ONE = {"name": "f", "steps": [{"id": "a", "fn": "work"}]}
TRIED = {"name": "f", "steps": [{"id": "a", "retry": {"max_attempts": 3, "delay": 0}}]}


def test_the_names_of_a_run_go_from_exact_to_common():
    assert list(aliases("ship/pack[3].weigh", "scale")) == [
        "ship/pack[3].weigh",
        "ship/pack.weigh",
        "pack[3].weigh",
        "pack.weigh",
        "weigh",
        "scale",
    ]


@pytest.mark.parametrize(
    ("script", "outputs"),
    [
        ({"work": {"n": 1}}, [1, 1, 1]),
        ({"work": {"n": 1}, "a": {"n": 2}}, [2, 2, 2]),
        ({"a": {"n": 2}, "a[1]": {"n": 3}}, [2, 3, 2]),
    ],
)
def test_the_more_exact_name_counts(script, outputs):
    run = simulate(ITEMS, script)
    assert [one["n"] for one in run.record.steps["a"].output] == outputs


def test_a_list_is_one_answer_for_each_run_and_the_last_repeats():
    run = simulate(TRIED, {"a": [Fails("One"), Fails("Two", "again")]})
    assert run.error == {"type": "Two", "message": "again", "step": "a"}
    assert [call.attempt for call in run.calls] == [1, 2, 3]


def test_each_item_goes_through_a_list_on_its_own():
    run = simulate(ITEMS, {"a": [{"n": 1}, {"n": 2}]})
    assert [one["n"] for one in run.record.steps["a"].output] == [1, 1, 1]


async def later(inputs):
    await asyncio.sleep(0)
    return {"n": 4}


def broken(inputs):
    raise LookupError("not here")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Fails("Declined"), "Declined"),
        (ConnectionError("gone"), "ConnectionError"),
        (broken, "LookupError"),
        (lambda inputs: Fails("Late"), "Late"),
        (lambda inputs: None, "OutputInvalid"),
        ({"n": {1}}, "OutputInvalid"),
        ({"n": 1, "ok": False}, None),
        (later, None),
        (Takes(5, later), None),
    ],
)
def test_an_answer_fails_a_step_as_an_executor_would(answer, kind):
    run = simulate(ONE, {"a": answer})
    assert (run.error or {}).get("type") == kind


def test_a_step_that_nobody_scripted_is_named_with_the_way_out():
    with pytest.raises(Unscripted, match=r"no answer for step 'a' .fn 'work'.*default") as refused:
        simulate(ONE)
    assert (refused.value.step, refused.value.fn) == ("a", "work")
    assert simulate(ONE, default={"n": 1}).state == {"n": 1}


@pytest.mark.parametrize("name", ["b", "a.b", "a/b", "wrok"])
def test_a_name_that_no_step_has_is_refused(name):
    with pytest.raises(RequestError, match=f"no step or fn is called '{name}'"):
        simulate(ONE, {name: {}})


@pytest.mark.parametrize(
    "body",
    [
        {"wait": {"for": "1h"}},
        {"do": [{"id": "x"}]},
        {"call": "c"},
        {"call": "c", "foreach": {"items": [1]}},
    ],
)
def test_an_answer_for_a_step_that_is_not_executed_is_refused(body):
    inner = {"c": {"steps": [{"id": "x"}]}}
    spec = {"name": "f", "steps": [{"id": "a", **body}], "workflows": inner}
    with pytest.raises(RequestError, match="step 'a' is not executed"):
        simulate(spec, {"a": {}, "x": {}})
    assert simulate(spec, {"x": {}}).status == "complete"


def test_a_name_that_is_nearly_right_is_answered_with_the_right_one():
    with pytest.raises(RequestError, match="Did you mean 'work'"):
        simulate(ONE, {"wrok": {}})


def test_what_is_no_answer_is_refused():
    with pytest.raises(RequestError, match="empty"):
        simulate(ONE, {"a": []})
    with pytest.raises(RequestError, match="no duration"):
        simulate(ONE, {"a": Takes("soon", {})})


def test_an_answer_that_never_comes_can_be_one_of_a_list():
    spec = {"name": "f", "steps": [{**TRIED["steps"][0], "timeout": "1m"}]}
    run = simulate(spec, {"a": [TimesOut(), {"n": 1}]})
    assert run.state == {"n": 1}
    assert run.elapsed.total_seconds() == 60
