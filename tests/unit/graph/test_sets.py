"""``set``: loops, and what a new turn of a step sends back with it."""

import pytest

from tests.unit.graph.runs import Run, equal, failure, success, var


def sets(targets, **action) -> list:
    """Branches that set until the output has ``done``."""
    return [
        {"condition": equal("output.done", True), "action": "complete"},
        {"action": {"set": targets, **action}},
    ]


@pytest.mark.parametrize(
    "targets",
    [
        "a",
        "steps.a.status",
        ["a"],
        ["steps.a.status"],
        {"var": "output.to"},
        {"var": "output.path"},
        {"var": "output.list"},
        {"var": "output.paths"},
        {"if": [True, "a", "b"]},
    ],
)
def test_a_target_is_written_as_a_name_a_path_a_list_or_logic(targets):
    run = Run({"id": "a"}, {"id": "b", "depends_on": ["a"], "branch": sets(targets)})
    run.ok("a").ok(
        "b", {"to": "a", "path": "steps.a.status", "list": ["a"], "paths": ["steps.a.status"]}
    )
    assert run.jobs == [("a", 1)]


def test_value_ready_may_be_written_or_left_out():
    run = Run({"id": "a"}, {"id": "b", "depends_on": ["a"], "branch": sets("a", value="ready")})
    assert run.ok("a").ok("b").jobs == [("a", 1)]


def test_several_targets_start_again_together():
    run = Run(
        {"id": "a"}, {"id": "b"}, {"id": "c", "depends_on": ["a", "b"], "branch": sets(["a", "b"])}
    )
    run.step(success("a"), success("b")).ok("c")
    assert run.jobs == [("a", 1), ("b", 1)]
    assert run.statuses["c"] == "ready"


@pytest.mark.parametrize(
    "wrong", ["nobody", None, 1, ["a", "nobody"], "a.status", "steps.a", {"a": 1}]
)
def test_a_computed_target_that_is_no_step_fails_the_step(wrong):
    run = Run({"id": "a"}, {"id": "b", "depends_on": ["a"], "branch": sets(var("output.to"))})
    run.ok("a").ok("b", {"to": wrong})
    assert run["b"].error["type"] == "ExpressionError"
    assert "no step of this workflow" in run["b"].error["message"]
    assert run["a"].turn == 0 and run.record.status == "failed"


def test_a_target_that_cannot_be_evaluated_fails_the_step():
    run = Run({"id": "a", "branch": sets({"cat": [{"+": [var("none"), 1]}]})}).ok("a")
    assert run["a"].error["type"] == "ExpressionError"


def test_a_reset_step_has_a_new_turn_and_the_next_run_id():
    run = Run({"id": "a", "branch": sets("a")}).ok("a")
    job = run.told.jobs[0]
    assert (job.turn, job.run_id, job.attempt) == (1, 1, 1)


def test_a_reset_step_has_lost_output_error_and_attempts():
    run = Run({"id": "a", "max_attempts": 2}, {"id": "b", "depends_on": ["a"], "branch": sets("a")})
    run.fails("a").ok("a", {"x": 1}).result(success("b"))
    assert run["a"].output is None and run["a"].error is None and run["a"].attempt == 0
    assert run["a"].started_at is None and run["a"].ended_at is None


def test_state_stays_when_steps_are_reset():
    run = Run({"id": "a"}, {"id": "b", "depends_on": ["a"], "branch": sets("a")})
    run.ok("a", {"x": 1}).ok("b", {"y": 2})
    assert run.state == {"x": 1, "y": 2}


def test_the_output_of_a_former_turn_is_gone_and_state_is_what_carries_on():
    run = Run(
        {"id": "a", "input": {"own": var("state.n"), "b": var("steps.b.output.n")}},
        {"id": "b", "depends_on": ["a"], "branch": sets("a")},
    )
    run.ok("a").ok("b", {"n": 1})
    assert run.told.jobs[0].inputs == {"own": 1, "b": None}


