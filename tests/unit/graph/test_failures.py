"""Failures and retries: what is tried again and when, and what is judged once the budget is spent."""

from datetime import timedelta

import pytest

from runfox.graph.timing import due_after, retry_delay
from runfox.results import Failed
from runfox.spec.model import Retry
from tests.unit.graph.runs import NOW, Run, equal, error, failure, success, var


def test_a_failure_without_a_policy_fails_the_step_and_the_run():
    run = Run({"id": "a"}).fails("a")
    assert run["a"].status == "failed" and run["a"].error == error()
    assert run.told.decision == Failed({**error(), "step": "a"})


def test_nothing_of_a_failed_attempt_is_merged():
    run = Run({"id": "a", "max_attempts": 2}).ok("a", {"ok": False, "x": 1})
    assert run["a"].status == "in_progress" and run.state == {}


def test_a_failure_is_tried_again_in_the_same_turn_with_the_next_run_id():
    run = Run({"id": "a", "max_attempts": 2}).fails("a")
    job = run.told.jobs[0]
    assert (job.run_id, job.attempt, job.turn) == (1, 2, 0)


def test_max_attempts_counts_the_first_attempt_too():
    run = Run({"id": "a", "max_attempts": 3}).fails("a").fails("a")
    assert run["a"].status == "in_progress"
    assert run.fails("a")["a"].status == "failed"
    assert len(run.dispatches("a")) == 3


def test_max_attempts_tries_again_at_once():
    assert Run({"id": "a", "max_attempts": 2}).fails("a").jobs == [("a", 1)]


def test_a_success_is_never_tried_again():
    run = Run({"id": "a", "max_attempts": 3}, {"id": "b"}).ok("a")
    assert run["a"].status == "complete" and run.jobs == []


def test_the_last_error_is_the_one_that_counts():
    run = Run({"id": "a", "max_attempts": 2}).fails("a", "First").fails("a", "Second")
    assert run.record.error["type"] == "Second"


def test_branches_are_not_asked_while_there_is_budget_left():
    branch = [{"action": "halt", "result": {"asked": True}}]
    run = Run({"id": "a", "max_attempts": 2, "branch": branch}).fails("a")
    assert run.record.status == "in_progress"
    assert run.fails("a").record.status == "halted"


def test_ok_false_uses_the_budget_as_a_failure_does():
    run = Run({"id": "a", "max_attempts": 2}).ok("a", {"ok": False})
    assert run.jobs == [("a", 1)]
    assert run["a"].error["type"] == "NotOk"


def test_ok_false_completes_the_step_merged_when_the_budget_is_spent():
    run = (
        Run({"id": "a", "max_attempts": 2})
        .ok("a", {"ok": False, "x": 1})
        .ok("a", {"ok": False, "x": 2})
    )
    assert run["a"].status == "complete" and run["a"].error is None
    assert run.state == {"ok": False, "x": 2}
    assert run.record.status == "complete"


def test_ok_false_without_a_policy_completes_the_step_merged():
    run = Run({"id": "a"}).ok("a", {"ok": False, "x": 1})
    assert run["a"].status == "complete" and run.state == {"ok": False, "x": 1}


def test_ok_false_is_judged_by_branches_when_the_budget_is_spent():
    branch = [{"condition": equal("ok", False), "action": "halt", "result": {"x": var("x")}}]
    run = Run({"id": "a", "max_attempts": 2, "branch": branch})
    assert run.ok("a", {"ok": False, "x": 1}).record.status == "in_progress"
    run.ok("a", {"ok": False, "x": 2})
    assert run.record.outcome == {"x": 2}


@pytest.mark.parametrize("value", [0, None, "", "false", [], 1, True])
def test_only_false_itself_is_not_ok(value):
    run = Run({"id": "a", "max_attempts": 2}, {"id": "b"}).ok("a", {"ok": value})
    assert run["a"].status == "complete" and run["a"].attempt == 1


def test_retry_waits_for_its_delay():
    run = Run({"id": "a", "retry": {"delay": "2s"}}).fails("a")
    assert run["a"].status == "retry" and run["a"].due == NOW + timedelta(seconds=2)
    assert run.record.wake_at == NOW + timedelta(seconds=2)


def test_a_timer_does_not_fire_early():
    run = Run({"id": "a", "retry": {"delay": "2s"}}).fails("a").advance(after=1.999)
    assert run["a"].status == "retry"
    assert run.advance(after=0.001).jobs == [("a", 1)]


def test_a_timer_fires_once_however_late():
    run = (
        Run({"id": "a", "retry": {"delay": "2s"}})
        .fails("a")
        .advance(after=1000)
        .advance(after=1000)
    )
    assert len(run.dispatches("a")) == 2


def test_timers_of_several_steps_fire_each_in_its_own_time():
    run = Run(
        {"id": "a", "retry": {"delay": 3}},
        {"id": "b", "retry": {"delay": 1}},
        {"id": "c", "retry": {"delay": 2}},
    )
    run.step(failure("a"), failure("b"), failure("c"))
    assert run.advance(after=1).jobs == [("b", 1)]
    assert run.advance(after=2).jobs == [("a", 1), ("c", 1)]


