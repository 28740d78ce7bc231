"""Gate and dispatch: when a step starts, and what it is given."""

from runfox import graph
from tests.unit.graph.runs import NOW, Run, error, failure, plan_of, success, var


def step(id: str, *after: str, **keys) -> dict:
    return {"id": id, "depends_on": list(after), **keys}


def test_steps_without_dependencies_are_dispatched_at_once_and_in_one_commit():
    run = Run(step("a"), step("b"), step("c", "a"))
    assert run.jobs == [("a", 0), ("b", 0)]
    assert run.record.revision == 2


def test_a_record_just_started_has_dispatched_nothing_and_is_pending():
    run = Run(step("a"))
    assert run.facts[0].inputs == {}
    assert [type(fact).__name__ for fact in run.facts] == ["WorkflowCreated", "StepDispatched"]


def test_a_run_is_in_progress_from_its_first_dispatch_on():
    run = Run(step("a"))
    assert run.record.status == "in_progress"
    assert run.record.started_at == run.now


def test_a_step_starts_when_its_dependency_is_complete():
    run = Run(step("a"), step("b", "a"))
    assert run.statuses == {"a": "in_progress", "b": "ready"}
    run.ok("a")
    assert run.jobs == [("b", 0)]


def test_a_step_waits_until_all_of_its_dependencies_are_complete():
    run = Run(step("a"), step("b"), step("c", "a", "b"))
    run.ok("a")
    assert run.jobs == []
    run.ok("b")
    assert run.jobs == [("c", 0)]


def test_a_diamond_is_dispatched_wave_by_wave_and_its_end_once():
    run = Run(step("a"), step("b", "a"), step("c", "a"), step("d", "b", "c"))
    assert run.ok("a").jobs == [("b", 0), ("c", 0)]
    assert run.step(success("c"), success("b")).jobs == [("d", 0)]
    assert len(run.dispatches("d")) == 1


def test_the_order_of_steps_in_the_file_does_not_decide_when_they_start():
    run = Run(step("last", "middle"), step("middle", "first"), step("first"))
    assert run.jobs == [("first", 0)]
    assert run.ok("first").jobs == [("middle", 0)]
    assert run.ok("middle").jobs == [("last", 0)]


def test_a_step_is_dispatched_once_however_often_the_run_is_advanced():
    run = Run(step("a"), step("b", "a"))
    revision = run.record.revision
    run.advance().advance()
    assert run.told.facts == ()
    assert run.record.revision == revision
    assert len(run.dispatches("a")) == 1


def test_a_result_alone_dispatches_nothing_until_the_run_is_advanced():
    run = Run(step("a"), step("b", "a"))
    run.result(success("a"))
    assert run.jobs == [] and run.statuses["b"] == "ready"
    assert run.advance().jobs == [("b", 0)]


def test_input_is_resolved_from_input_state_steps_and_workflow():
    run = Run(
        step("a"),
        step(
            "b",
            "a",
            input={
                "given": var("input.who"),
                "merged": {"deep": [var("state.x")]},
                "read": var("steps.a.output.x"),
                "status": var("steps.a.status"),
                "tries": var("steps.a.attempts"),
                "id": var("workflow.id"),
                "running": var("workflow.status"),
                "plain": {"literal": {"var": "state.x"}},
            },
        ),
        inputs={"who": "me"},
    )
    run.ok("a", {"x": 1})
    assert run.told.jobs[0].inputs == {
        "given": "me",
        "merged": {"deep": [1]},
        "read": 1,
        "status": "complete",
        "tries": 1,
        "id": run.record.origin.key,
        "running": "in_progress",
        "plain": {"var": "state.x"},
    }


def test_a_job_says_execution_step_fn_run_attempt_and_turn():
    job = Run(step("a", fn="work")).told.jobs[0]
    assert (job.step_id, job.fn, job.run_id, job.attempt, job.turn) == ("a", "work", 0, 1, 0)
    assert job.workflow_execution_id.endswith("#x1")


def test_a_step_without_fn_is_executed_under_its_id():
    assert Run(step("a")).told.jobs[0].fn == "a"