def test_everything_downstream_that_had_begun_is_reset_too():
    run = Run(
        {"id": "a"},
        {"id": "b", "depends_on": ["a"]},
        {"id": "c", "depends_on": ["b"]},
        {"id": "d", "depends_on": ["c"], "branch": sets("a")},
        {"id": "e", "depends_on": ["d"]},
    )
    for step in "abc":
        run.ok(step)
    run.ok("d")
    assert {s: run[s].turn for s in "abcde"} == {"a": 1, "b": 1, "c": 1, "d": 1, "e": 0}
    assert run.jobs == [("a", 1)]


def test_runs_in_flight_downstream_of_a_target_are_withdrawn():
    run = Run(
        {"id": "a"},
        {"id": "slow", "depends_on": ["a"]},
        {"id": "b", "depends_on": ["a"], "branch": sets("a")},
    )
    run.ok("a").ok("b")
    assert ("slow", 0) in run.told.closed
    assert run.statuses == {"a": "in_progress", "slow": "ready", "b": "ready"}


def test_a_step_waiting_for_its_retry_downstream_of_a_target_is_reset():
    run = Run(
        {"id": "a"},
        {"id": "slow", "depends_on": ["a"], "retry": {"delay": 60}},
        {"id": "b", "depends_on": ["a"], "branch": sets("a")},
    )
    run.ok("a").fails("slow").ok("b").advance(after=60)
    assert run["slow"].status == "ready" and run.jobs == []


def test_siblings_that_are_not_downstream_go_on():
    run = Run(
        {"id": "root"},
        {"id": "a", "depends_on": ["root"]},
        {"id": "sibling", "depends_on": ["root"]},
        {"id": "b", "depends_on": ["a"], "branch": sets("a")},
    )
    run.ok("root").ok("a").ok("b")
    assert run["sibling"].status == "in_progress" and run["sibling"].turn == 0
    run.ok("sibling", {"x": 1}, run=0)
    assert run["sibling"].status == "complete"


def test_the_current_step_completes_unless_it_is_reset_too():
    run = Run({"id": "a", "branch": sets("b")}, {"id": "b"}, {"id": "c", "depends_on": ["a"]})
    run.ok("a")
    assert run["a"].status == "complete" and run.jobs == [("b", 1), ("c", 0)]


def test_a_step_that_sets_itself_resets_nothing_else():
    run = Run(
        {"id": "r"},
        {"id": "a", "depends_on": ["r"], "branch": sets("a")},
        {"id": "b", "depends_on": ["a"]},
    )
    run.ok("r").ok("a")
    assert run.jobs == [("a", 1)]
    assert (run["r"].turn, run["a"].turn, run["b"].turn) == (0, 1, 0)
    assert run["r"].status == "complete"


def test_a_target_that_had_not_begun_stays_as_it_is():
    run = Run({"id": "a", "branch": sets("c")}, {"id": "b"}, {"id": "c", "depends_on": ["b"]})
    run.ok("a")
    assert run["c"].turn == 0 and run["c"].status == "ready" and run["a"].status == "complete"


def test_set_never_forces_a_gate():
    run = Run(
        {"id": "root"},
        {"id": "a", "depends_on": ["root"]},
        {"id": "b", "depends_on": ["a"], "branch": sets(["root", "a"])},
    )
    run.ok("root").ok("a").ok("b")
    assert run.jobs == [("root", 1)]
    assert run.ok("root").jobs == [("a", 1)]


def test_a_merge_waits_again_for_the_branch_that_was_reset_and_keeps_the_other():
    run = Run(
        {"id": "a"},
        {"id": "b"},
        {"id": "merge", "depends_on": ["a", "b"], "branch": sets("a")},
    )
    run.step(success("a"), success("b")).ok("merge")
    assert run.jobs == [("a", 1)]
    assert run["b"].status == "complete"
    assert run.ok("a").jobs == [("merge", 1)]


def test_a_merge_that_was_ready_but_not_dispatched_waits_when_a_branch_is_reset():
    run = Run(
        {"id": "a"},
        {
            "id": "b",
            "branch": [
                {"condition": equal("state.twice", True), "action": "complete"},
                {"action": {"set": "a"}},
            ],
        },
        {"id": "merge", "depends_on": ["a", "b"]},
    )
    run.step(success("a"), success("b"))
    assert run.jobs == [("a", 1)] and run["merge"].status == "ready"
    assert run.ok("a").jobs == [("merge", 0)]


