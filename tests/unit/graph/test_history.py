"""Facts and the record they make: histories fold, and an impossible fact is refused."""

import json

import pytest

from runfox import graph
from runfox.backend import codec
from runfox.backend.protocols import Row
from runfox.errors import IllegalMove
from runfox.graph import facts as known
from runfox.graph.moves import MOVES
from runfox.graph.persistent import flat
from runfox.status import StepStatus
from tests.properties import laws
from tests.unit.graph.runs import NOW, Run, equal, failure, success


def eventful() -> Run:
    """A run with nearly every kind of fact."""
    again = [
        {"condition": equal("output.done", True), "action": "complete"},
        {"action": {"set": "a"}},
    ]
    run = Run(
        {"id": "a", "max_attempts": 2},
        {"id": "b", "depends_on": ["a"], "branch": again},
        {"id": "c", "branch": [{"action": "complete"}]},
        {"id": "d"},
        {"id": "e", "depends_on": ["d"]},
        {"id": "f"},
    )
    run.fails("a").fails("c").ok("a").ok("b").ok("a", {"x": 1}, run=1).ok("a", {"x": 2})
    return run.step(success("b", {"done": True}), failure("d"))


def test_the_whole_history_folds_to_the_record():
    run = eventful()
    blank = graph.blank(run.plan, execution_id="x1", inputs={}, now=NOW)
    folded = graph.fold(blank, run.facts, revision=run.record.revision)
    assert laws.stored(folded) == laws.stored(run.record)


def test_the_whole_history_folds_from_text():
    run = eventful()
    row = Row(1, NOW, codec.facts_text(run.facts))
    assert codec.facts(row) == run.facts


def test_the_record_at_any_moment_is_the_fold_of_the_facts_until_then():
    run = Run({"id": "a"}, {"id": "b", "depends_on": ["a"]})
    then, so_far = run.record, list(run.facts)
    run.ok("a").ok("b")
    blank = graph.blank(run.plan, execution_id="x1", inputs={}, now=NOW)
    assert laws.stored(graph.fold(blank, so_far, revision=2)) == laws.stored(then)


def test_evolve_keeps_the_revision():
    run = Run({"id": "a"})
    fact = known.StepSucceeded("a", 0, {"x": 1}, NOW)
    after = graph.evolve(run.record, fact)
    assert after.revision == run.record.revision
    assert after.steps["a"].status == "complete" and run["a"].status == "in_progress"


def test_a_record_read_from_text_goes_on_as_the_one_in_memory_does():
    run = eventful()
    for record in run.records:
        stored = codec.record_from(codec.record_text(record), run.plan)
        one, other = graph.advance(record, now=NOW), graph.advance(stored, now=NOW)
        assert one.facts == other.facts and one.jobs == other.jobs
        assert laws.can_go_on(other.record)


@pytest.mark.parametrize(
    "fact",
    [
        known.StepSucceeded("b", 0, {}, NOW),
        known.StepDispatched("a", 1, 2, {}, NOW),
        known.StepRetrying("b", 0, {}, NOW, NOW),
        known.StepHandled("c", {}, NOW),
        known.StepSkipped("a", NOW),
        known.StepWithdrawn("b", NOW),
    ],
)
def test_a_fact_that_cannot_be_true_is_an_illegal_move(fact):
    run = Run({"id": "a"}, {"id": "b", "depends_on": ["a"]}, {"id": "c"}).ok("c")
    with pytest.raises(IllegalMove, match=fact.step):
        graph.evolve(run.record, fact)


def test_every_fact_about_a_step_has_its_legal_moves_in_the_table():
    steps = {fact.__name__ for fact in graph.FACTS if fact.__name__.startswith("Step")}
    assert steps == set(MOVES)


def test_facts_move_steps_as_the_table_says():
    run = eventful()
    record = graph.blank(run.plan, execution_id="x1", inputs={}, now=NOW)
    seen = set()
    for fact in run.facts:
        after = graph.evolve(record, fact)
        names = getattr(fact, "steps", None) or [getattr(fact, "step", "")]
        for name in names:
            if type(fact).__name__ in MOVES:
                allowed, to = MOVES[type(fact).__name__]
                assert record.steps[name].status in allowed
                assert after.steps[name].status is to
                seen.add(type(fact).__name__)
        record = after
    assert seen == set(MOVES) - {"StepHalted"}


def test_no_move_starts_from_a_status_that_no_move_leads_to():
    reached = {to for _, to in MOVES.values()} | {StepStatus.READY}
    later = {StepStatus.WAITING, StepStatus.UNDONE}
    for allowed, _ in MOVES.values():
        assert allowed <= reached | later


def test_records_share_what_did_not_change():
    run = Run(*({"id": f"s{n}"} for n in range(1000)))
    before = run.record
    run.ok("s0")
    same = [a is b for a, b in zip(before.cells, run.record.cells, strict=True)]
    assert same.count(False) == 1
    assert [a is b for a, b in zip(before.gates, run.record.gates, strict=True)].count(False) <= 1


def test_what_is_never_written_is_shared_by_all_executions_of_a_plan():
    run = Run({"id": "a"})
    one = graph.blank(run.plan, execution_id="x1", inputs={}, now=NOW)
    other = graph.blank(run.plan, execution_id="x2", inputs={}, now=NOW)
    assert one.cells is other.cells
    assert all(cell.run_id == -1 for cell in flat(run.plan.cells))


def test_the_steps_of_a_record_are_a_mapping_in_the_order_of_the_spec():
    run = Run({"id": "z"}, {"id": "a"})
    assert list(run.record.steps) == ["z", "a"] and len(run.record.steps) == 2
    assert "z" in run.record.steps and "nobody" not in run.record.steps


def test_in_flight_gives_the_jobs_as_they_were_dispatched():
    run = Run({"id": "a", "input": {"x": 1}, "max_attempts": 2}, {"id": "b"}).fails("a")
    assert graph.in_flight(run.record) == (run.told.jobs[0], graph.in_flight(run.record)[1])


def test_a_reset_brings_back_skipped_failed_and_cancelled_steps_too():
    run = Run(
        {"id": "a"},
        {"id": "b", "depends_on": ["a"]},
        {"id": "c"},
        {"id": "d", "depends_on": ["b", "c"]},
    ).fails("a")
    assert set(run.statuses.values()) == {"failed", "skipped", "cancelled", "ready"}
    back = graph.evolve(run.record, known.StepsReset("a", ("a",), ("a", "b", "c"), NOW))
    assert [cell.status for cell in back.steps.values()] == ["ready"] * 4
    assert graph.derived(back) == graph.derived(graph.rebuild(back))
    assert graph.derived(back).ready == {0, 2} and back.open == 4


def test_a_cell_written_before_it_said_which_run_was_answered_can_be_read():
    run = Run({"id": "a", "max_attempts": 2}).fails("a")
    data = json.loads(codec.record_text(run.record))
    data["steps"]["a"].pop()
    old = codec.record_from(json.dumps(data), run.plan)
    assert old.steps["a"].answered == -1
    assert old.steps["a"]._replace(answered=0) == run["a"]