def test_input_that_cannot_be_resolved_fails_the_step_without_retry():
    run = Run(step("a", input={"x": {"+": [var("input.none"), 1]}}, max_attempts=3))
    assert run.statuses == {"a": "failed"}
    assert run["a"].error["type"] == "ExpressionError"
    assert run["a"].error["message"].startswith("input")
    assert run["a"].attempt == 0
    assert run.record.status == "failed"


def test_branches_see_that_the_input_could_not_be_resolved():
    run = Run(
        step(
            "a",
            input={"x": {"+": [var("input.none"), 1]}},
            branch=[
                {"condition": {"==": [var("error.type"), "ExpressionError"]}, "action": "complete"}
            ],
        ),
        step("b", "a", input={"was": var("steps.a.output.ok")}),
    )
    assert run.statuses == {"a": "complete", "b": "in_progress"}
    assert run.told.jobs[0].inputs == {"was": False}


def test_input_that_is_too_large_fails_the_step():
    run = Run(step("a"), step("b", "a", input={"x": [var("state.x"), var("state.x")]}))
    run.ok("a", {"x": "y" * 600_000})
    assert run["b"].error["type"] == "TooLarge"


def test_a_step_made_ready_by_an_input_that_failed_starts_in_the_same_commit():
    handled = [{"action": "complete"}]
    run = Run(step("a", input={"x": {"+": [var("input.none"), 1]}}, branch=handled), step("b", "a"))
    assert run.jobs == [("b", 0)]
    assert run.record.revision == 2


def test_the_inputs_of_a_run_stay_what_they_were_when_it_was_dispatched():
    run = Run(step("a"), step("b", input={"x": var("state.x")}))
    run.ok("a", {"x": 1})
    assert run["b"].inputs == {"x": None}


def test_every_attempt_resolves_its_input_when_it_is_dispatched():
    run = Run(step("a"), step("b", input={"x": var("state.x")}, max_attempts=2))
    run.step(success("a", {"x": 1}), failure("b"))
    assert [job.inputs for job in run.told.jobs] == [{"x": 1}]


def test_dependents_of_a_failed_step_are_skipped_all_the_way_down():
    run = Run(step("a"), step("b", "a"), step("c", "b"), step("d", "c", "b"))
    run.fails("a")
    assert run.statuses == {"a": "failed", "b": "skipped", "c": "skipped", "d": "skipped"}


def test_a_step_is_skipped_only_when_all_its_dependencies_have_ended():
    run = Run(step("a"), step("b"), step("c", "a", "b"))
    run.ok("b").fails("a")
    assert run.statuses["c"] == "skipped"


def test_what_never_began_stays_ready_when_another_step_fails():
    run = Run(step("a"), step("b"), step("c", "b"))
    run.fails("a")
    assert run.statuses == {"a": "failed", "b": "cancelled", "c": "ready"}


def test_a_chain_of_ten_thousand_steps_is_skipped_without_recursion():
    steps = [step("s0"), *(step(f"s{n}", f"s{n - 1}") for n in range(1, 10_000))]
    record = graph.start(plan_of(*steps), execution_id="x", inputs={}, now=NOW).record
    record = graph.advance(record, now=NOW).record
    told = graph.step(record, [failure("s0")], now=NOW)
    assert told.record.steps["s9999"].status == "skipped"
    assert told.decision.error == {**error(), "step": "s0"}


def test_a_chain_of_ten_thousand_steps_is_reset_without_recursion():
    branch = [
        {"condition": {"==": [var("state.n"), 2]}, "action": "complete"},
        {"action": {"set": "s0"}},
    ]
    size = 10_000
    steps = [step("s0"), *(step(f"s{n}", f"s{n - 1}") for n in range(1, size - 1))]
    steps.append(step(f"s{size - 1}", f"s{size - 2}", branch=branch))
    record = graph.start(plan_of(*steps), execution_id="x", inputs={}, now=NOW).record
    record = graph.advance(record, now=NOW).record
    for n in range(size):
        told = graph.step(record, [success(f"s{n}")], now=NOW)
        record = told.record
    assert [(job.step_id, job.run_id, job.turn) for job in told.jobs] == [("s0", 1, 1)]
    assert record.steps["s5000"].status == "ready"