def test_a_running_target_is_withdrawn_and_started_again():
    run = Run({"id": "a", "branch": sets("b")}, {"id": "b"}).ok("a")
    assert ("b", 0) in run.told.closed and run.jobs == [("b", 1)]


def test_max_iterations_lets_a_step_set_that_often():
    run = Run({"id": "a", "branch": sets("a"), "max_iterations": 2}).ok("a").ok("a")
    assert run["a"].status == "in_progress" and run["a"].turn == 2


def test_the_set_after_max_iterations_fails_the_step():
    run = (
        Run({"id": "a", "branch": sets("a"), "max_iterations": 2}).ok("a").ok("a").ok("a", {"x": 1})
    )
    assert run["a"].status == "failed" and run["a"].error["type"] == "MaxIterations"
    assert "2 times" in run["a"].error["message"]
    assert run.state == {"x": 1}


def test_max_iterations_counts_over_all_turns_of_the_step():
    run = Run(
        {"id": "a", "branch": sets("a"), "max_iterations": 2},
        {"id": "b", "depends_on": ["a"], "branch": sets("a"), "max_iterations": 5},
    )
    run.ok("a").ok("a", {"done": True}).ok("b").ok("a").ok("a")
    assert run["a"].error["type"] == "MaxIterations"


def test_max_iterations_counts_sets_and_not_retries():
    run = Run({"id": "a", "branch": sets("a"), "max_iterations": 1, "max_attempts": 3})
    run.fails("a").fails("a").ok("a").fails("a").fails("a")
    assert run["a"].status == "in_progress"


def test_max_iterations_counts_sets_of_other_steps_too():
    run = Run(
        {"id": "a", "branch": sets("b"), "max_iterations": 1},
        {"id": "b", "branch": sets("a"), "max_iterations": 3},
    )
    run.ok("a").ok("b").ok("a")
    assert run["a"].error["type"] == "MaxIterations"


def test_retries_and_turns_never_mix():
    run = Run({"id": "a", "branch": sets("a"), "max_attempts": 2})
    for _ in range(3):
        run.fails("a").ok("a")
    assert (run["a"].turn, run["a"].attempt, run["a"].run_id) == (3, 1, 6)


def test_two_loops_side_by_side_do_not_touch_each_other():
    run = Run({"id": "a", "branch": sets("a")}, {"id": "b", "branch": sets("b")})
    run.step(success("a"), success("b")).ok("a").ok("a")
    assert (run["a"].turn, run["b"].turn) == (3, 1)


def test_two_results_of_one_commit_may_both_set():
    run = Run({"id": "a", "branch": sets("c")}, {"id": "b", "branch": sets("c")}, {"id": "c"})
    run.step(success("a"), success("b"))
    assert run["c"].turn == 1
    assert run.jobs == [("c", 1)]


def test_a_loop_with_a_failing_inner_step_can_be_led_by_its_error():
    leave = [
        {"condition": {"==": [var("steps.a.output.ok"), False]}, "action": {"set": "a"}},
        {"action": "complete"},
    ]
    run = Run(
        {"id": "a", "branch": [{"action": "complete"}]},
        {"id": "b", "depends_on": ["a"], "branch": leave},
    )
    run.step(failure("a")).ok("b")
    assert run.jobs == [("a", 1)]
    run.ok("a").ok("b")
    assert run.record.status == "complete"


def test_the_fact_of_a_reset_names_who_what_and_all_that_went_back():
    run = Run({"id": "a"}, {"id": "b", "depends_on": ["a"], "branch": sets("a")}).ok("a").ok("b")
    fact = next(fact for fact in run.told.facts if type(fact).__name__ == "StepsReset")
    assert (fact.by, fact.targets, fact.steps) == ("b", ("a",), ("a", "b"))


def test_a_loop_in_which_nothing_can_run_is_ended_by_max_iterations():
    run = Run(
        {
            "id": "a",
            "input": {"x": {"+": [var("input.none"), 1]}},
            "branch": [{"condition": equal("ok", False), "action": {"set": "a"}}, *sets("a")[:1]],
            "max_iterations": 50,
        }
    )
    assert run["a"].error["type"] == "MaxIterations" and run["a"].turn == 50
    assert run.dispatches("a") == []
