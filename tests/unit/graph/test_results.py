"""Results: which are accepted, what is kept of the others, and what an accepted one makes true."""

from runfox import graph
from runfox.graph import StepResult
from runfox.results import Halt, Pending
from tests.unit.graph.runs import NOW, Run, equal, error, failure, success, var

SLOWLY = {"max_attempts": 5, "delay": 10, "backoff": 1}


def retried(**keys) -> Run:
    """A step whose first run has failed, and whose second is due in 10 s."""
    return Run({"id": "a", "retry": SLOWLY, **keys}, {"id": "b", "depends_on": ["a"]}).fails("a")


def looping() -> Run:
    """Two steps, the second of which starts both again until its output has ``done``."""
    leave = {"condition": equal("output.done", True), "action": "complete"}
    return Run(
        {"id": "a"},
        {"id": "b", "depends_on": ["a"], "branch": [leave, {"action": {"set": "a"}}]},
    )


def test_a_success_completes_the_step_and_is_merged_into_state():
    run = Run({"id": "a"}).ok("a", {"x": 1})
    assert run["a"].status == "complete"
    assert run["a"].output == {"x": 1}
    assert run.state == {"x": 1}


def test_a_result_without_a_run_id_answers_the_run_in_flight():
    run = looping().ok("a").ok("b").ok("a", {"x": 2})
    assert run["a"].output == {"x": 2} and run["a"].run_id == 1


def test_of_two_successes_of_one_run_the_first_wins():
    run = Run({"id": "a"}, {"id": "b"})
    run.step(success("a", {"x": 1}), success("a", {"x": 2}))
    assert run.state == {"x": 1}
    assert run.ignored == {"a#0": "the step is complete"}


def test_an_exact_repeat_of_a_success_leaves_no_trace():
    run = Run({"id": "a"}, {"id": "b"}).ok("a", {"x": 1})
    again = run.record
    run.ok("a", {"x": 1}, run=0)
    assert run.told.facts == () and run.record is again


def test_an_exact_repeat_of_the_last_success_leaves_no_trace_after_the_end_either():
    run = Run({"id": "a"}).ok("a", {"x": 1}).ok("a", {"x": 1}, run=0)
    assert run.told.facts == () and run.record.status == "complete"


def test_an_exact_repeat_of_a_failure_leaves_no_trace_while_the_step_waits():
    run = retried().fails("a", run=0)
    assert run.told.facts == ()


def test_an_exact_repeat_of_a_failure_leaves_no_trace_once_the_next_attempt_runs():
    run = Run({"id": "a", "max_attempts": 3}).fails("a").fails("a", run=0)
    assert run["a"].run_id == 1
    assert run.told.facts == ()


def test_an_exact_repeat_of_ok_false_leaves_no_trace():
    run = Run({"id": "a", "retry": SLOWLY}).ok("a", {"ok": False}).ok("a", {"ok": False}, run=0)
    assert run.told.facts == ()


def test_an_exact_repeat_of_a_failure_that_a_branch_handled_leaves_no_trace():
    run = Run({"id": "a", "branch": [{"action": "complete"}]}, {"id": "b"}).fails("a")
    run.fails("a", run=0)
    assert run.told.facts == ()


def test_a_repeat_with_another_output_is_kept_in_the_history_with_the_reason():
    run = Run({"id": "a"}, {"id": "b"}).ok("a", {"x": 1}).ok("a", {"x": 2}, run=0)
    assert run.kinds() == ["ResultIgnored"]
    assert run.ignored == {"a#0": "the step is complete"}
    assert run.state == {"x": 1}


def test_a_result_that_is_ignored_again_and_again_leaves_one_trace():
    run = Run({"id": "a"}, {"id": "b"}).ok("a", {"x": 1})
    run.play([success("a", {"x": 2}, 0), success("a", {"x": 3}, 0), failure("a", run=0)])
    assert len(run.notes()) == 1


def test_a_result_of_an_unknown_step_is_kept_with_the_reason_and_changes_nothing_else():
    run = Run({"id": "a"}).ok("nobody", {"x": 1})
    assert run.ignored == {"nobody#-1": "unknown step"}
    assert run.statuses == {"a": "in_progress"} and run.state == {}


def test_a_result_of_a_step_that_was_not_dispatched_is_ignored():
    run = Run({"id": "a"}, {"id": "b", "depends_on": ["a"]}).ok("b", {"x": 1})
    assert run.ignored == {"b#-1": "no such run was dispatched"}
    assert run.statuses["b"] == "ready"


def test_a_result_of_a_run_that_is_yet_to_come_is_ignored():
    run = Run({"id": "a"}).ok("a", {"x": 1}, run=1)
    assert run.ignored == {"a#1": "no such run was dispatched"}
    assert run["a"].status == "in_progress"


