"""What an expression reads is known before it runs."""

import copy
import pickle

import pytest

from runfox import expressions


@pytest.mark.parametrize(
    ("expr", "reads"),
    [
        (1, set()),
        ({"var": "steps.a.output.x"}, {("steps", "a", "output", "x")}),
        ({"var": ""}, {()}),
        ({"var": 1}, {("1",)}),
        ({"var": ["a", {"var": "b"}]}, {("a",), ("b",)}),
        ({"vars": "steps[*].output.score"}, {("steps", "*", "output", "score")}),
        ({"vars": "$.a[0]['b c'].*"}, {("a", 0, "b c", "*")}),
        ({"vars": "$"}, {()}),
        ({"missing": ["a", "b.c"]}, {("a",), ("b", "c")}),
        ({"missing_some": [1, ["a", "b.c"]]}, {("a",), ("b", "c")}),
        ({"and": [{"var": "a"}, [{"var": "b"}], {"!": {"var": "c"}}]}, {("a",), ("b",), ("c",)}),
        ({"map": [{"var": "l"}, {"var": "x"}]}, {("l",)}),
        ({"filter": [{"var": "l"}, {"some": [{"var": "x"}, {"var": "y"}]}]}, {("l",)}),
        (
            {"reduce": [{"var": "l"}, {"+": [{"var": "current"}, {"var": "x"}]}, {"var": "start"}]},
            {("l",), ("start",)},
        ),
        ({"literal": {"var": "a"}}, set()),
        ({"if": [True, {"a": {"var": "x"}, "b": 1}]}, set()),
    ],
)
def test_the_paths_read_from_the_data_are_known(expr, reads):
    compiled = expressions.compile(expr)
    assert compiled.reads == reads
    assert compiled.dynamic is False
    assert compiled.constant is (not reads)


@pytest.mark.parametrize(
    "expr",
    [
        {"var": {"var": "which"}},
        {"vars": {"cat": ["a", {"var": "which"}]}},
        {"missing": [{"var": "which"}]},
        {"missing_some": [1, {"var": "which"}]},
    ],
)
def test_a_computed_path_makes_an_expression_dynamic(expr):
    compiled = expressions.compile(expr)
    assert compiled.dynamic is True
    assert compiled.constant is False
    assert compiled.reads == {("which",)}


def test_a_computed_path_inside_a_loop_reads_the_item_only():
    compiled = expressions.compile({"map": [[1], {"var": {"var": "which"}}]})
    assert (compiled.dynamic, compiled.reads, compiled.constant) == (False, frozenset(), True)


def test_is_logic_is_a_mapping_whose_only_key_is_an_operator():
    assert expressions.is_logic({"var": "x"})
    assert expressions.is_logic({"literal": 1})
    assert not any(map(expressions.is_logic, [{}, {"a": 1}, {"var": 1, "in": 2}, [], "var", None]))


def test_the_source_and_a_pickled_copy_mean_the_same():
    compiled = expressions.compile({"+": [{"var": "a"}, 1]})
    assert compiled.source == {"+": [{"var": "a"}, 1]}
    for twin in (pickle.loads(pickle.dumps(compiled)), copy.deepcopy(compiled)):
        assert twin({"a": 1}) == 2
        assert twin.reads == compiled.reads
    assert repr(compiled) == "Expression({'+': [{'var': 'a'}, 1]})"


def test_the_operator_table_is_complete_data():
    for name, operator in expressions.OPERATORS.items():
        assert operator.name == name
        assert operator.least >= 0
        assert operator.most is None or operator.most >= operator.least
        assert operator.summary[0].isupper()
        assert not operator.summary.endswith(".")
    lazy = {name for name, operator in expressions.OPERATORS.items() if operator.lazy}
    assert lazy == {"if", "?:", "and", "or", "all", "some", "none", "??", "var"}
