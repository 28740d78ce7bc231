"""Patterns 12 to 15 and 34 to 36, multiple instances, on every way a run can go."""

from runfox.results import DispatchJob
from tests.patterns.happenings import Step
from tests.patterns.interleavings import Answer, answering, complete, explore, instances
from tests.patterns.worlds import World


def test_12_instances_without_synchronization_run_for_themselves():
    walk = explore(12, answering(send=[{}, "Lost"]))
    assert walk.statuses() == {"complete"}
    for _, record in walk.begun("note"):
        assert complete(record) == {"fines"}
    over = [world for world in walk.worlds() if world.run.status.ended]
    assert any(not child.status.ended for world in over for child in world.children)
    for end in walk.ends:
        assert [child.inputs["to"] for child in end.children] == ["ann", "bob"]
        assert all(child.status.ended for child in end.children)


def test_13_as_many_instances_as_the_file_says_are_all_waited_for():
    walk = explore(13, lambda job, world: [{"by": job.inputs.get("who")}])
    for _, record in walk.begun("publish"):
        assert instances(record, "sign") == ["complete"] * 3
    assert walk.often("publish") == {1}
    for end in walk.ends:
        signed = [one["by"] for one in end["sign"].output]
        assert signed == ["chair", "treasurer", "secretary"]


def test_14_as_many_instances_as_are_known_at_the_start_are_all_waited_for():
    papers = [["a", "b", "c"][:size] for size in range(4)]
    walk = explore(14, answering(search=[{"papers": some} for some in papers]))
    for _, record in walk.begun("decide"):
        found = record.steps["search"].output["papers"]
        assert instances(record, "review") == ["complete"] * len(found)
    assert walk.often("decide") == {1}
    assert {len(end["review"].output) for end in walk.ends} == {0, 1, 2, 3}


def test_15_instances_that_begin_while_others_run_are_all_waited_for():
    def names(job: DispatchJob, world: World) -> list[Answer]:
        if job.fn == "judge":
            return [{}]
        inner = world["hear"].more.inner
        heard = [cell.output["named"] for chunk in inner.cells for cell in chunk if cell.output]
        return [{"named": number} for number in range(3 - sum(heard))]

    walk = explore(15, names)
    for _, record in walk.begun("judge"):
        heard = [cell["named"] for cell in record.steps["hear"].output]
        assert len(heard) == 2 + sum(heard)
        assert set(instances(record, "hear")) == {"complete"}
    assert walk.often("judge") == {1}
    assert {len(end["hear"].output) for end in walk.ends} == {2, 3, 4}
    assert any(_grows_while_another_runs(step) for step in walk.steps)


def _grows_while_another_runs(step: Step) -> bool:
    if not step.before.trail:
        return False
    before, after = (instances(world.run, "hear") for world in (step.before, step.after))
    return len(after) > len(before) and before.count("in_progress") > 1


def test_34_partial_join_of_instances_goes_on_after_so_many_and_lets_the_rest_run():
    walk = explore(34)
    for _, record in walk.begun("declare"):
        assert sorted(instances(record, "vote")) == ["complete", "complete", "in_progress"]
    assert walk.often("declare") == {1}
    for end in walk.ends:
        assert end.run.status == "complete"
        assert instances(end.run, "vote") == ["complete"] * 3
        assert end["vote"].output.count(None) == 1


def test_35_cancelling_partial_join_of_instances_withdraws_the_rest():
    walk = explore(35)
    for _, record in walk.begun("declare"):
        assert sorted(instances(record, "vote")) == ["cancelled", "complete", "complete"]
    assert walk.often("declare") == {1}
    for world in walk.worlds():
        assert not world.runs("declare") or world.at_work() <= {"declare"}, world.trail


def test_36_dynamic_partial_join_decides_on_the_way_how_many_there_are_and_are_enough():
    walk = explore(36, answering(ask=[{"sure": True}, {"sure": False}]))
    for _, record in walk.begun("write"):
        told = record.steps["ask"].output
        sure = [one for one in told if one is not None and one["sure"]]
        assert len(sure) == 1 or (not sure and len(told) == 3 and None not in told)
    for world in walk.worlds():
        if len(instances(world.run, "ask")) == 3:
            first, second = world["ask[0]"], world["ask[1]"]
            assert first.output == second.output == {"sure": False}
    assert walk.often("write") == {1}
    assert {len(end["ask"].output) for end in walk.ends} == {2, 3}