def test_a_negative_run_id_is_ignored():
    run = Run({"id": "a"}).ok("a", {"x": 1}, run=-1)
    assert run["a"].status == "in_progress" and run.state == {}


def test_a_success_of_an_earlier_turn_is_ignored():
    run = looping().ok("a").ok("b").ok("a", {"late": True}, run=0)
    assert run.ignored == {"a#0": "it answers an earlier turn"}
    assert run["a"].status == "in_progress" and run.state == {}


def test_a_success_of_an_earlier_attempt_of_the_turn_is_accepted_while_the_next_one_waits():
    run = retried().ok("a", {"x": 1}, run=0)
    assert run["a"].status == "complete" and run.state == {"x": 1}
    assert run.jobs == [("b", 0)]


def test_a_success_of_an_earlier_attempt_of_the_turn_is_accepted_while_the_next_one_runs():
    run = retried().advance(after=10).ok("a", {"x": 1}, run=0)
    assert run["a"].status == "complete" and run.state == {"x": 1}
    assert run.told.closed == (("a", 1),)


def test_the_run_that_a_late_success_overtook_is_ignored_even_with_the_same_output():
    run = retried().advance(after=10).ok("a", {"x": 1}, run=0).ok("a", {"x": 1}, run=1)
    assert run.ignored == {"a#1": "the step is complete"}


def test_a_late_success_that_is_delivered_again_leaves_no_trace():
    run = retried().advance(after=10).ok("a", {"x": 1}, run=0).ok("a", {"x": 1}, run=0)
    assert run.told.facts == ()


def test_no_run_id_is_used_again_after_a_late_success():
    run = Run(
        {"id": "a", "max_attempts": 5},
        {
            "id": "b",
            "depends_on": ["a"],
            "branch": [
                {"condition": equal("output.done", True), "action": "complete"},
                {"action": {"set": "a"}},
            ],
        },
    )
    run.fails("a").ok("a", run=0).ok("b")
    assert run.jobs == [("a", 2)]
    run.ok("a", {"x": "from the turn before"}, run=1)
    assert run["a"].status == "in_progress" and run.state == {}


def test_a_failure_of_an_earlier_attempt_is_ignored_while_the_next_one_runs():
    run = retried().advance(after=10).fails("a", "Late", run=0)
    assert run.ignored == {"a#0": "it is a failure of an attempt that is over"}
    assert run["a"].status == "in_progress" and run["a"].attempt == 2


def test_a_failure_of_an_earlier_attempt_is_ignored_while_the_next_one_waits():
    run = retried().fails("a", "Late", run=0)
    assert run.kinds() == ["ResultIgnored"]
    assert run["a"].error == error()


def test_ok_false_of_an_earlier_attempt_is_ignored_while_the_next_one_waits():
    run = retried().ok("a", {"ok": False}, run=0)
    assert run.kinds() == ["ResultIgnored"]
    assert run.advance(after=10).jobs == [("a", 1)]


def test_ok_false_of_an_earlier_attempt_is_ignored_while_the_next_one_runs():
    run = retried().advance(after=10).ok("a", {"ok": False}, run=0)
    assert run.kinds() == ["ResultIgnored"]
    assert run.ok("a").statuses["a"] == "complete"


def test_a_late_success_that_does_not_fit_into_state_is_ignored():
    run = Run({"id": "big"}, {"id": "a", "retry": SLOWLY}).ok("big", {"x": "y" * 600_000})
    run.fails("a").ok("a", {"z": "y" * 600_000}, run=0)
    assert run["a"].status == "retry" and "over the limit max_state" in run.ignored["a#0"]
    assert run.advance(after=10).ok("a").record.status == "complete"


def test_a_result_for_a_run_that_was_withdrawn_is_ignored():
    leave = [
        {"condition": equal("output.done", True), "action": "complete"},
        {"action": {"set": "b"}},
    ]
    run = Run({"id": "a", "branch": leave}, {"id": "b"})
    run.ok("a")
    assert ("b", 0) in run.told.closed
    assert run.jobs == [("b", 1)]
    run.ok("b", {"x": 1}, run=0)
    assert run["b"].status == "in_progress" and run.state == {}


def test_a_result_that_an_earlier_one_of_the_batch_withdrew_is_ignored():
    leave = [
        {"condition": equal("output.done", True), "action": "complete"},
        {"action": {"set": "b"}},
    ]
    run = Run({"id": "a", "branch": leave}, {"id": "b"})
    run.step(success("b", {"x": 1}, 0), success("a", {}, 0))
    assert run.ignored == {"b#0": "it answers an earlier turn"}
    assert run.jobs == [("b", 1)] and run.state == {}