def test_a_timer_that_nobody_waits_for_any_more_wakes_nobody():
    leave = [
        {"condition": equal("output.done", True), "action": "complete"},
        {"action": {"set": "b"}},
    ]
    run = Run({"id": "a", "branch": leave}, {"id": "b", "retry": {"delay": 5}})
    run.fails("b").ok("a")
    assert run.jobs == [("b", 1)]
    assert run.record.wake_at is None


def test_other_timers_stay_when_one_that_nobody_waits_for_goes():
    leave = [
        {"condition": equal("output.done", True), "action": "complete"},
        {"action": {"set": "a"}},
    ]
    retried = [{"id": name, "retry": {"delay": n}} for n, name in enumerate("abc", 1)]
    run = Run(*retried, {"id": "d", "branch": leave})
    run.fails("a").fails("b").fails("c").ok("d")
    assert run.record.wake_at == NOW + timedelta(seconds=2)
    assert run.advance(after=3).jobs == [("b", 1), ("c", 1)]


def test_a_timer_wakes_nobody_after_a_late_success():
    run = Run({"id": "a", "retry": {"delay": 5}}, {"id": "b"}).fails("a").ok("a", run=0)
    assert run.record.wake_at is None


def test_the_policy_defaults_are_three_attempts_after_one_and_two_seconds():
    run = Run({"id": "a", "retry": {}}).fails("a")
    assert run["a"].due - run.now == timedelta(seconds=1)
    run.advance(after=1).fails("a")
    assert run["a"].due - run.now == timedelta(seconds=2)
    assert run.advance(after=2).fails("a")["a"].status == "failed"


def test_retry_if_tries_only_the_failures_it_accepts():
    policy = {"max_attempts": 3, "delay": 0, "if": equal("error.type", "Timeout")}
    assert Run({"id": "a", "retry": policy}).fails("a", "Timeout").jobs == [("a", 1)]
    assert Run({"id": "a", "retry": policy}).fails("a", "Boom")["a"].status == "failed"


def test_retry_if_is_asked_about_ok_false_too():
    policy = {"max_attempts": 3, "delay": 0, "if": equal("error.type", "Timeout")}
    assert Run({"id": "a", "retry": policy}).ok("a", {"ok": False})["a"].status == "complete"


def test_retry_if_that_cannot_be_evaluated_accepts_nothing():
    policy = {"max_attempts": 3, "delay": 0, "if": {">": [var("error.message"), 500]}}
    run = Run({"id": "a", "retry": policy}).fails("a")
    assert run["a"].status == "failed" and run["a"].error == error()


def test_the_attempts_of_every_turn_are_counted_anew():
    leave = [
        {"condition": equal("output.done", True), "action": "complete"},
        {"action": {"set": "a"}},
    ]
    run = Run({"id": "a", "max_attempts": 2, "branch": leave})
    run.fails("a").ok("a")
    job = run.told.jobs[0]
    assert (job.run_id, job.attempt, job.turn) == (2, 1, 1)
    assert run.fails("a").jobs == [("a", 3)]


def test_all_attempts_of_a_turn_have_one_idempotency_key_and_turns_have_their_own():
    leave = [
        {"condition": equal("output.done", True), "action": "complete"},
        {"action": {"set": "a"}},
    ]
    run = Run({"id": "a", "max_attempts": 2, "branch": leave})
    first = run.told.jobs[0].idempotency_key
    again = run.fails("a").told.jobs[0].idempotency_key
    next_turn = run.ok("a").told.jobs[0].idempotency_key
    assert first == again != next_turn


def test_a_failure_that_complete_handles_completes_the_step_unmerged():
    run = Run(
        {"id": "a", "branch": [{"action": "complete"}]}, {"id": "b", "depends_on": ["a"]}
    ).fails("a")
    assert run["a"].status == "complete"
    assert run["a"].output == {"ok": False, "error": error()}
    assert run.state == {} and run.jobs == [("b", 0)]


def test_a_failure_that_set_handles_completes_the_step_unmerged():
    branch = [{"condition": equal("ok", False), "action": {"set": "b"}}, {"action": "complete"}]
    run = Run({"id": "a", "branch": branch}, {"id": "b"}).fails("a")
    assert run["a"].output == {"ok": False, "error": error()}
    assert run.jobs == [("b", 1)] and run.state == {}


def test_a_failure_can_be_answered_by_another_turn_of_the_step_itself():
    branch = [{"condition": equal("ok", False), "action": {"set": "a"}}, {"action": "complete"}]
    run = Run({"id": "a", "branch": branch}).fails("a")
    assert run.told.jobs[0].turn == 1 and run["a"].error is None


def test_branches_see_the_error_of_a_failure():
    branch = [
        {
            "condition": equal("error.type", "Boom"),
            "action": "halt",
            "result": {
                "why": var("error.message"),
                "ok": var("ok"),
                "output": var("output"),
                "try": var("attempt"),
            },
        }
    ]
    run = Run({"id": "a", "branch": branch}).fails("a")
    assert run.record.outcome == {"why": "it broke", "ok": False, "output": None, "try": 1}


