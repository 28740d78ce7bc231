"""Patterns 10, 21 and 22, iteration, on every way a run can go."""

from tests.patterns.interleavings import answering, complete, explore


def test_10_arbitrary_cycles_have_several_ways_in_and_out():
    ways = ["redraft", "reread", "drop", "fine"]
    walk = explore(
        10,
        answering(
            review=lambda job: [{"say": "fine"}] + [{"say": "redraft"}] * (job.run_id < 3),
            proof=lambda job: [{"say": say} for say in (ways if job.run_id < 3 else ways[2:])],
        ),
    )
    for step in [*walk.after("review={'say': 'redraft'}"), *walk.after("proof={'say': 'redraft'}")]:
        assert step.after.at_work() == {"draft"}
        assert step.after.complete == set()
    for step in walk.after("proof={'say': 'reread'}"):
        assert step.after.at_work() == {"review"}
        assert step.after["draft"] == step.before["draft"]
        assert step.after.complete == {"draft"}
    for _, record in walk.begun("print"):
        assert complete(record) == {"draft", "review", "proof"}
    read = {"draft", "review", "proof"}
    assert walk.outcomes() == {frozenset(read), frozenset({*read, "print"})}
    assert walk.often("draft") > {1, 2, 3}


def test_21_structured_loop_repeats_as_a_whole_and_is_left_once():
    walk = explore(21, answering(rest=lambda job: [{"tired": True}, {"tired": job.turn == 3}]))
    for step in walk.after("lap.rest={'tired': False}"):
        assert step.after.at_work() == {"lap.swim"}
    for fact, record in walk.begun("lap.rest"):
        assert record.steps["lap.swim"].status == "complete"
        assert record.steps["lap.swim"].run_id == fact.run_id == record.steps["lap"].turn
    for _, record in walk.begun("shower"):
        assert record.steps["lap"].output == {"tired": True}
    assert walk.often("lap.swim") == walk.often("lap.rest") == {1, 2, 3, 4}
    assert walk.often("shower") == {1}


def test_22_recursion_goes_on_where_each_call_returns():
    walk = explore(22, inputs={"depth": 2})
    for world in walk.worlds():
        for record in world.family.values():
            if record.inputs["depth"] > 0 and record.steps["wrap"].run_id == 0:
                assert record.steps["inner"].status == "complete", world.trail
    for end in walk.ends:
        depths = sorted(record.inputs["depth"] for record in end.family.values())
        assert depths == [0, 1, 2]
        innermost = {"depth": 0, "inside": None}
        inside = {"depth": 1, "inside": innermost}
        assert end.run.outcome == {"depth": 2, "inside": inside}