def test_a_run_that_was_withdrawn_in_the_same_commit_is_never_dispatched():
    again = [
        {"condition": {">": [var("steps.bad.attempts"), 0]}, "action": "complete"},
        {"action": {"set": "a"}},
    ]
    run = Run(
        {"id": "root"},
        {"id": "a", "depends_on": ["root"]},
        {
            "id": "bad",
            "depends_on": ["root"],
            "input": {"x": {"+": [var("input.none"), 1]}},
            "branch": again,
            "max_iterations": 1,
        },
    )
    run.ok("root")
    assert run.jobs == [("a", 1)]
    assert [fact.run_id for fact in run.dispatches("a")] == [0, 1]
    assert run.told.closed == (("root", 0),)


def test_results_of_one_commit_are_merged_by_position_then_arrival():
    run = Run({"id": "a"}, {"id": "b"}, {"id": "c"})
    run.step(success("c", {"x": "c"}), success("a", {"x": "a"}), success("b", {"x": "b"}))
    assert run.state == {"x": "c"}
    assert [fact.step for fact in run.told.facts[:3]] == ["a", "b", "c"]


def test_the_latest_merge_wins_key_by_key():
    run = Run({"id": "a"}, {"id": "b"}).ok("b", {"x": 1, "y": 1}).ok("a", {"x": 2})
    assert run.state == {"x": 2, "y": 1}


def test_a_whole_value_is_replaced_and_not_merged_into():
    run = Run({"id": "a"}, {"id": "b"}).ok("a", {"x": {"p": 1}}).ok("b", {"x": {"q": 2}})
    assert run.state == {"x": {"q": 2}}


def test_state_that_would_be_too_large_fails_the_attempt():
    run = Run({"id": "a"}, {"id": "b"}).ok("a", {"x": "y" * 600_000}).ok("b", {"z": "y" * 600_000})
    assert run["b"].error["type"] == "TooLarge"
    assert "max_state" in run["b"].error["message"]
    assert set(run.state) == {"x"}


def test_state_that_would_be_too_large_uses_the_retry_budget():
    run = Run({"id": "a"}, {"id": "b", "max_attempts": 2}).ok("a", {"x": "y" * 600_000})
    run.ok("b", {"z": "y" * 600_000})
    assert run.jobs == [("b", 1)]


def test_values_that_replace_each_other_do_not_add_up_to_the_limit_of_state():
    leave = {"condition": equal("output.done", True), "action": "complete"}
    run = Run({"id": "a", "branch": [leave, {"action": {"set": "a"}}]})
    for _ in range(5):
        run.ok("a", {"x": "y" * 400_000})
    assert run.record.status == "in_progress"


def test_a_result_says_halt_if_a_branch_halted_the_workflow():
    run = Run({"id": "a", "branch": [{"action": "halt", "result": {"why": 1}}]}).result(
        success("a")
    )
    assert run.told.decision == Halt({"why": 1})


def test_what_a_result_says_of_a_halt_is_the_callers_to_keep():
    run = Run({"id": "a", "branch": [{"action": "halt", "result": {"why": [1]}}]}).result(
        success("a")
    )
    run.told.decision.result["why"].append(2)
    assert run.record.outcome == {"why": [1]}


def test_a_result_says_pending_if_the_step_will_be_tried_again():
    assert Run({"id": "a", "max_attempts": 2}).result(failure("a")).told.decision == Pending()


def test_a_result_says_nothing_when_the_step_is_complete():
    assert Run({"id": "a"}, {"id": "b"}).result(success("a")).told.decision is None


def test_a_step_that_gave_nothing_merges_nothing():
    run = Run({"id": "a"}, {"id": "b"}).step(StepResult("a", 0))
    assert run["a"].status == "complete" and run["a"].output == {}


def test_a_result_is_not_changed_by_being_applied():
    output = {"x": {"y": [1]}}
    result = StepResult("a", 0, output)
    Run({"id": "a"}, outputs={"x": var("state.x")}).step(result)
    assert output == {"x": {"y": [1]}}


def test_one_record_can_be_moved_on_in_two_ways():
    run = Run({"id": "a", "max_attempts": 2}, {"id": "b", "depends_on": ["a"]})
    one = graph.step(run.record, [success("a", {"x": 1})], now=NOW)
    other = graph.step(run.record, [failure("a")], now=NOW)
    assert [job.step_id for job in one.jobs] == ["b"]
    assert [job.step_id for job in other.jobs] == ["a"]
    assert dict(one.record.state) == {"x": 1} and dict(other.record.state) == {}
