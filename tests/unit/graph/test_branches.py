"""Branch actions: halt, complete, fail and finish, and what a branch sees."""

import pytest

from runfox.results import Complete, Failed, Halt
from tests.unit.graph.runs import Run, equal, error, success, var


def judged(*branches, output=None, **keys) -> Run:
    """A step with branches, one beside it and one behind it, after the first has succeeded."""
    run = Run(
        {"id": "a", "branch": list(branches)},
        {"id": "beside"},
        {"id": "behind", "depends_on": ["a"]},
        **keys,
    )
    return run.ok("a", output or {})


def test_the_first_branch_that_holds_is_taken():
    run = judged(
        {"condition": equal("x", 2), "action": "halt", "result": {"n": 1}},
        {"condition": equal("x", 1), "action": "halt", "result": {"n": 2}},
        {"action": "halt", "result": {"n": 3}},
        output={"x": 1},
    )
    assert run.record.outcome == {"n": 2}


def test_branches_behind_the_one_that_holds_are_not_evaluated():
    run = judged(
        {"condition": equal("x", 1), "action": "complete"},
        {"condition": {">": [var("none"), 1]}, "action": "halt"},
        output={"x": 1},
    )
    assert run["a"].status == "complete"


def test_a_branch_without_a_condition_always_holds():
    assert judged({"action": "halt"}).record.status == "halted"


def test_without_a_branch_that_holds_a_success_completes_the_step():
    run = judged({"condition": equal("x", 2), "action": "halt"}, output={"x": 1})
    assert run["a"].status == "complete" and ("behind", 0) in run.jobs


def test_branches_see_state_after_the_steps_own_merge():
    run = judged(
        {"condition": equal("state.x", 1), "action": "halt", "result": {"state": var("state")}},
        output={"x": 1},
    )
    assert run.record.outcome == {"state": {"x": 1}}


def test_branches_see_the_output_whole_and_by_bare_names():
    run = judged(
        {"condition": True, "action": "halt", "result": {"a": var("output.x.y"), "b": var("x.y")}},
        output={"x": {"y": 1}},
    )
    assert run.record.outcome == {"a": 1, "b": 1}


def test_branches_see_input_steps_workflow_and_attempt():
    seen = {
        "input": var("input.who"),
        "own": var("steps.a.output.x"),
        "beside": var("steps.beside.status"),
        "workflow": var("workflow.status"),
        "attempt": var("attempt"),
    }
    run = judged({"action": "halt", "result": seen}, output={"x": 1}, inputs={"who": "me"})
    assert run.record.outcome == {
        "input": "me",
        "own": 1,
        "beside": "in_progress",
        "workflow": "in_progress",
        "attempt": 1,
    }


@pytest.mark.parametrize(
    "name", ["input", "state", "steps", "workflow", "output", "attempt", "error"]
)
def test_reserved_names_win_over_keys_of_the_output(name):
    run = judged({"condition": equal(name, "mine"), "action": "halt"}, output={name: "mine"})
    assert run["a"].status == "complete"


def test_a_key_of_the_output_is_not_taken_for_an_error():
    run = judged(
        {"condition": equal("error.type", "E"), "action": "halt"}, output={"error": error("E")}
    )
    assert run["a"].status == "complete"


def test_ok_equal_to_false_does_not_hold_where_there_is_no_ok():
    run = judged({"condition": {"==": [var("ok"), False]}, "action": "halt"}, output={"x": 1})
    assert run["a"].status == "complete"


def test_ok_is_the_outputs_own_key():
    run = judged({"condition": equal("ok", "fine"), "action": "halt"}, output={"ok": "fine"})
    assert run.record.status == "halted"


def test_halt_ends_the_run_and_its_result_is_the_outcome():
    run = judged(
        {"action": "halt", "result": {"x": var("x"), "deep": [{"y": var("state.x")}]}},
        output={"x": 1},
    )
    assert run.record.status == "halted"
    assert run.told.decision == Halt({"x": 1, "deep": [{"y": 1}]})
    assert run["a"].status == "halted"


def test_halt_without_a_result_gives_an_empty_mapping():
    assert judged({"action": "halt"}).told.decision == Halt({})


def test_halt_withdraws_what_is_in_flight_and_leaves_ready_what_never_began():
    run = judged({"action": "halt"})
    assert run.statuses == {"a": "halted", "beside": "cancelled", "behind": "ready"}


def test_halt_keeps_the_merge_of_its_step():
    assert judged({"action": "halt"}, output={"x": 1}).state == {"x": 1}


def test_halt_of_the_last_step_ends_the_run_once():
    run = Run(
        {"id": "a", "branch": [{"action": "halt"}]}, outputs={"x": {"+": [var("state.none"), 1]}}
    )
    run.ok("a")
    assert run.kinds() == ["StepSucceeded", "StepHalted", "WorkflowEnded"]


