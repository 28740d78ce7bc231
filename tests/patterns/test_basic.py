"""Patterns 1 to 5, basic control flow: what holds on every way that a run can go."""

from tests.patterns.interleavings import answering, complete, explore


def test_01_sequence_each_step_begins_when_the_one_before_it_is_complete():
    walk = explore(1)
    assert [complete(record) for _, record in walk.begun("pack")] == [{"pick"}]
    assert [complete(record) for _, record in walk.begun("ship")] == [{"pick", "pack"}]
    assert walk.outcomes() == {frozenset({"pick", "pack", "ship"})}


def test_02_parallel_split_all_ways_begin_at_once_and_end_in_any_order():
    walk = explore(2)
    assert [step.after.at_work() for step in walk.after("order")] == [{"bill", "pack"}]
    assert {"bill"} in [world.at_work() for world in walk.worlds()]
    assert {"pack"} in [world.at_work() for world in walk.worlds()]
    assert walk.often("bill") == walk.often("pack") == {1}


def test_03_synchronization_waits_for_all_and_runs_once():
    walk = explore(3)
    for world in walk.worlds():
        assert (world.runs("ship") == 1) == ({"bill", "pack"} <= world.complete), world.trail
    assert walk.often("ship") == {1}
    assert walk.statuses() == {"complete"}


def test_04_exclusive_choice_takes_the_one_way_that_data_says():
    walk = explore(4, answering(weigh=[{"grams": 499}, {"grams": 500}]))
    assert walk.outcomes() == {frozenset({"weigh", "letter"}), frozenset({"weigh", "parcel"})}
    assert [step.after.at_work() for step in walk.after("weigh={'grams': 499}")] == [{"letter"}]
    assert [step.after.at_work() for step in walk.after("weigh={'grams': 500}")] == [{"parcel"}]


def test_05_simple_merge_goes_on_after_whichever_way_was_taken():
    walk = explore(5, answering(ask=[{"by": "card"}, {"by": "cash"}]))
    assert walk.outcomes() == {
        frozenset({"ask", "card", "receipt"}),
        frozenset({"ask", "cash", "receipt"}),
    }
    for way in ("card", "cash"):
        assert [step.after.at_work() for step in walk.after(way)] == [{"receipt"}]
    assert walk.often("receipt") == {1}
