"""Each limit at its border: what is just within it is taken, one more is refused by name."""

import pytest

from runfox import Backend, Complete, Failed, Workflow
from runfox.errors import InputsInvalid, SpecError
from runfox.execution.returned import MAX_MESSAGE, MAX_OUTPUT
from runfox.graph.bodies import MAX_DEPTH, MAX_WIDTH
from runfox.spec import load
from runfox.spec.limits import MAX_BYTES
from runfox.spec.limits import MAX_DEPTH as MAX_LEVELS

ONE = {"name": "one", "steps": [{"id": "a"}]}


def ran(flow, output=None, inputs=None):
    return Workflow.from_dict(
        flow, Backend(executor=lambda fn, given: output or {}), inputs=inputs
    ).run()


def test_a_spec_of_5_mb_is_read_and_one_byte_more_is_not():
    text = "name: x\nsteps: [{id: a}]\n#"
    assert load(text + "x" * (MAX_BYTES - len(text))).name == "x"
    with pytest.raises(SpecError, match="too-large"):
        load(text + "x" * (MAX_BYTES - len(text) + 1))


def test_a_spec_is_as_deep_as_is_allowed():
    def nested(levels):
        # The file, its steps, the step and its input are the first four.
        return "name: x\nsteps: [{id: a, input: {k: " + "[" * levels + "]" * levels + "}}]"

    assert load(nested(MAX_LEVELS - 4))
    with pytest.raises(SpecError, match="too-deep"):
        load(nested(MAX_LEVELS - 3))


def test_inputs_have_256_kb():
    # Two for the braces, four for the key's quotes, colon and comma, two for the text's quotes.
    assert ran(ONE, inputs={"k": "x" * (256_000 - 9)}) == Complete({})
    with pytest.raises(InputsInvalid, match=r"max_inputs \(256000 bytes\)"):
        ran(ONE, inputs={"k": "x" * 256_000})


def test_an_output_has_1_mb():
    assert ran(ONE, {"k": "x" * (MAX_OUTPUT - 9)}) == Complete({})
    failed = ran(ONE, {"k": "x" * MAX_OUTPUT})
    assert isinstance(failed, Failed)
    assert failed.error["type"] == "TooLarge"
    assert "max_output (1000000 bytes)" in failed.error["message"]


def test_state_has_1_mb():
    two = {"name": "two", "steps": [{"id": "a"}, {"id": "b", "depends_on": ["a"]}]}

    def execute(fn, given):
        return {fn: "x" * 600_000}

    failed = Workflow.from_dict(two, Backend(executor=execute)).run()
    assert isinstance(failed, Failed)
    assert "max_state (1000000 bytes)" in failed.error["message"]


def test_a_loop_takes_as_many_turns_as_are_allowed():
    loop = {
        "id": "a",
        "max_iterations": 3,
        "branch": [
            {"condition": {"<": [{"var": "n"}, 9]}, "action": {"set": "a"}},
            {"action": "complete"},
        ],
    }
    seen = []

    def execute(fn, given):
        seen.append(fn)
        return {"n": 1}

    failed = Workflow.from_dict({"name": "loop", "steps": [loop]}, Backend(executor=execute)).run()
    assert failed.error["type"] == "MaxIterations"
    assert len(seen) == 4


def test_a_foreach_has_a_hundred_thousand_items():
    each = {
        "id": "e",
        "foreach": {"items": {"var": "input.list"}, "max": 1, "need": 1, "rest": "cancel"},
    }
    flow = {"name": "each", "steps": [each]}
    assert ran(flow, inputs={"list": [0] * 20_000}) == Complete({})
    backend = Backend(executor=lambda fn, given: {"list": [0] * (MAX_WIDTH + 1)})
    first = {"id": "a"}
    wide = each | {
        "depends_on": ["a"],
        "foreach": each["foreach"] | {"items": {"var": "steps.a.output.list"}},
    }
    failed = Workflow.from_dict({"name": "wide", "steps": [first, wide]}, backend).run()
    assert f"{MAX_WIDTH + 1:,} items; {MAX_WIDTH:,} are allowed" in failed.error["message"]


def test_executions_call_each_other_sixteen_deep():
    flow = {
        "name": "deep",
        "steps": [{"id": "a", "call": "self", "when": {"==": [{"var": "input"}, {}]}}],
    }
    failed = Workflow.from_dict(flow, Backend(executor=lambda fn, given: {})).run()
    assert f"{MAX_DEPTH} deep" in failed.error["message"]


def test_the_message_of_an_error_is_cut():
    def execute(fn, given):
        raise ValueError("x" * 1_000_000)

    failed = Workflow.from_dict(ONE, Backend(executor=execute)).run()
    assert len(failed.error["message"]) == MAX_MESSAGE