def test_halt_after_a_failure_keeps_the_error_of_the_step():
    run = Run({"id": "a", "branch": [{"action": "halt"}]}).fails("a")
    assert run["a"].status == "halted" and run["a"].error == error()


def test_a_halt_result_that_cannot_be_resolved_fails_the_step():
    run = judged({"action": "halt", "result": {"x": {"+": [var("none"), 1]}}})
    assert run["a"].error["type"] == "ExpressionError" and run.record.status == "failed"


def test_a_halt_result_that_is_too_large_fails_the_step():
    run = judged({"action": "halt", "result": [var("x"), var("x")]}, output={"x": "y" * 600_000})
    assert run["a"].error["type"] == "TooLarge"


def test_a_halt_result_is_a_copy_of_what_it_was_made_of():
    run = judged({"action": "halt", "result": {"s": var("state")}}, output={"x": [1]})
    run.told.decision.result["s"]["x"].append(2)
    assert run.state == {"x": [1]} and run.record.outcome == {"s": {"x": [1]}}


def test_complete_completes_the_step():
    run = judged({"action": "complete"})
    assert run["a"].status == "complete" and ("behind", 0) in run.jobs


def test_fail_fails_the_step_with_the_type_and_message_of_its_result():
    run = judged(
        {"action": "fail", "result": {"type": "Bad", "message": {"cat": ["x is ", var("x")]}}},
        output={"x": 1},
    )
    assert run["a"].status == "failed"
    assert run.told.decision == Failed({"type": "Bad", "message": "x is 1", "step": "a"})


def test_fail_without_a_result_has_the_type_BranchFailed():
    run = judged({"action": "fail"})
    assert run["a"].error["type"] == "BranchFailed" and "'a'" in run["a"].error["message"]


def test_what_the_result_of_fail_leaves_open_is_as_without_it():
    assert judged({"action": "fail", "result": {"message": "no"}})["a"].error == error(
        "BranchFailed", "no"
    )
    assert (
        judged({"action": "fail", "result": {"type": var("none")}})["a"].error["type"]
        == "BranchFailed"
    )


def test_fail_after_a_failure_without_a_result_is_a_BranchFailed_with_the_causes_message():
    run = Run({"id": "a", "branch": [{"action": "fail"}]}).fails("a")
    assert run["a"].error == error("BranchFailed")


def test_fail_after_a_failure_can_change_its_type_and_keep_its_message():
    branch = [{"action": "fail", "result": {"type": "Worse"}}]
    assert Run({"id": "a", "branch": branch}).fails("a")["a"].error == error("Worse")


def test_the_result_of_fail_has_the_limit_of_a_payload():
    run = judged(
        {"action": "fail", "result": {"type": var("x"), "message": var("x")}},
        output={"x": "y" * 600_000},
    )
    assert run["a"].error["type"] == "TooLarge"


def test_fail_keeps_the_merge_and_skips_the_dependents():
    run = judged({"action": "fail"}, output={"x": 1})
    assert run.state == {"x": 1}
    assert run.statuses == {"a": "failed", "beside": "cancelled", "behind": "skipped"}


def test_fail_is_not_tried_again():
    run = Run({"id": "a", "max_attempts": 3, "branch": [{"action": "fail"}]}).ok("a")
    assert run["a"].status == "failed" and len(run.dispatches("a")) == 1


def test_finish_ends_the_run_as_complete_now():
    run = judged({"action": "finish"}, output={"x": 1}, outputs={"x": var("state.x")})
    assert run.told.decision == Complete({"x": 1})
    assert run.statuses == {"a": "complete", "beside": "cancelled", "behind": "ready"}


def test_finish_after_a_failure_completes_step_and_run():
    run = Run({"id": "a", "branch": [{"action": "finish"}]}, {"id": "b"}).fails("a")
    assert run.statuses == {"a": "complete", "b": "cancelled"}
    assert run.record.status == "complete" and run.state == {}


def test_results_after_the_end_in_the_same_commit_change_nothing():
    run = Run({"id": "a", "branch": [{"action": "halt"}]}, {"id": "b"})
    run.step(success("b", {"x": 1}), success("a"))
    assert run.state == {} and run["b"].status == "cancelled"
    assert run.ignored == {"b#0": "the workflow is halted"}


def test_an_ending_comes_before_the_results_behind_it():
    run = Run({"id": "b"}, {"id": "a", "branch": [{"action": "halt"}]})
    run.step(success("a"), success("b", {"x": 1}))
    assert run.state == {"x": 1} and run["b"].status == "complete"


def test_a_branch_sees_what_other_results_of_the_same_commit_have_merged_before_it():
    seen = {"action": "halt", "result": {"state": var("state")}}
    waits = {"condition": equal("state.never", 1), "action": "fail"}
    run = Run({"id": "a", "branch": [waits]}, {"id": "b", "branch": [seen]})
    run.step(success("a", {"x": 1}), success("b", {"y": 2}))
    assert run.record.outcome == {"state": {"x": 1, "y": 2}}
