"""Facts and the record they make: histories fold, and an impossible fact is refused."""

import json
from collections.abc import Iterator

import pytest

from runfox import graph
from runfox.backend import codec, records
from runfox.backend.protocols import Row
from runfox.errors import IllegalMove
from runfox.graph import facts as known
from runfox.graph.moves import MOVES
from runfox.graph.persistent import flat
from runfox.status import StepStatus
from tests.properties import laws
from tests.unit.graph.eventful import EVERYTHING
from tests.unit.graph.runs import NOW, Run, blank

each = pytest.mark.parametrize("make", EVERYTHING)


def test_the_runs_here_have_every_kind_of_fact():
    seen = {type(fact) for make in EVERYTHING for fact in make().facts}
    assert seen == set(graph.FACTS)


@each
def test_the_whole_history_folds_to_the_record(make):
    run = make()
    folded = graph.fold(blank(run.plan), run.facts, revision=run.record.revision)
    assert laws.stored(folded) == laws.stored(run.record)


@each
def test_the_whole_history_folds_from_text(make):
    run = make()
    row = Row(1, NOW, codec.facts_text(run.facts))
    assert codec.facts(row) == run.facts


def test_the_record_at_any_moment_is_the_fold_of_the_facts_until_then():
    run = Run({"id": "a"}, {"id": "b", "depends_on": ["a"]})
    then, so_far = run.record, list(run.facts)
    run.ok("a").ok("b")
    assert laws.stored(graph.fold(blank(run.plan), so_far, revision=2)) == laws.stored(then)


def test_evolve_keeps_the_revision():
    run = Run({"id": "a"})
    fact = known.StepSucceeded("a", 0, {"x": 1}, NOW)
    after = graph.evolve(run.record, fact)
    assert after.revision == run.record.revision
    assert after.steps["a"].status == "complete" and run["a"].status == "in_progress"


@each
def test_a_record_read_from_text_goes_on_as_the_one_in_memory_does(make):
    run = make()
    for record in run.records:
        stored = records.record_from(records.record_text(record), run.plan)
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
        known.StepSkipped("c", NOW),
        known.StepWithdrawn("c", NOW),
        known.BlockReopened("a", NOW),
    ],
)
def test_a_fact_that_cannot_be_true_is_an_illegal_move(fact):
    run = Run({"id": "a"}, {"id": "b", "depends_on": ["a"]}, {"id": "c"}).ok("c")
    with pytest.raises(IllegalMove, match=fact.step):
        graph.evolve(run.record, fact)


def test_every_fact_about_a_step_has_its_legal_moves_in_the_table():
    names = {fact.__name__ for fact in graph.FACTS}
    assert {name for name in names if name.startswith("Step")} <= set(MOVES) <= names


def moves(run: Run) -> Iterator[tuple[str, StepStatus, StepStatus]]:
    """Each step that a fact of the table moved: the fact, from, to."""
    record = blank(run.plan)
    for fact in run.facts:
        after = graph.evolve(record, fact)
        if type(fact).__name__ in MOVES:
            for name in getattr(fact, "steps", None) or [fact.step]:
                yield type(fact).__name__, record.steps[name].status, after.steps[name].status
        record = after


def test_facts_move_steps_as_the_table_says():
    seen = set()
    for make in EVERYTHING:
        for fact, before, after in moves(make()):
            allowed, to = MOVES[fact]
            assert before in allowed
            assert after is to
            seen.add(fact)
    assert seen == set(MOVES)


def test_no_move_starts_from_a_status_that_no_move_leads_to():
    reached = {to for _, to in MOVES.values()} | {StepStatus.READY}
    for allowed, _ in MOVES.values():
        assert allowed <= reached
    assert reached == set(StepStatus)


def test_records_share_what_did_not_change():
    run = Run(*({"id": f"s{n}"} for n in range(1000)))
    before = run.record
    run.ok("s0")
    same = [a is b for a, b in zip(before.frame.cells, run.record.frame.cells, strict=True)]
    assert same.count(False) == 1
    assert [a is b for a, b in zip(before.frame.gates, run.record.frame.gates, strict=True)].count(
        False
    ) <= 1


def test_what_is_never_written_is_shared_by_all_executions_of_a_plan():
    run = Run({"id": "a"})
    one, other = blank(run.plan, id="x1"), blank(run.plan, id="x2")
    assert one.frame.cells is other.frame.cells
    assert all(cell.run_id == -1 for cell in flat(run.plan.layout.cells))


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
    assert set(back.frame.ready) == {0, 2} and back.frame.open == 4


def test_a_cell_written_before_it_said_which_run_was_answered_can_be_read():
    run = Run({"id": "a", "max_attempts": 2}).fails("a")
    data = json.loads(records.record_text(run.record))
    data["steps"]["a"].pop()
    old = records.record_from(json.dumps(data), run.plan)
    assert old.steps["a"].answered == -1
    assert old.steps["a"]._replace(answered=0) == run["a"]
