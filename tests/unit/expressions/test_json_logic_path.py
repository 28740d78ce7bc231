"""Where the dialect that specs were first written in gives the same, and where it does not."""

import logging

import json_logic_path
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfox import expressions
from runfox.errors import ExpressionFailed, ExpressionInvalid

FAILS = ExpressionFailed
REFUSED = ExpressionInvalid

# What deviates: [expression, data, value here or its error, value there or RAISES].
RAISES = "raises"
DEVIATIONS = {
    "a falsy item of a loop is seen as it is": (
        {"map": [{"var": "s"}, {"var": ""}]}, {"s": [0, 1]}, [0, 1], [{}, 1]),
    "a zero score passes a filter for low scores": (
        {"filter": [{"var": "s"}, {"<": [{"var": ""}, 0.5]}]}, {"s": [0, 0.1]}, [0, 0.1], [0.1]),
    "a loop over zeros computes": (
        {"map": [{"var": "s"}, {"*": [{"var": ""}, 2]}]}, {"s": [0, 3]}, [0, 6], RAISES),
    "arrays inside operators are evaluated": (
        {"in": ["a", [{"var": "x"}, "b"]]}, {"x": "a"}, True, False),
    "a malformed vars path is refused, not an empty match": (
        {"vars": "steps[*.output"}, {}, REFUSED, []),
    "an empty vars path is refused, not an empty match": ({"vars": ""}, {"a": 1}, REFUSED, []),
    "a filter inside a vars path is refused in favour of the operator": (
        {"vars": "a[?(@.b==1)]"}, {"a": [{"b": 1}]}, REFUSED, [{"b": 1}]),
    "1.0 is loosely equal to '1'": ({"==": [1.0, "1"]}, {}, True, False),
    "0 is loosely equal to ''": ({"==": [0, ""]}, {}, True, False),
    "'1.0' is loosely equal to 1": ({"==": ["1.0", 1]}, {}, True, False),
    "null is not equal to false": ({"==": [{"var": "ok"}, False]}, {}, False, True),
    "true is not equal to 2": ({"==": [True, 2]}, {}, False, True),
    "true is loosely equal to '1'": ({"==": [True, "1"]}, {}, True, False),
    "lists differ where one has 1 and the other true": ({"==": [[1], [True]]}, {}, False, True),
    "1 and 1.0 are one number for ===": ({"===": [1, 1.0]}, {}, True, False),
    "1.0 is at least '1'": ({">=": [1.0, "1"]}, {}, True, False),
    "a product of integers is an integer": ({"cat": [{"*": [2, 3]}]}, {}, "6", "6.0"),
    "a product of integers is strictly equal to one": ({"===": [{"*": [2, 3]}, 6]}, {}, True, False),
    "a large product keeps its digits": (
        {"cat": [{"*": [9007199254740993, 1]}]}, {}, "9007199254740993", "9007199254740992.0"),
    "an exact quotient is an integer": ({"cat": [{"/": [6, 3]}]}, {}, "2", "2.0"),
    "division takes two arguments": ({"/": [5]}, {}, REFUSED, 5),
    "the remainder has the sign of the dividend": ({"%": [-7, 3]}, {}, -1, 2),
    "the remainder takes numeric text": ({"%": ["7", 2]}, {}, 1, RAISES),
    "the remainder never formats text": ({"%": ["%5d", 1]}, {}, FAILS, "    1"),
    "cat writes true, null and whole numbers as JSON Logic does": (
        {"cat": [True, {"var": "x"}, 1.0]}, {}, "true1", "TrueNone1.0"),
    "cat joins lists with commas": ({"cat": [{"var": "l"}]}, {"l": [1, 2]}, "1,2", "[1, 2]"),
    "cat refuses a mapping": ({"cat": [{"var": "m"}]}, {"m": {"a": 1}}, FAILS, "{'a': 1}"),
    "null is missing": ({"missing": ["a"]}, {"a": None}, ["a"], []),
    "an empty text is missing": ({"missing": ["a"]}, {"a": ""}, ["a"], []),
    "a negative position is not there": ({"var": "l.-1"}, {"l": [1, 2]}, None, 2),
    "an empty mapping is itself": ({}, {}, {}, None),
    "an empty mapping is truthy": ({"!!": [{"var": "m"}]}, {"m": {}}, True, False),
    "max of one list is its greatest item": ({"max": [{"var": "l"}]}, {"l": [1, 3]}, 3, [1, 3]),
    "+ of one list is its sum": ({"+": [{"var": "l"}]}, {"l": [1, 3]}, 4, RAISES),
    "null in an ordering is an error": ({">=": [{"var": "typo"}, 0.7]}, {}, FAILS, False),
    "text that is no number in an ordering is an error": ({"<": ["a", 1]}, {}, FAILS, False),
    "lists have no order": ({"<": [{"var": "a"}, {"var": "b"}]}, {"a": [1], "b": [2]}, FAILS, True),
    "> and >= take more than two arguments": ({">": [3, 2, 1]}, {}, True, RAISES),
    "the branch not taken is not evaluated": ({"if": [False, {"/": [1, 0]}, 1]}, {}, 1, RAISES),
    "and stops at the first falsy value": ({"and": [False, {"/": [1, 0]}]}, {}, False, RAISES),
    "or stops at the first truthy value": ({"or": [True, {"/": [1, 0]}]}, {}, True, RAISES),
    "?: evaluates one side": ({"?:": [True, 1, {"/": [1, 0]}]}, {}, 1, RAISES),
    "an unknown operator is refused before it is reached": (
        {"if": [True, 1, {"nope": 1}]}, {}, REFUSED, RAISES),
    "var without a path is all the data": ({"var": []}, {"a": 1}, {"a": 1}, RAISES),
    "data that is no mapping is seen as it is": ({"var": ""}, 0, 0, {}),
    "+ reads exponents": ({"+": ["1e3"]}, {}, 1000.0, RAISES),
    "in looks for a number in text": ({"in": [1, "123"]}, {}, True, RAISES),
    "in does not find 1 for true": ({"in": [1, {"var": "l"}]}, {"l": [True]}, False, True),
    "max of an empty list is an error that says so": ({"max": {"var": "l"}}, {"l": []}, FAILS, []),
    "a mapping of several keys is data": (
        {"if": [True, {"a": 1, "b": 2}]}, {}, {"a": 1, "b": 2}, RAISES),
    "count of a text is its length": ({"count": "abc"}, {}, 3, 1),
    "count of a mapping is its size": ({"count": {"var": "m"}}, {"m": {"a": 1, "b": 1}}, 2, 1),
    "a loop over a mapping is an error": ({"map": [{"var": "m"}, 1]}, {"m": {"a": 1}}, FAILS, [1]),
    "a loop over a text is an error": ({"map": [{"var": "t"}, 1]}, {"t": "ab"}, FAILS, [1, 1]),
    "all exists": ({"all": [[1], True]}, {}, True, RAISES),
    "some exists": ({"some": [[1], True]}, {}, True, RAISES),
    "none exists": ({"none": [[1], True]}, {}, False, RAISES),
    "substr exists": ({"substr": ["abc", 1]}, {}, "bc", RAISES),
    "?? exists": ({"??": [None, 1]}, {}, 1, RAISES),
    "literal exists": ({"literal": {"var": "x"}}, {}, {"var": "x"}, RAISES),
    "and needs an argument": ({"and": []}, {}, REFUSED, True),
    "or needs an argument": ({"or": []}, {}, REFUSED, False),
    "an integer beyond 64 bits is an error": ({"+": [2**63 - 1, 1]}, {}, FAILS, 2**63),
}  # fmt: skip


