"""Patterns 11, 43, 23 and 24, termination and triggers, on every way a run can go."""

from tests.patterns.interleavings import explore, sent


def test_11_implicit_termination_comes_when_nothing_is_left_to_do_and_not_before():
    walk = explore(11)
    for world in walk.worlds():
        assert world.run.status.ended == (not world.at_work()), world.trail
        assert world.run.status.ended == (world.complete == {"bill", "pack", "ship"})
    assert walk.statuses() == {"complete"}


def test_43_explicit_termination_withdraws_what_is_left():
    walk = explore(43)
    for step in walk.after("found"):
        assert step.after.run.status == "complete"
        assert not step.after.at_work()
        left = {one for one in step.before.at_work() if one != "found"}
        assert {step.after[one].status for one in left} <= {"cancelled"}
    for end in walk.ends:
        assert end.trail[-1] == "found"
    never = {"search_north", "found"}
    assert walk.outcomes() == {
        frozenset(never),
        frozenset({*never, "search_south"}),
        frozenset({*never, "search_south", "rest"}),
    }


def test_23_transient_trigger_counts_only_at_the_moment():
    walk = explore(23, given=(sent("smoke"),))
    for step in walk.after("smoke"):
        waited = step.before["alarm"].status == "waiting"
        assert (step.after["alarm"].status == "complete") == waited
        assert step.after.at_work() == ({"flood"} if waited else step.before.at_work())
        assert not step.after.run.signals.get("smoke\0", ())
    assert {end["alarm"].output["timed_out"] for end in walk.ends} == {True, False}


def test_24_persistent_trigger_is_kept_until_it_is_waited_for():
    walk = explore(24, given=(sent("form"),), clock="stands")
    for step in walk.after("clean"):
        came = not step.before.given[0]
        assert step.after.at_work() == ({"check"} if came else set())
    for end in walk.ends:
        assert end["filed"].output["signal"] == "form"
    assert walk.often("check") == {1}
    assert walk.statuses() == {"complete"}
