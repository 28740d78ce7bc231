"""Templates give fresh plain values with every expression in them evaluated."""

import pickle

import pytest

from runfox import expressions
from runfox.errors import ExpressionFailed, ExpressionInvalid


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (5, 5),
        ("text", "text"),
        (None, None),
        ({}, {}),
        ([], []),
        ({"a": 1, "b": [2, {"c": 3}]}, {"a": 1, "b": [2, {"c": 3}]}),
        ({"var": "x"}, 7),
        ({"a": {"var": "x"}}, {"a": 7}),
        ({"a": {"b": [{"c": {"var": "x"}, "d": 1}]}}, {"a": {"b": [{"c": 7, "d": 1}]}}),
        ([{"var": "x"}, {"+": [{"var": "x"}, 1]}], [7, 8]),
        ({"a": {"literal": {"var": "x"}}}, {"a": {"var": "x"}}),
        ({"literal": {"a": {"var": "x"}}}, {"a": {"var": "x"}}),
        ({"a": [{"literal": {"max": 5}}, 1]}, {"a": [{"max": 5}, 1]}),
        ({"a": {"nooperator": {"var": "x"}}}, {"a": {"nooperator": 7}}),
        ({"a": {"var": "gone"}}, {"a": None}),
        ({"z": {"var": "x"}, "a": 1, "m": {"k": [0]}}, {"z": 7, "a": 1, "m": {"k": [0]}}),
    ],
)
def test_a_template_gives_its_value(source, value):
    made = expressions.template(source)({"x": 7})
    assert made == value
    if isinstance(value, dict):
        assert list(made) == list(value)


def scrambled(value):
    """Change every container in place, so that whatever shares one shows it."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in list(inner):
        scrambled(part)
    if isinstance(value, dict):
        value["changed"] = True
    elif isinstance(value, list):
        value.append("changed")


@pytest.mark.parametrize(
    "source",
    [
        {"a": [1, {"b": []}], "c": {}},
        {"flat": 1},
        [{"d": {}}],
        {"literal": {"x": [1]}},
        {"a": {"literal": [[]]}, "b": {"var": "data"}},
        {"var": "data"},
        [{"var": "data"}, {"var": "data.list"}, {"if": [True, [1, [2]]]}],
        {"merge": [[[1]], {"var": "data.list"}]},
        {"a": {"literal": {"x": 1}}, "b": {"var": "data.list.0"}},
    ],
)
def test_what_a_template_gives_shares_nothing(source):
    data = {"data": {"list": [[1]], "map": {"k": {}}}}
    made = expressions.template(source)
    first = made(data)
    before = repr((first, data, source))
    scrambled(made(data))
    assert repr((made(data), data, source)) == before


def test_a_template_knows_its_expressions_and_what_they_read():
    made = expressions.template({"a": {"var": "x.y"}, "b": [1, {"count": {"vars": "l[*]"}}]})
    assert [(path, expression.source) for path, expression in made.expressions] == [
        (("a",), {"var": "x.y"}),
        (("b", 1), {"count": {"vars": "l[*]"}}),
    ]
    assert made.reads == {("x", "y"), ("l", "*")}
    assert (made.dynamic, made.constant) == (False, False)
    assert expressions.template({"a": {"var": {"var": "p"}}}).dynamic is True
    assert expressions.template({"a": [1], "b": {"literal": {"var": "x"}}}).constant is True


def test_a_failure_names_its_place_from_the_top_of_the_template():
    made = expressions.template(
        {"ok": {"var": "a"}, "in": [{"and": [True, {"+": [{"var": "x"}, 1]}]}]}
    )
    with pytest.raises(ExpressionFailed) as failed:
        made({"a": 1})
    assert failed.value.path == ("in", 0, "and", 1)
    assert str(failed.value).startswith("+ at in/0/and/1: null is not a number")
    assert 'var "x" is missing; there are: a' in str(failed.value)


def test_every_problem_is_reported_from_the_top_of_the_template():
    source = {"a": {"<": [1]}, "b": [{"and": [{"vra": 1}]}], "c": {"vra": 1}}
    with pytest.raises(ExpressionInvalid) as refused:
        expressions.template(source)
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        (("a",), "wrong-arity"),
        (("b", 0, "and", 0), "unknown-operator"),
    ]
    assert expressions.template_problems(source) == list(refused.value.problems)


def test_what_is_no_json_in_the_data_does_not_get_out():
    with pytest.raises(ExpressionFailed, match="set is not JSON"):
        expressions.template({"a": {"var": "x"}})({"x": {1, 2}})


def test_a_pickled_template_means_the_same():
    made = expressions.template({"a": {"var": "x"}})
    assert pickle.loads(pickle.dumps(made))({"x": [1]}) == {"a": [1]}
    assert repr(made) == "Template({'a': {'var': 'x'}})"