def theirs(expr, data):
    try:
        return json_logic_path.jsonLogic(expr, data)
    except Exception:
        return RAISES


@pytest.mark.parametrize(("expr", "data", "here", "there"), DEVIATIONS.values(), ids=DEVIATIONS)
def test_this_deviates_from_json_logic_path(expr, data, here, there):
    if isinstance(here, type) and issubclass(here, Exception):
        with pytest.raises(here):
            expressions.evaluate(expr, data)
    else:
        value = expressions.evaluate(expr, data)
        assert (value, type(value)) == (here, type(here))
    assert theirs(expr, data) == there


def test_log_writes_nothing(caplog):
    with caplog.at_level(logging.DEBUG):
        assert expressions.evaluate({"log": "secret"}) == "secret"
    assert caplog.records == []


# Within these bounds the two agree: numbers above zero, text that spells no number, no null.
names = st.sampled_from(["n", "m.n"])
data = st.fixed_dictionaries(
    {
        "n": st.integers(1, 99),
        "m": st.fixed_dictionaries({"n": st.integers(1, 99)}),
        "t": st.sampled_from(["red", "green"]),
        "l": st.lists(st.integers(1, 9), max_size=5),
        "d": st.dictionaries(
            st.sampled_from("xyz"), st.fixed_dictionaries({"n": st.integers(1, 9)})
        ),
    }
)
numbers = st.deferred(
    lambda: st.one_of(
        st.integers(1, 99),
        names.map(lambda name: {"var": name}),
        st.just({"var": ["nothing", 3]}),
        st.tuples(st.sampled_from("+-"), numbers, numbers).map(lambda t: {t[0]: [t[1], t[2]]}),
        st.tuples(st.sampled_from(["min", "max"]), numbers, numbers).map(
            lambda t: {t[0]: [t[1], t[2]]}
        ),
        lists.map(lambda items: {"count": [items]}),
        lists.map(
            lambda items: {
                "reduce": [items, {"+": [{"var": "accumulator"}, {"var": "current"}]}, 0]
            }
        ),
        st.tuples(truths, numbers, numbers).map(lambda t: {"if": list(t)}),
    )
)
lists = st.deferred(
    lambda: st.one_of(
        st.just({"var": "l"}),
        st.sampled_from(["l[*]", "$.d.*.n", "d[*].n", "d.x", "l[0]"])
        .map(lambda p: {"vars": p})
        .filter(lambda e: e["vars"] != "d.x"),
        st.tuples(lists, st.integers(1, 9)).map(
            lambda t: {"filter": [t[0], {"<": [{"var": ""}, t[1]]}]}
        ),
        lists.map(lambda items: {"map": [items, {"+": [{"var": ""}, 1]}]}),
        st.tuples(lists, lists).map(lambda t: {"merge": list(t)}),
    )
)
truths = st.deferred(
    lambda: st.one_of(
        st.booleans(),
        st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers, numbers).map(
            lambda t: {t[0]: [t[1], t[2]]}
        ),
        st.sampled_from(["red", "blue"]).map(lambda word: {"==": [{"var": "t"}, word]}),
        st.tuples(numbers, lists).map(lambda t: {"in": list(t)}),
        truths.map(lambda truth: {"!": [truth]}),
        st.tuples(st.sampled_from(["and", "or"]), truths, truths).map(
            lambda t: {t[0]: [t[1], t[2]]}
        ),
        st.just({"missing": ["n", "nothing"]}).map(lambda m: {"==": [m, ["nothing"]]}),
    )
)


@given(st.one_of(numbers, lists, truths), data)
def test_where_it_conforms_json_logic_path_gives_the_same(expr, data):
    assert expressions.evaluate(expr, data) == json_logic_path.jsonLogic(expr, data)
