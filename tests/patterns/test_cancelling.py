"""Patterns 19, 20 and 25 to 27, cancelling and forcing to completion, on every way a run can go."""

from runfox import graph
from tests.patterns.interleavings import answering, explore, instances, sent

UNDER_WAY = {"ready", "in_progress"}


def test_19_cancel_task_withdraws_a_step_that_has_not_ended():
    walk = explore(19, answering(ask=[{"wanted": True}, {"wanted": False}]))
    for step in walk.after("ask={'wanted': False}"):
        before = step.before["translate"].status
        after = step.after["translate"].status
        assert after == ("cancelled" if before in UNDER_WAY else before), step.after.trail
    for end in walk.ends:
        assert end["prepare"].status == end["ask"].status == "complete"
        same = {"complete": "complete", "cancelled": "skipped"}[end["translate"].status]
        assert end["deliver"].status == same
    assert {end["translate"].run_id for end in walk.ends} == {-1, 0}
    assert walk.statuses() == {"complete"}


def test_20_cancel_case_withdraws_the_whole_run_and_those_it_called():
    walk = explore(20, given=((graph.CancelAsked(),),))
    for step in walk.after("CancelAsked"):
        if step.before.run.status.ended:
            assert step.changes[0].refused
        else:
            assert step.after.run.status == "cancelled"
            assert not step.after.at_work()
            assert len(step.changes) == 1
    assert walk.statuses() == {"cancelled", "complete"}
    for end in walk.ends:
        assert {child.status for child in end.children} <= {end.run.status, "complete"}
        assert not list(end.jobs())


def test_25_cancel_region_withdraws_its_steps_together_and_no_other():
    walk = explore(25, answering(news=[{"war": True}, {"war": False}]))
    for step in walk.after("news={'war': True}"):
        for region in ("travel", "visa"):
            before = step.before[region].status
            after = step.after[region].status
            assert after == ("cancelled" if before in UNDER_WAY else before)
        assert step.after.at_work() <= {"insure"}
        assert step.after["insure"] == step.before["insure"]
    for step in walk.after("news={'war': False}"):
        assert step.after.at_work() == step.before.at_work() - {"news"}
    for end in walk.ends:
        assert end.run.status == "complete"
        assert end["insure"].status == "complete"
    assert len(walk.outcomes()) == 4


def test_26_cancel_instances_withdraws_those_that_have_not_ended_and_the_step():
    walk = explore(26, answering(radio=[{"found": True}, {"found": False}]))
    for step in walk.after("radio={'found': True}"):
        if step.before["search"].status == "in_progress":
            assert step.after["search"].status == "cancelled"
            before, after = (instances(world.run, "search") for world in (step.before, step.after))
            assert after == ["complete" if one == "complete" else "cancelled" for one in before]
            assert step.after["map"].status == "skipped"
    for end in walk.ends:
        assert (end["map"].status == "complete") == (end["search"].status == "complete")
    assert walk.statuses() == {"complete"}


def test_27_complete_instances_withdraws_those_that_have_not_ended_and_goes_on():
    walk = explore(27, given=(sent("close"),), clock="stands")
    for step in walk.after("close"):
        if not step.before["count"].status.ended:
            assert step.after.at_work() == {"result"}
            assert "in_progress" not in instances(step.after.run, "count")
    for end in walk.ends:
        assert end["result"].status == "complete"
        assert sorted([end["count"].status, end["closing"].status]) == ["cancelled", "complete"]
    assert walk.often("result") == {1}
