"""The rest of a ``foreach`` that ignores it: it runs on behind the step, and the run does not end without it."""

from runfox import graph
from runfox.graph import StepRecord
from tests.unit.graph.runs import Run


def vote(**keys) -> dict:
    return {"id": "vote", "foreach": {"items": [1, 2], "need": 1, "rest": "ignore"}, **keys}


DECLARE = {"id": "declare", "depends_on": ["vote"]}


def in_flight(run: Run) -> list[str]:
    return [job.step_id for job in graph.in_flight(run.record)]


def item(run: Run, number: int) -> StepRecord:
    return run[f"vote[{number}]"]


def test_the_run_is_complete_when_the_rest_has_ended_and_not_before():
    run = Run(vote(), DECLARE).ok("vote[0]", {"n": 1}).ok("declare")
    assert run.record.status == "in_progress"
    assert in_flight(run) == ["vote[1]"]
    run.ok("vote[1]", {"n": 2})
    assert run.record.status == "complete"
    assert run["vote"].output == [{"n": 1}, None]


def test_blocks_and_retries_of_the_rest_go_on():
    block = [
        {"id": "p", "retry": {"max_attempts": 2, "delay": 0}},
        {"id": "q", "depends_on": ["p"]},
    ]
    run = Run(vote(do=block), DECLARE).ok("vote[0].p").ok("vote[0].q").ok("declare")
    run.fails("vote[1].p").advance()
    assert in_flight(run) == ["vote[1].p"]
    run.ok("vote[1].p")
    assert in_flight(run) == ["vote[1].q"]
    assert run.ok("vote[1].q").record.status == "complete"


def test_the_rest_may_fail_and_changes_nothing():
    run = Run(vote(), DECLARE).ok("vote[0]").ok("declare").fails("vote[1]")
    assert run.record.status == "complete"
    assert item(run, 1).status == "failed"


def test_an_end_before_the_rest_has_ended_withdraws_it():
    run = Run(vote(), DECLARE).ok("vote[0]").fails("declare")
    assert run.record.status == "failed"
    assert item(run, 1).status == "cancelled"
    run = Run(vote(), DECLARE).ok("vote[0]").ask(graph.CancelAsked())
    assert item(run, 1).status == "cancelled"


def test_a_new_turn_of_the_step_withdraws_the_rest_of_the_last():
    loop = {
        **DECLARE,
        "branch": [
            {"condition": {"var": "again"}, "action": {"set": "vote"}},
            {"action": "complete"},
        ],
    }
    run = Run(vote(), loop).ok("vote[0]").ok("declare", {"again": True})
    assert sorted(in_flight(run)) == ["vote[0]", "vote[1]"]
    assert run["vote"].turn == 1


def test_a_block_waits_for_the_rest_of_what_is_inside_of_it():
    block = {"id": "block", "do": [vote()]}
    run = Run(block, {"id": "after", "depends_on": ["block"]}).ok("block.vote[0]")
    assert in_flight(run) == ["block.vote[1]"]
    assert in_flight(run.ok("block.vote[1]")) == ["after"]


def test_a_rollback_waits_for_the_rest_and_undoes_it():
    run = Run(vote(undo={"fn": "back"}), DECLARE, on_failure="rollback")
    run.ok("vote[0]").fails("declare")
    assert in_flight(run) == ["vote[1]"]
    run.ok("vote[1]").ok("undo[0]").ok("undo[1]")
    assert run.record.status == "failed"
    assert run.record.error["rolled_back"] == ["vote[1]", "vote[0]"]
