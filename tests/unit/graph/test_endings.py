"""Endings: when a run is over, how, and that nothing changes it after that."""

import pytest

from runfox import graph
from runfox.results import Complete, Failed, Pending
from tests.unit.graph.runs import Run, error, failure, success, var


def test_a_run_is_complete_when_nothing_is_ready_waiting_or_in_flight():
    run = Run({"id": "a"}, {"id": "b"}).ok("a")
    assert run.record.status == "in_progress"
    assert run.ok("b").told.decision == Complete({})


def test_the_end_is_decided_with_the_last_result_and_not_with_the_next_advance():
    run = Run({"id": "a"}).result(success("a"))
    assert run.record.status == "complete"


def test_outputs_are_resolved_at_the_end():
    run = Run(
        {"id": "a"},
        inputs={"who": "me"},
        outputs={
            "x": var("state.x"),
            "deep": [{"y": var("steps.a.output.y")}],
            "who": var("input.who"),
        },
    )
    assert run.ok("a", {"x": 1, "y": 2}).told.decision == Complete(
        {"x": 1, "deep": [{"y": 2}], "who": "me"}
    )


def test_without_outputs_the_outcome_is_an_empty_mapping():
    assert Run({"id": "a"}).ok("a", {"x": 1}).told.decision == Complete({})


def test_outputs_that_cannot_be_resolved_fail_the_run_and_no_step():
    run = Run({"id": "a"}, outputs={"x": {"+": [var("state.none"), 1]}}).ok("a")
    assert run.statuses == {"a": "complete"}
    assert isinstance(run.told.decision, Failed)
    assert run.record.error["type"] == "ExpressionError"
    assert run.record.error["message"].startswith("outputs")
    assert "step" not in run.record.error


def test_outputs_that_are_too_large_fail_the_run():
    run = Run({"id": "a"}, outputs={"x": [var("state.x"), var("state.x")]}).ok(
        "a", {"x": "y" * 600_000}
    )
    assert run.record.error["type"] == "TooLarge"


def test_an_outcome_is_the_callers_to_keep():
    run = Run({"id": "a"}, outputs={"x": var("state.x")}).ok("a", {"x": [1]})
    run.told.decision.outcome["x"].append(2)
    assert run.advance().told.decision == Complete({"x": [1]})
    assert run.state == {"x": [1]}


def test_a_failed_run_names_type_message_and_step():
    assert Run({"id": "a"}).fails("a").told.decision == Failed({**error(), "step": "a"})


def test_the_first_failure_ends_the_run_and_the_others_are_withdrawn():
    run = Run({"id": "a"}, {"id": "b"}).step(failure("b", "Second"), failure("a", "First"))
    assert run.record.error["step"] == "a"
    assert run.statuses == {"a": "failed", "b": "cancelled"}


def over(how: str) -> Run:
    steps = {
        "complete": {"id": "a"},
        "halted": {"id": "a", "branch": [{"action": "halt", "result": {"x": 1}}]},
        "failed": {"id": "a", "branch": [{"action": "fail"}]},
        "finished": {"id": "a", "branch": [{"action": "finish"}]},
    }
    beside = [] if how == "complete" else [{"id": "b"}, {"id": "c", "depends_on": ["a"]}]
    return Run(steps[how], *beside).ok("a")


ENDS = ["complete", "halted", "failed", "finished"]


@pytest.mark.parametrize("how", ENDS)
def test_advancing_a_run_that_is_over_changes_nothing_and_tells_how_it_ended(how):
    run = over(how)
    decision, record = run.told.decision, run.record
    run.advance(after=1000)
    assert run.told.decision == decision and run.record is record and run.told.facts == ()


@pytest.mark.parametrize("how", ENDS)
def test_late_results_never_change_a_run_that_is_over(how):
    run = over(how)
    outcome, error_before, statuses = run.record.outcome, run.record.error, run.statuses
    run.play(
        [
            success("a", {"z": 1}, 0),
            failure("a", run=0),
            success("b", {"z": 1}),
            success("c", {"z": 1}),
        ]
    )
    assert (run.record.outcome, run.record.error, run.statuses) == (outcome, error_before, statuses)
    assert run.state == {}


def test_a_late_result_is_kept_with_the_status_that_the_run_ended_in():
    run = over("halted").ok("b", {"z": 1}, run=0)
    assert run.ignored == {"b#0": "the workflow is halted"}


def test_a_retry_that_is_due_after_the_end_is_not_dispatched():
    run = (
        Run({"id": "a"}, {"id": "b", "retry": {"delay": 5}}).fails("b").fails("a").advance(after=5)
    )
    assert run["b"].status == "cancelled" and run.told.facts == ()
    assert run.record.wake_at is None


def test_a_run_ends_even_if_its_first_input_cannot_be_resolved():
    run = Run({"id": "a", "input": {"x": {"+": [var("input.x"), 1]}}}, {"id": "b"})
    assert run.record.status == "failed" and run["b"].status == "ready"
    assert run.record.ended_at is not None


def test_the_decision_is_pending_while_something_is_under_way():
    assert Run({"id": "a"}).advance().told.decision == Pending()
    assert Run({"id": "a", "retry": {}}).fails("a").told.decision == Pending()


def test_ended_gives_each_caller_its_own_copy():
    run = Run({"id": "a", "branch": [{"action": "halt", "result": {"x": [1]}}]}).ok("a")
    graph.ended(run.record).result["x"].append(2)
    assert graph.ended(run.record).result == {"x": [1]}
