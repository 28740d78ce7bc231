"""What a file says becomes the model: every modifier, every body, defaults, secrets, and workflows of the file."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from runfox import values
from runfox.spec import Cancel, Retry, Rollback, Spec, Step, build, from_data, load
from runfox.spec.model import (
    Call,
    Dependency,
    Do,
    Each,
    Fn,
    Join,
    Rate,
    Schedule,
    Timeout,
    Tolerance,
    Wait,
)
from tests.unit.spec.bad import one, top
from tests.unit.spec.whole_language import WHOLE

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def step(text: str) -> Step:
    return load(one(text)).steps[0]


def by_id(name: str) -> dict[str, Step]:
    return {step.id: step for step in load(WHOLE[name]).steps}


@pytest.fixture(scope="module")
def order() -> Spec:
    return load(WHOLE["a whole file"])


def test_the_keys_of_a_file_come_into_the_model(order: Spec) -> None:
    assert order.inputs is not None
    assert order.inputs.source["required"] == ["order_id"]
    assert (order.timeout, order.priority, order.on_failure) == (2 * DAY, 8, "rollback")
    assert order.limit is not None
    assert order.limit.key is not None
    assert order.limit.key({"input": {"customer": "c"}}) == "c"
    assert (order.limit.max, order.limit.rate, order.limit.full) == (1, None, "skip")
    assert order.last is not None
    assert [last.id for last in order.last.steps] == ["close"]
    assert order.last.index == {"close": 0}


def test_a_key_of_state_is_a_schema_a_default_and_a_merge(order: Spec) -> None:
    total, seen, best = order.state["total"], order.state["seen"], order.state["best"]
    assert total.schema is not None
    assert total.schema.source == {"type": "number"}
    assert (total.default, total.has_default, total.merge) == (0, True, "add")
    assert (seen.schema, seen.default, seen.has_default, seen.merge) == (None, [], True, "union")
    assert (best.has_default, best.merge) == (False, "max")
    assert (order.state["any"].schema, order.state["any"].merge) == (None, None)


def test_schedules_come_into_the_model(order: Spec) -> None:
    assert order.schedules == (
        Schedule(
            cron="0 6 * * MON-FRI",
            tz="Europe/London",
            overlap="queue",
            catchup="all",
            input={"full": True},
        ),
        Schedule(every=HOUR),
        Schedule(at=datetime(2026, 11, 20, 5, tzinfo=UTC)),
    )
    assert load(top("schedule: {every: 90}")).schedules == (Schedule(every=timedelta(seconds=90)),)
    assert load(top("labels: {}")).schedules == ()


def test_what_is_left_out_of_a_file_is_the_usual() -> None:
    spec = load(top("description: d"))
    assert (spec.inputs, spec.state, spec.timeout, spec.limit) == (None, {}, None, None)
    assert (spec.priority, spec.on_failure, spec.last) == (5, "fail", None)
    assert dict(spec.workflows) == {}


def test_gates_come_into_the_model() -> None:
    steps = by_id("gates")
    joins = {name: steps[name].join for name in "cdef"}
    assert joins == {
        "c": None,
        "d": Join(need=1, rest="ignore"),
        "e": Join(need=2, rest="ignore"),
        "f": Join(need=1, rest="cancel"),
    }
    assert steps["g"].depends_on == (Dependency(step="a", wanted="failed"),)
    assert steps["h"].depends_on == (
        Dependency(step="a", wanted="ended"),
        Dependency(step="b", wanted="skipped"),
        Dependency(step="c", wanted="complete"),
    )
    assert steps["b"].when is not None
    assert steps["b"].when({"input": {"kind": 1}}) is True


def test_what_holds_for_each_item_is_the_items_and_the_rest_is_the_steps() -> None:
    outer = by_id("foreach")["each"]
    assert isinstance(outer.body, Each)
    item = outer.body.item
    assert (item.id, item.body, item.priority, item.queue) == ("each", Fn(name="each"), 9, "gpu")
    assert item.timeout == Timeout(attempt=MINUTE, heartbeat=timedelta(seconds=10), queue=HOUR)
    assert outer.timeout == Timeout(total=DAY)
    assert item.limit is not None
    assert (item.limit.max, item.limit.rate) == (2, Rate(count=100, per=MINUTE))
    assert [retry.max_attempts for retry in item.retries] == [2, 5]
    assert item.retries[1].within == 10 * MINUTE
    assert item.output is not None
    assert item.cache is not None
    assert item.cache.lifetime == DAY
    assert item.undo is not None
    assert item.undo.fn == "forget"
    assert item.secrets == ((("token",), "api.token"),)
    mine = (outer.input, outer.secrets, outer.retries, outer.output, outer.limit, outer.priority)
    assert mine == (None, (), (), None, None, None)
    assert (outer.queue, outer.cache, outer.undo) == (None, None, None)


def test_what_a_foreach_goes_through_comes_into_the_model() -> None:
    steps = by_id("foreach")
    each = steps["each"].body
    assert isinstance(each, Each)
    assert each.items({"input": {"files": [1]}}) == [1]
    assert (each.name, each.max, each.need, each.rest) == ("file", 10, 3, "wait")
    assert each.tolerate == Tolerance(share=0.05)
    assert each.until is not None
    assert each.until({"results": [{"found": True}]}) is True
    assert each.more is not None
    assert each.more({"results": [{"next": 2}]}) == [2]
    listed = steps["over_a_list"].body
    assert isinstance(listed, Each)
    assert listed.items({"input": {"n": 2}}) == [1, 2]
    assert (listed.name, listed.max, listed.rest) == ("item", None, "cancel")
    assert listed.tolerate == Tolerance(count=1)
    assert isinstance(listed.item.body, Do)


def test_when_and_branches_of_a_foreach_are_the_steps() -> None:
    made = step(
        "foreach: {items: [1]}\nwhen: {var: input.x}\nlabel: l\nmax_iterations: 7\n"
        "branch: [{condition: {var: output}, action: complete}]"
    )
    assert isinstance(made.body, Each)
    item = made.body.item
    assert (made.label, made.max_iterations, len(made.branches)) == ("l", 7, 1)
    assert made.when is not None
    assert (item.label, item.when, item.branches) == (None, None, ())


def test_bodies_come_into_the_model() -> None:
    steps = by_id("blocks, calls and waits")
    block = steps["block"].body
    assert isinstance(block, Do)
    assert block.block.index == {"inner": 0, "then": 1}
    assert block.block.outputs is None
    inner = block.block.steps[0].body
    assert isinstance(inner, Do)
    assert inner.block.outputs is not None
    assert steps["child"].body == Call(workflow="billing@2")
    assert steps["apart"].body == Call(workflow="self", detach=True)
    assert [steps[name].fn for name in ("block", "child", "pause")] == [
        "do",
        "call billing@2",
        "wait",
    ]


def test_waits_come_into_the_model() -> None:
    steps = by_id("blocks, calls and waits")
    bodies = {
        name: steps[name].body for name in ("pause", "computed", "till", "seconds", "approval")
    }
    waits = {name: body for name, body in bodies.items() if isinstance(body, Wait)}
    assert waits.keys() == bodies.keys()
    assert [delay({}) for delay in waits["pause"].delays] == ["15m"]
    assert [delay({"input": {"patience": 5}}) for delay in waits["computed"].delays] == [5]
    assert [at({"input": {"deadline": "d"}}) for at in waits["till"].instants] == ["d"]
    assert [at({}) for at in waits["seconds"].instants] == [1795000000]
    (signal,) = waits["approval"].signals
    assert (signal.name, signal.buffer) == ("approved", False)
    assert signal.key is not None
    assert signal.key({"input": {"id": 7}}) == 7
    assert signal.data is not None
    assert len(waits["approval"].delays) == 1


def test_actions_on_other_steps_come_into_the_model() -> None:
    actions = [branch.action for branch in by_id("actions")["b"].branches]
    assert actions == [Cancel(targets=("c", "d")), Cancel(targets=("c",)), Rollback()]


RETRIES = {
    "retry: none": (),
    "retry: standard": (Retry(),),
    "retry: {}": (Retry(),),
    "retry: aggressive": (
        Retry(
            max_attempts=10,
            delay=timedelta(milliseconds=100),
            backoff=1.5,
            max_delay=timedelta(seconds=10),
        ),
    ),
    "max_attempts: 4": (Retry(max_attempts=4, delay=timedelta(0)),),
    "retry: [{max_attempts: 2}, {delay: 5}]": (
        Retry(max_attempts=2),
        Retry(delay=timedelta(seconds=5)),
    ),
}


@pytest.mark.parametrize("text", RETRIES)
def test_retries_are_policies(text: str) -> None:
    assert step(text).retries == RETRIES[text]


def test_a_timeout_of_one_duration_is_that_of_an_attempt() -> None:
    assert step("timeout: 1m").timeout == Timeout(attempt=MINUTE)
    assert step("timeout: {total: 1m, queue: 60}").timeout == Timeout(total=MINUTE, queue=MINUTE)


# Defaults ---------------------------------------------------------------------------------------------


def with_defaults(defaults: str, text: str) -> Step:
    return load(one(text) + f"defaults: {defaults}\n").steps[0]


def test_a_default_holds_where_a_step_says_nothing_and_only_there() -> None:
    usual = "{retry: standard, queue: q, priority: 2}"
    plain = with_defaults(usual, "fn: f")
    assert (plain.retries, plain.queue, plain.priority) == ((Retry(),), "q", 2)
    own = with_defaults(usual, "retry: none\nqueue: mine\npriority: 0")
    assert (own.retries, own.queue, own.priority) == ((), "mine", 0)
    assert with_defaults(usual, "max_attempts: 2").retries[0].max_attempts == 2
    assert with_defaults("{max_attempts: 2}", "retry: {}").retries == (Retry(),)


def test_default_timeouts_are_merged_key_by_key() -> None:
    usual = "{timeout: {attempt: 1m, total: 1h}}"
    assert with_defaults(usual, "fn: f").timeout == Timeout(attempt=MINUTE, total=HOUR)
    assert with_defaults(usual, "timeout: 5").timeout == Timeout(
        attempt=timedelta(seconds=5), total=HOUR
    )
    assert with_defaults("{timeout: 1m}", "timeout: {queue: 1h}").timeout == Timeout(
        attempt=MINUTE, queue=HOUR
    )


def test_what_is_usual_for_attempts_is_for_bodies_that_are_tried() -> None:
    usual = "{retry: standard, timeout: {attempt: 1m, total: 1h}, queue: q}"
    assert with_defaults(usual, "call: w").retries == (Retry(),)
    for body in ("do: [{id: b}]", "wait: {for: 1d}"):
        made = with_defaults(usual, body)
        assert (made.retries, made.timeout, made.queue) == ((), Timeout(total=HOUR), "q")


def test_defaults_reach_every_depth_each_item_and_finally() -> None:
    spec = load(
        one("do: [{id: b, do: [{id: c}]}, {id: d, foreach: {items: [1]}}]")
        + "finally: [{id: z}]\ndefaults: {retry: standard, timeout: {attempt: 1m, total: 1h}}\n"
    )
    block = spec.steps[0].body
    assert isinstance(block, Do)
    inner, each = (inside.body for inside in block.block.steps)
    assert isinstance(inner, Do)
    assert inner.block.steps[0].retries == (Retry(),)
    assert isinstance(each, Each)
    assert (each.item.retries, each.item.timeout) == ((Retry(),), Timeout(attempt=MINUTE))
    assert block.block.steps[1].timeout == Timeout(total=HOUR)
    assert spec.last is not None
    assert spec.last.steps[0].retries == (Retry(),)


def test_defaults_leave_what_the_author_wrote_as_it_is() -> None:
    spec = load(one("fn: f") + "defaults: {retry: standard, timeout: 1m}\n")
    assert spec.data["steps"] == [{"id": "a", "fn": "f"}]
    assert build(spec.data).steps == spec.steps


# Secrets ----------------------------------------------------------------------------------------------


def test_a_secret_is_a_place_and_a_name_and_null_until_a_worker_fills_it_in() -> None:
    made = step("input: {a: {secret: s.1}, b: [1, {c: {secret: _t}, d: {var: input.d}}]}")
    assert made.secrets == ((("a",), "s.1"), (("b", 1, "c"), "_t"))
    assert made.input is not None
    assert made.input({"input": {"d": 4}}) == {"a": None, "b": [1, {"c": None, "d": 4}]}


def test_what_only_looks_like_a_secret_is_data() -> None:
    made = step("input: {a: {literal: {secret: x}}, b: {secret: x, other: y}}")
    assert made.secrets == ()
    assert made.input is not None
    assert made.input({}) == {"a": {"secret": "x"}, "b": {"secret": "x", "other": "y"}}


def test_a_secret_leaves_the_data_of_the_workflow_alone() -> None:
    spec = load(one("input: {a: {secret: s}}"))
    assert spec.data["steps"][0]["input"] == {"a": {"secret": "s"}}


def test_very_many_secrets_in_one_input_are_taken_out_in_one_walk() -> None:
    given = {f"k{i}": {"secret": f"s{i}"} for i in range(20_000)}
    made = build({"name": "x", "steps": [{"id": "a", "input": given}]}).steps[0]
    assert len(made.secrets) == 20_000
    assert made.input is not None
    assert set(made.input({}).values()) == {None}


# Workflows of the file --------------------------------------------------------------------------------

CIRCLE = WHOLE["workflows that call each other in a circle"]


def test_workflows_that_call_each_other_are_built_once_and_hold_each_other() -> None:
    spec = load(CIRCLE)
    assert list(spec.workflows) == ["a", "b"]
    first, second = spec.workflows["a"], spec.workflows["b"]
    assert (first.name, second.name) == ("a", "b")
    assert first.workflows["b"] is second
    assert second.workflows["a"] is first
    assert "c" not in spec.workflows
    assert spec.workflows.get("c") is None


def test_a_workflow_of_a_file_can_be_built_again_from_its_own_data() -> None:
    for workflow in load(CIRCLE).workflows.values():
        again = build(workflow.data)
        assert again.workflow_id == workflow.workflow_id == values.digest(workflow.data)
        assert again.workflows["a"].workflow_id == workflow.workflows["a"].workflow_id


def test_a_workflow_that_calls_none_holds_none() -> None:
    spec = load(WHOLE["a whole file"])
    second = spec.workflows["second"]
    assert second.data == {
        "name": "second",
        "description": "Asks another",
        "steps": [{"id": "ask"}],
    }
    assert dict(second.workflows) == {}
    assert second.workflow_id == build(second.data).workflow_id
    assert list(spec.workflows["fraud_check"].workflows) == ["fraud_check", "second"]


def test_a_workflow_with_workflows_of_its_own_sees_those() -> None:
    spec = load(
        top(
            "workflows:\n  a: {workflows: {c: {steps: [{id: s}]}}, steps: [{id: s, call: c}]}\n"
            "  b: {steps: [{id: s}]}"
        )
    )
    assert list(spec.workflows["a"].workflows) == ["c"]


def test_defaults_of_a_file_are_not_those_of_its_workflows() -> None:
    spec = load(top("defaults: {retry: standard}\nworkflows: {w: {steps: [{id: s}]}}"))
    assert spec.steps[0].retries == (Retry(),)
    assert spec.workflows["w"].steps[0].retries == ()


def test_a_file_of_thousands_of_workflows_that_call_is_not_digested_thousands_of_times() -> None:
    workflows = {f"w{i}": {"steps": [{"id": "s", "call": "w0"}]} for i in range(20_000)}
    spec = build({"name": "x", "workflows": workflows, "steps": [{"id": "a", "call": "w1"}]})
    assert len(spec.workflows) == 20_000
    assert spec.workflows["w1"].workflows["w0"].name == "w0"


def test_blocks_as_deep_as_a_file_may_be_come_into_the_model() -> None:
    steps = [{"id": "leaf"}]
    for _ in range(48):
        steps = [{"id": "a", "do": steps}]
    spec = from_data({"name": "x", "steps": steps})
    made = spec.steps[0]
    while isinstance(made.body, Do):
        (made,) = made.body.block.steps
    assert made.id == "leaf"


def test_every_sound_workflow_builds_the_same_from_its_stored_data() -> None:
    for text in WHOLE.values():
        spec = load(text)
        assert [step.id for step in build(spec.data).steps] == [step.id for step in spec.steps]
        assert build(spec.data).workflow_id == spec.workflow_id


def test_a_file_without_schema_and_schedule_needs_neither_library() -> None:
    program = (
        "import sys; sys.modules.update(jsonschema=None, cronsim=None);"
        "from runfox.spec import build, from_data;"
        "from_data({'name': 'x', 'steps': [{'id': 'a', 'do': [{'id': 'b', 'timeout': '1m'}]}]});"
        "build({'name': 'x', 'inputs': {}, 'schedule': {'cron': '* * * * *'}, 'steps': [{'id': 'a'}]})"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
