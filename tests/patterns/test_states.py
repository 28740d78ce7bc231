"""Patterns 16 to 18, 39 and 40, state-based: on every way a run can go."""

import pytest

from tests.patterns.interleavings import answering, complete, explore, sent
from tests.patterns.worlds import World


def test_16_deferred_choice_is_made_by_what_happens_first_outside():
    walk = explore(16, given=(sent("accepted"), sent("declined")), clock="any")
    ways = {"accepted": "contract", "declined": "farewell", "time": "reminder"}
    for event, way in ways.items():
        for step in walk.after(event):
            if step.before["answer"].status == "waiting":
                assert step.after.at_work() == {way}, step.after.trail
    assert walk.outcomes() == {frozenset({"offer", "answer", way}) for way in ways.values()}
    for world in walk.worlds():
        if world["answer"].status in {"ready", "waiting"}:
            assert not set(ways.values()) & world.at_work(), world.trail


@pytest.mark.parametrize(
    ("number", "steps", "before"),
    [
        (17, {"blood", "x_ray", "surgery"}, {"surgery": {"blood"}}),
        (40, {"oil", "lights", "brakes"}, {"drive": {"oil", "lights", "brakes"}}),
    ],
)
def test_17_and_40_interleaved_routing_runs_one_at_a_time_and_each_once(number, steps, before):
    walk = explore(number)
    for world in walk.worlds():
        assert len(world.at_work() & steps) <= 1, world.trail
    for step, others in before.items():
        for _, record in walk.begun(step):
            assert others <= complete(record)
    for step in {*steps, *before}:
        assert walk.often(step) == {1}
    assert walk.statuses() == {"complete"}


def test_18_milestone_is_open_from_one_step_to_the_end_of_another():
    walk = explore(18, given=(sent("change"),))
    for step in walk.after("change"):
        reached = "book" in step.before.complete and not step.before["issue"].status.ended
        assert (step.after.runs("change_seat") == 1) == reached, step.after.trail
        if not reached:
            assert not step.after.run.signals.get("change\0", ())
    assert walk.often("change_seat") == {0, 1}
    assert walk.statuses() == {"complete"}


def test_39_critical_section_has_one_group_under_way_at_any_time():
    walk = explore(39, answering(lodge=[{}, "Broken"]))
    for world in walk.worlds():
        assert sum(_begun(world, block) for block in ("deposit", "payment")) <= 1, world.trail
    together = [world.at_work() for world in walk.worlds()]
    assert any("letter" in some and len(some) == 2 for some in together)
    assert walk.statuses() == {"complete", "failed"}
    for end in walk.ends:
        if end.run.status == "complete":
            assert end.complete == {"deposit", "payment", "letter"}


def _begun(world: World, block: str) -> bool:
    return world[block].status == "in_progress"
