"""Ends that leave nothing behind, and operators who find a way on."""

from runfox.graph import PauseAsked, ResumeAsked, RetryAsked, SkipAsked
from runfox.graph.facts import ChildStarted, UndoRecorded
from tests.unit.graph.runs import Run, success, var


def test_items_that_were_let_be_are_withdrawn_when_the_run_ends():
    each = {"foreach": {"items": [1, 2], "need": 1, "rest": "ignore"}}
    run = Run({"id": "a", **each}, {"id": "b"}).ok("a[0]")
    assert run["a"].status == "complete" and run["a[1]"].status == "in_progress"
    run.fails("b")
    assert run.record.status == "failed" and run["a[1]"].status == "cancelled"
    assert set(run.told.closed) == {("b", 0), ("a[1]", 0)}


def test_items_that_an_operator_passes_by_are_run_all_the_same():
    run = Run({"id": "a", "foreach": {"items": [1, 2, 3], "max": 1}}).ask(SkipAsked("a[2]"))
    run.ok("a[0]").ok("a[1]")
    assert run.record.status == "complete"


def test_a_step_completed_by_an_operator_lets_those_begin_that_its_failure_had_skipped():
    run = Run({"id": "a"}, {"id": "b", "depends_on": ["a"]}).fails("a")
    run.ask(SkipAsked("a", {"x": 1}))
    assert run.statuses == {"a": "complete", "b": "in_progress"}


def test_a_step_inside_a_failed_one_is_skipped_and_the_block_goes_on():
    block = {"id": "a", "do": [{"id": "p"}, {"id": "q", "depends_on": ["p"]}]}
    run = Run(block).fails("a.p").ask(SkipAsked("a.p", {})).ok("a.q")
    assert run.record.status == "complete"


def test_a_run_that_is_reopened_has_the_time_of_its_timeout_anew():
    run = Run({"id": "a"}, timeout=5).advance(after=6)
    assert run.record.error is not None and run.record.error["type"] == "Timeout"
    run.ask(RetryAsked())
    assert run.statuses == {"a": "in_progress"}
    run.advance(after=6)
    assert run.record.status == "failed"


def test_a_paused_run_that_times_out_has_its_finally_when_it_is_resumed():
    run = Run({"id": "a"}, timeout=5, **{"finally": [{"id": "z"}]}).ask(PauseAsked())
    run.advance(after=6)
    assert run.record.status == "paused" and run.record.wake_at is None
    run.ask(ResumeAsked()).ok("z")
    assert run.record.status == "failed"


def test_what_finally_does_is_not_undone():
    run = Run(
        {"id": "a", "branch": [{"action": {"rollback": True}}]},
        **{"finally": [{"id": "z", "undo": {"fn": "back"}}]},
    )
    run.ok("a").ok("z")
    assert not [fact for fact in run.facts if isinstance(fact, UndoRecorded)]


def test_a_detached_execution_begins_even_if_the_block_it_was_called_in_goes_back_at_once():
    call = {"id": "q", "call": "other", "detach": True, "depends_on": ["p"]}
    broken = {"id": "r", "depends_on": ["q"], "input": {"n": {"+": [var("input.none"), 1]}}}
    block = {"id": "a", "do": [{"id": "p"}, call, broken], "max_attempts": 2}
    run = Run(block, workflows={"other": {"steps": [{"id": "x"}]}}).step(success("a.p"))
    begun = [fact.child for fact in run.told.facts if isinstance(fact, ChildStarted)]
    assert [start.execution_id for start in run.told.elsewhere.starts] == begun


def test_state_counts_its_defaults_towards_its_limit():
    text = "x" * 100
    run = Run({"id": "a"}, state={"text": {"default": text}})
    assert run.record.state_bytes > len(text)
