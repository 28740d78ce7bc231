"""Patterns 6 to 9, 28 to 33, 37, 38, 41 and 42, advanced branching, on every way that a run can go."""

from itertools import chain, combinations

import pytest

from runfox.results import DispatchJob
from tests.patterns.interleavings import (
    Answer,
    Walk,
    answering,
    complete,
    explore,
    instances,
    sent,
)


def subsets(*names: str) -> list[tuple[str, ...]]:
    return list(chain.from_iterable(combinations(names, size) for size in range(len(names) + 1)))


def test_06_multi_choice_takes_every_way_that_data_says_and_no_other():
    found = subsets("police", "doctor", "firemen")
    walk = explore(6, answering(emergency=[{"call": [*some]} for some in found]))
    assert walk.outcomes() == {frozenset({"emergency", *some}) for some in found}
    for some in found:
        (step,) = walk.after(f"emergency={ {'call': [*some]} }")
        assert step.after.at_work() == set(some)


def test_07_structured_synchronizing_merge_waits_for_the_ways_that_were_taken():
    found = subsets("police", "doctor")
    walk = explore(7, answering(emergency=[{"call": [*some]} for some in found]))
    for world in walk.worlds():
        if "emergency" in world.complete:
            called = set(world["emergency"].output["call"])
            began = world.runs("report") == 1
            assert began == (bool(called) and called <= world.complete), world.trail
    assert walk.often("report") == {0, 1}


def test_08_multi_merge_runs_what_follows_once_for_each_way_and_waits_for_no_other():
    walk = explore(8)
    for world in walk.worlds():
        begun = {record.origin.parent.step for record in world.children}
        assert begun == {f"lay_{way}" for way in world.complete & {"foundations", "materials"}}
    for end in walk.ends:
        assert [complete(record) for record in end.children] == [{"inspect", "file"}] * 2
    ahead = [world for world in walk.worlds() if world["lay_materials"].status.ended]
    assert any("foundations" in world.at_work() for world in ahead)


def test_09_structured_discriminator_runs_once_after_the_first_and_lets_the_rest_run():
    walk = explore(9)
    for fact, record in walk.begun("triage"):
        assert complete(record) == set(fact.by)
        assert len(fact.by) == 1
    assert walk.often("triage") == {1}
    assert walk.outcomes() == {frozenset({"pulse", "breath", "triage"})}


# Rounds -----------------------------------------------------------------------------------------------


def two_rounds(job: DispatchJob) -> list[Answer]:
    return [{"over": job.turn == 1}]


@pytest.mark.parametrize(
    ("number", "ways", "need", "after", "again"),
    [
        (28, ["north", "south"], 1, "alarm", "rearm"),
        (31, ["ann", "bob", "cat"], 2, "approve", "next"),
    ],
)
def test_28_and_31_blocking_joins_hold_what_comes_again_until_each_has_come(
    number, ways, need, after, again
):
    given = tuple(sent(way, way) for way in ways)
    walk = explore(number, answering(**{again: two_rounds}), given=given, clock="stands")
    for fact, record in walk.begun(after):
        assert record.steps[again].sets == fact.run_id, "a round began before the last was over"
        assert len(fact.by) >= need, "more than one may have been kept from the round before"
    for _, record in walk.begun(again):
        assert {*ways, after} <= complete(record)
    early = [
        step
        for way in ways
        for step in walk.after(way)
        if way in step.before.complete and step.before[again].turn == 0
    ]
    assert early
    assert all(step.after.runs(after) == step.before.runs(after) for step in early)
    assert walk.often(after) == {2}
    assert walk.statuses() == {"complete"}


def test_33_generalized_and_join_pairs_what_arrives_and_loses_nothing():
    given = (sent("frame", "frame", "frame"), sent("wheel", "wheel"))
    walk = explore(33, answering(assemble=[{"over": False}]), given=given, clock="stands")
    for world in walk.worlds():
        frames, wheels = (
            total - len(left) for total, left in zip((3, 2), world.given, strict=True)
        )
        assert world.runs("assemble") <= min(frames, wheels), world.trail
    assert walk.often("assemble") == {2}
    for end in walk.ends:
        assert (end["frame"].status, end["wheel"].status) == ("complete", "waiting")
        assert end["frame"].turn == 2