def test_after_a_failure_a_condition_that_cannot_be_evaluated_does_not_hold():
    branch = [
        {"condition": {">": [var("score"), 1]}, "action": "halt"},
        {"condition": equal("ok", False), "action": "complete"},
    ]
    assert Run({"id": "a", "branch": branch}, {"id": "b"}).fails("a")["a"].status == "complete"


def test_after_a_spent_ok_false_a_condition_that_cannot_be_evaluated_does_not_hold():
    branch = [{"condition": {">": [var("score"), 1]}, "action": "halt"}]
    run = Run({"id": "a", "branch": branch}).ok("a", {"ok": False})
    assert run["a"].status == "complete"


def test_a_condition_that_cannot_be_evaluated_after_a_success_fails_the_step_without_retry():
    branch = [{"condition": {">": [var("score"), 1]}, "action": "halt"}]
    run = Run({"id": "a", "max_attempts": 3, "branch": branch}).ok("a", {"x": 1})
    assert run["a"].status == "failed" and run["a"].error["type"] == "ExpressionError"
    assert "score" in run["a"].error["message"]


def test_the_merge_stays_when_a_condition_fails_the_step():
    branch = [{"condition": {">": [var("score"), 1]}, "action": "halt"}]
    run = Run({"id": "a", "branch": branch}).ok("a", {"x": 1})
    assert run.state == {"x": 1}


def test_a_failure_that_no_branch_handles_fails_the_step_with_its_own_error():
    branch = [{"condition": equal("ok", True), "action": "complete"}]
    assert Run({"id": "a", "branch": branch}).fails("a")["a"].error == error()


def test_a_result_that_cannot_be_resolved_after_a_failure_fails_the_step_with_its_own_error():
    branch = [{"action": "halt", "result": {"x": {"+": [var("none"), 1]}}}]
    assert Run({"id": "a", "branch": branch}).fails("a")["a"].error == error()


def test_in_flight_siblings_are_cancelled_when_a_step_fails():
    run = Run({"id": "a"}, {"id": "b"}, {"id": "c", "retry": {}}).fails("c").fails("a")
    assert run.statuses == {"a": "failed", "b": "cancelled", "c": "cancelled"}
    assert ("b", 0) in run.told.closed


def policy(**keys) -> Retry:
    return Retry(**{"delay": timedelta(seconds=1), "max_delay": timedelta(seconds=30), **keys})


def test_the_delay_grows_by_the_backoff_up_to_the_cap():
    waits = [retry_delay(policy(backoff=3), n, "seed").total_seconds() for n in range(1, 7)]
    assert waits == [1, 3, 9, 27, 30, 30]


def test_a_backoff_of_one_keeps_the_delay():
    assert retry_delay(policy(backoff=1), 50, "seed") == timedelta(seconds=1)


def test_no_delay_stays_no_delay_however_many_failures():
    assert retry_delay(policy(delay=timedelta(0)), 100_000, "seed") == timedelta(0)


def test_a_backoff_beyond_all_numbers_waits_for_the_cap():
    assert retry_delay(policy(), 100_000, "seed") == timedelta(seconds=30)


def test_a_delay_above_the_cap_is_cut():
    assert retry_delay(policy(delay=timedelta(hours=1)), 1, "seed") == timedelta(seconds=30)


def test_jitter_is_the_same_for_the_same_run():
    once = retry_delay(policy(jitter=1.0), 3, "x#a#2")
    assert once == retry_delay(policy(jitter=1.0), 3, "x#a#2")


def test_jitter_differs_from_run_to_run():
    assert len({retry_delay(policy(jitter=1.0), 3, f"x#a#{n}") for n in range(50)}) > 40


@pytest.mark.parametrize("jitter", [0.1, 0.5, 1.0])
def test_jitter_takes_off_at_most_its_share(jitter):
    waits = [retry_delay(policy(jitter=jitter), 3, f"x#a#{n}").total_seconds() for n in range(200)]
    assert min(waits) >= 4 * (1 - jitter) and max(waits) <= 4
    assert min(waits) < 4 - 3.8 * jitter and max(waits) > 4 - 0.2 * jitter


def test_jitter_is_derived_from_execution_step_and_run():
    spec = {"id": "a", "retry": {"delay": 10, "jitter": 1, "max_attempts": 5}}
    dues = {Run(spec, id=id).fails("a")["a"].due for id in ("x1", "x2", "x3")}
    again = {Run(spec, id=id).fails("a")["a"].due for id in ("x1", "x2", "x3")}
    assert dues == again and len(dues) == 3


def test_a_delay_beyond_the_calendar_ends_with_it():
    assert due_after(NOW, timedelta(days=999_999_999)).year == 9999


def test_a_success_after_failures_clears_the_error():
    run = Run({"id": "a", "max_attempts": 2}, {"id": "b"}).fails("a").step(success("a"))
    assert run["a"].error is None and run["a"].attempt == 2
