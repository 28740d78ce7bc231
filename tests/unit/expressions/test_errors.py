"""A failure names the place, what was wrong there, and the way out."""

import pytest

from runfox import expressions
from runfox.errors import ExpressionFailed, ExpressionInvalid


def failure(expr, data):
    with pytest.raises(ExpressionFailed) as failed:
        expressions.evaluate(expr, data)
    return failed.value


def test_a_missing_path_is_named_with_what_is_there_and_the_way_out():
    error = failure(
        {"and": [True, {">=": [{"var": "scores.unsafe"}, 0.7]}]},
        {"scores": {"score": 1, "label": "x"}},
    )
    assert str(error) == (
        ">= at and/1: null is not a number "
        '(var "scores.unsafe" is missing; in "scores" there are: score, label). '
        'Correct the path, or give a default: {"??": [{"var": "scores.unsafe"}, 0]}.'
    )
    assert error.path == ("and", 1)
    assert error.values == (None, 0.7)


@pytest.mark.parametrize(
    ("data", "note"),
    [
        ({"b": 1, "c": 2}, 'var "a.x" is missing; there are: b, c'),
        ({}, 'var "a.x" is missing; there is nothing'),
        ({"a": None}, 'var "a.x" is missing; "a" is null'),
        ({"a": [1, 2]}, 'var "a.x" is missing; in "a" there are 2 items'),
        ({"a": "text"}, 'var "a.x" is missing; "a" is "text"'),
        ({"a": {"x": None}}, 'var "a.x" is null'),
        (None, 'var "a.x" is missing; what it is looked for in is null'),
        ({f"k{n}": 1 for n in range(20)}, "k6, k7, ..."),
    ],
)
def test_what_is_there_instead_is_said(data, note):
    assert note in str(failure({"+": [1, {"var": "a.x"}]}, data))


def test_other_values_are_shown_where_nothing_is_missing():
    assert str(failure({"+": [{"var": "a"}, 1]}, {"a": "x" * 99})).endswith(
        f'is not a number (it was given "{"x" * 37}...", 1)'
    )


def test_inside_a_loop_the_scope_is_the_item():
    error = failure(
        {"filter": [{"var": "steps"}, {">": [{"var": "score"}, 1]}]},
        {"steps": [{"score": 2}, {"points": 3}]},
    )
    assert str(error).startswith("> at filter/1: null is not a number")
    assert "there are: points" in str(error)
    assert error.path == ("filter", 1)


def test_the_innermost_place_is_named():
    error = failure({"if": [{"and": [{"!": {"/": [1, {"var": "n"}]}}]}, 1, 2]}, {"n": 0})
    assert error.path == ("if", 0, "and", 0, "!")
    assert str(error) == "/ at if/0/and/0/!: division by zero (it was given 1, 0)"
    assert error.values == (1, 0)


def test_the_place_of_an_error_at_the_top_is_its_operator():
    assert str(failure({"/": [1, 0]}, {})).startswith("/: division by zero")


def test_a_default_prevents_the_failure():
    assert expressions.evaluate({">=": [{"var": ["scores.unsafe", 0]}, 0.7]}, {}) is False
    assert expressions.evaluate({">=": [{"??": [{"var": "scores.unsafe"}, 0]}, 0.7]}, {}) is False


def test_every_problem_is_reported_with_its_place():
    expr = {"and": [{"vra": "x"}, {"<": [1]}, {"!": {"vars": "a..b"}}, {"literal": {"q": {1, 2}}}]}
    found = {problem.path: problem.code for problem in expressions.problems(expr)}
    assert found == {
        ("and", 0): "unknown-operator",
        ("and", 1): "wrong-arity",
        ("and", 2, "!", "vars"): "bad-path",
        ("and", 3, "literal"): "not-json",
    }


def test_an_unknown_operator_is_answered_with_the_nearest_and_with_literal():
    with pytest.raises(ExpressionInvalid) as refused:
        expressions.compile({"==": [{"vra": "x"}, 1]})
    assert str(refused.value) == (
        "at ==/0: unknown-operator: no operator \"vra\". Did you mean 'var'? "
        'To pass a mapping as data, write {"literal": {...}}.'
    )


def test_a_wrong_number_of_arguments_is_answered_with_the_right_one():
    messages = [str(expressions.problems(expr)[0]) for expr in ({"<": [1]}, {"!": [1, 2]})]
    assert messages == [
        'wrong-arity: "<" takes at least 2 arguments, not 1. Each less than the next.',
        'wrong-arity: "!" takes at most 1 argument, not 2. Whether the argument is falsy.',
    ]


@pytest.mark.parametrize("value", [{1, 2}, b"x", float("nan"), float("inf"), object(), (1,)])
def test_what_is_not_json_is_refused(value):
    for expr in (value, [value], {"+": [1, value]}, {"literal": [value]}, {"a": value, "b": 1}):
        assert [problem.code for problem in expressions.problems(expr)] == ["not-json"]
    assert expressions.template_problems({"a": value})[0].code == "not-json"


def test_keys_that_are_no_text_are_refused():
    assert expressions.problems({1: 2})[0].code == "unknown-operator"
    assert expressions.problems({1: 2, 3: 4})[0].code == "not-json"