# Partial joins ----------------------------------------------------------------------------------------


def test_29_cancelling_discriminator_withdraws_all_but_the_first():
    walk = explore(29)
    labs = {"fast_lab", "near_lab", "cheap_lab"}
    assert walk.outcomes() == {frozenset({lab, "result"}) for lab in labs}
    withdraws_the_rest(walk, labs, "result")


def test_30_structured_partial_join_runs_once_after_so_many_and_lets_the_rest_run():
    walk = explore(30)
    for fact, record in walk.begun("approve"):
        assert len(complete(record)) == 2
        assert set(fact.by) == complete(record)
    assert walk.often("approve") == {1}
    assert walk.outcomes() == {frozenset({"ann", "bob", "cat", "approve"})}


def test_32_cancelling_partial_join_withdraws_the_rest_after_so_many():
    walk = explore(32)
    people = {"ann", "bob", "cat"}
    assert walk.outcomes() == {
        frozenset({*two, "approve"}) for two in combinations(sorted(people), 2)
    }
    withdraws_the_rest(walk, people, "approve")


def withdraws_the_rest(walk: Walk, ways: set[str], after: str) -> None:
    for _, record in walk.begun(after):
        rest = ways - complete(record)
        assert {record.steps[one].status for one in rest} == {"cancelled"}
    for world in walk.worlds():
        assert not (world.runs(after) and world.at_work() & ways), world.trail
    assert walk.often(after) == {1}


# Other merges and threads -----------------------------------------------------------------------------


def test_37_local_synchronizing_merge_waits_for_what_was_taken_whatever_the_shape():
    found = subsets("roof", "wall")
    walk = explore(37, answering(plan=[{"do": [*some]} for some in found]))
    behind = {
        (): set(),
        ("roof",): {"roof", "tiles", "gutter", "clean"},
        ("wall",): {"wall", "gutter", "clean"},
        ("roof", "wall"): {"roof", "wall", "tiles", "gutter", "clean"},
    }
    assert walk.outcomes() == {frozenset({"plan", *steps}) for steps in behind.values()}
    for merge, ways in (("gutter", {"roof", "wall"}), ("clean", {"tiles", "gutter"})):
        for _, record in walk.begun(merge):
            taken = behind[tuple(record.steps["plan"].output["do"])]
            assert ways & taken <= complete(record)


def test_38_general_synchronizing_merge_waits_for_loops_and_goes_back_with_them():
    walk = explore(
        38,
        answering(
            plan=[{"do": [*some]} for some in subsets("dig", "mix")],
            dig=lambda job: [{"rock": False}, {"rock": job.turn == 0}],
            inspect=lambda job: [{"crack": False}, {"crack": job.turn == 0}],
        ),
    )
    for _, record in walk.begun("pour"):
        chosen = set(record.steps["plan"].output["do"])
        assert chosen <= complete(record)
        assert chosen
        if "dig" in chosen:
            assert record.steps["dig"].output == {"rock": False}
    for step in walk.after("inspect={'crack': True}"):
        again = {"dig"} if "dig" in step.before.complete else {"pour"}
        assert step.after.at_work() == again
    assert walk.statuses() == {"complete"}
    assert walk.often("pour") == {0, 1, 2}


def test_41_thread_merge_makes_one_of_all_threads():
    walk = explore(41)
    for _, record in walk.begun("licence"):
        assert instances(record, "inspect") == ["complete"] * 2
    assert walk.often("licence") == {1}


def test_42_thread_split_lets_each_thread_go_the_same_way_by_itself():
    walk = explore(42)
    assert [step.after.at_work() for step in walk.after("submit")] == [
        {"paper[0].read", "paper[1].read"}
    ]
    ahead = {"paper[0].comment", "paper[1].read"}
    assert ahead in [world.at_work() for world in walk.worlds()]
    for end in walk.ends:
        paths = [f"paper[{thread}].{step}" for thread in (0, 1) for step in ("read", "comment")]
        assert [end.runs(path) for path in paths] == [1] * 4
