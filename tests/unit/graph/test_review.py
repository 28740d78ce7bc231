"""What a review of the language against the engine found."""

import pytest

from runfox.graph import RerunAsked, RetryAsked, SignalSent, SkipAsked
from tests.unit.graph.runs import Run, equal

AGAIN = [
    {"condition": equal("output.done", True), "action": "complete"},
    {"action": {"set": "a"}},
]


def test_a_failure_that_a_loop_sent_back_does_not_fail_the_run_that_goes_on():
    run = Run({"id": "a"}, {"id": "b", "branch": AGAIN}, on_failure="continue")
    run.fails("a").ok("b").ok("a")
    assert run.record.status == "complete"


def test_a_failure_that_a_loop_sent_back_does_not_fail_the_block_that_goes_on():
    block = {"id": "block", "do": [{"id": "a"}, {"id": "b", "branch": AGAIN}]}
    run = Run(block, on_failure="continue")
    run.fails("block.a").ok("block.b").ok("block.a")
    assert run.record.status == "complete"


@pytest.mark.parametrize("verb", [RetryAsked(), RerunAsked("a")])
def test_a_failure_that_an_operator_mends_does_not_fail_the_run_that_goes_on(verb):
    run = Run({"id": "a"}, {"id": "b"}, on_failure="continue")
    run.fails("a").ask(verb).ok("a").ok("b")
    assert run.record.status == "complete"


def test_a_failed_step_that_an_operator_passes_by_does_not_fail_the_run_that_goes_on():
    run = Run({"id": "a"}, {"id": "b"}, on_failure="continue")
    run.fails("a").ask(SkipAsked("a")).ok("b")
    assert run.record.status == "complete"


@pytest.mark.parametrize("mode", ["fail", "continue"])
def test_a_rerun_of_one_step_leaves_the_failure_of_another(mode):
    run = Run({"id": "a"}, {"id": "c"}, on_failure=mode)
    run.ok("a").fails("c").ask(RerunAsked("a")).ok("a")
    assert run.record.status == "failed"
    assert run.record.error["step"] == "c"


def needs(key):
    return {"type": "object", "required": [key]}


def test_a_signal_opens_the_wait_that_its_data_fits():
    run = Run(
        {"id": "one", "wait": {"signal": "s", "data": needs("a")}},
        {"id": "two", "wait": {"signal": "s", "data": needs("b")}},
    )
    run.step(SignalSent("s", {"b": 1}))
    assert run.statuses == {"one": "waiting", "two": "complete"}
    assert run.step(SignalSent("s", {"a": 1})).record.status == "complete"


def test_a_kept_signal_waits_for_the_wait_that_its_data_fits():
    run = Run(
        {"id": "first"},
        {"id": "one", "depends_on": ["first"], "wait": {"signal": "s", "data": needs("a")}},
        {"id": "two", "depends_on": ["one"], "wait": {"signal": "s", "data": needs("b")}},
    )
    run.step(SignalSent("s", {"b": 1})).ok("first")
    assert run.statuses == {"first": "complete", "one": "waiting", "two": "ready"}
    run.step(SignalSent("s", {"a": 1}))
    assert run["two"].output["data"] == {"b": 1}
    assert run.record.status == "complete"


def test_of_kept_signals_the_first_that_fits_is_used():
    run = Run(
        {"id": "first"},
        {"id": "one", "depends_on": ["first"], "wait": {"signal": "s", "data": needs("a")}},
        {"id": "two", "depends_on": ["one"], "wait": {"signal": "s", "data": needs("b")}},
    )
    run.step(SignalSent("s", {"b": 1}), SignalSent("s", {"a": 2})).ok("first")
    assert run["one"].output["data"] == {"a": 2}
    assert run["two"].output["data"] == {"b": 1}


@pytest.mark.parametrize("mode", ["fail", "continue"])
def test_a_step_skipped_inside_a_failed_block_lets_those_behind_the_block_run(mode):
    block = {"id": "block", "do": [{"id": "a"}, {"id": "b"}]}
    run = Run(block, {"id": "z", "depends_on": ["block"]}, {"id": "y"}, on_failure=mode)
    run.ok("block.a").fails("block.b").ask(SkipAsked("block.b", {}))
    assert run["block"].status == "complete"
    run.ok("z").ok("y")
    assert run.record.status == "complete"


def test_a_step_inside_a_block_is_retried_by_its_path():
    run = Run(
        {"id": "block", "do": [{"id": "a"}, {"id": "b"}]}, {"id": "z", "depends_on": ["block"]}
    )
    run.ok("block.a").fails("block.b").ask(RetryAsked(("block.b",)))
    assert run.jobs == [("block.b", 1)]
    assert run.ok("block.b").ok("z").record.status == "complete"


def test_a_retry_leaves_failures_alone_that_were_dealt_with():
    run = Run(
        {"id": "a"},
        {"id": "h", "depends_on": [{"a": "failed"}]},
        {"id": "c", "depends_on": ["h"]},
    )
    run.fails("a").ok("h").fails("c").ask(RetryAsked())
    assert run.record.steps["a"].status == "failed"
    assert run.record.steps["c"].status == "in_progress"
