"""A place in a limit is taken by a run that begins, and by no other: what never began would hold it for ever."""

import pytest

from runfox.graph import Claim, Full, Outside
from tests.unit.graph.runs import Run, failure, var

LIMIT = {"key": "k", "max": 1}
TAKEN = Claim("k", "a", 0, 1, None, None)


def test_a_run_that_begins_takes_its_place():
    assert Run({"id": "a", "limit": LIMIT}).told.elsewhere.claims == (TAKEN,)


@pytest.mark.parametrize(
    "step",
    [
        {"input": {"n": {"+": [var("input.none"), 1]}}},
        {"foreach": {"items": {"var": "input.none"}}},
        {"do": [{"id": "p", "when": {"<": [var("input.none"), 1]}}]},
        {"wait": {"for": var("input.none")}},
    ],
)
def test_a_run_that_fails_before_it_begins_or_in_the_same_decision_takes_none(step):
    run = Run({"id": "a", "limit": LIMIT, **step})
    assert run["a"].status == "failed"
    assert run.told.elsewhere.claims == ()


def test_a_run_that_is_withdrawn_in_the_decision_it_had_to_wait_in_waits_for_no_place():
    full = Outside(full={"k": Full(())})
    run = Run({"id": "a", "limit": LIMIT}, {"id": "b", "when": var("input.go")}, {"id": "c"})
    assert run.told.elsewhere.claims == (TAKEN,)
    broken = {"id": "z", "input": {"n": {"+": [var("input.none"), 1]}}}
    run = Run({"id": "a", "limit": LIMIT}, broken, outside=full, on_failure="rollback")
    assert run["a"].status == "cancelled"
    assert run.told.elsewhere.blocked == ()


def test_a_place_is_left_when_the_run_fails():
    run = Run({"id": "a", "limit": LIMIT}).step(failure("a"))
    assert run.told.elsewhere.freed == (("a", 0),)
