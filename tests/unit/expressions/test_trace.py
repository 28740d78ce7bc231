"""The tracer shows what every part came to."""

import pytest

from runfox import expressions
from runfox.errors import ExpressionInvalid


def shown(expr, data):
    return {visit.path: visit.value for visit in expressions.trace(expr, data)}


def test_every_part_that_was_reached_has_its_value():
    expr = {"and": [{">": [{"var": "a"}, 1]}, {"==": [{"var": "s"}, "x"]}]}
    assert shown(expr, {"a": 2, "s": "x"}) == {
        (): True,
        ("and", 0): True,
        ("and", 0, ">", 0): 2,
        ("and", 1): True,
        ("and", 1, "==", 0): "x",
    }


def test_a_part_that_was_not_reached_has_none():
    expr = {"if": [{"var": "a"}, {"var": "b"}, {"var": "c"}]}
    assert shown(expr, {"a": 0, "c": 3}) == {(): 3, ("if", 0): 0, ("if", 2): 3}


def test_a_failure_is_in_the_list():
    (outer, inner, read) = expressions.trace({"!": {"+": [{"var": "x"}, 1]}}, {})
    assert (outer.error, inner.error, read.error) == (
        "null is not a number", "null is not a number", None,
    )  # fmt: skip
    assert (inner.path, inner.source) == (("!",), {"+": [{"var": "x"}, 1]})


def test_a_loop_counts_its_turns_and_shows_the_last():
    visits = expressions.trace({"map": [[1, 2, 3], {"*": [{"var": ""}, 2]}]}, {})
    body = next(visit for visit in visits if visit.path == ("map", 1))
    assert (body.value, body.scope, body.times) == (6, 3, 3)


def test_a_literal_has_no_parts():
    assert expressions.trace([1, {"literal": 2}], {}) == []


def test_an_invalid_expression_is_refused():
    with pytest.raises(ExpressionInvalid):
        expressions.trace({"vra": 1}, {})
