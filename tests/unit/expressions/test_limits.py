"""No expression takes the process down, whatever its author had in mind."""

import tracemalloc

import pytest

from runfox import expressions
from runfox.errors import ExpressionFailed, ExpressionInvalid

ACC = {"var": "accumulator"}
NUMBERS = {"xs": list(range(60))}
MEGABYTE = 1_000_000


def folded(body, start):
    return {"reduce": [{"var": "xs"}, body, start]}


def nested(levels, wrap, inner):
    for _ in range(levels):
        inner = wrap(inner)
    return inner


def mapped(levels):
    return nested(levels, lambda e: {"map": [{"literal": list(range(20))}, e]}, {"var": ""})


BOMBS = {
    "cat doubling": (folded({"cat": [ACC, ACC]}, "x"), NUMBERS, "1,048,576 characters"),
    "merge doubling": (folded({"merge": [ACC, ACC]}, [1]), NUMBERS, "100,000 items"),
    "lists of lists doubling": (folded([ACC, ACC], 1), NUMBERS, "bytes of new values"),
    "lists in lists": (folded([ACC], 1), {"xs": list(range(300))}, "nested deeper"),
    "text of doubling lists": (folded({"cat": [[ACC, ACC]]}, "x"), NUMBERS, "1,048,576 characters"),
    "squaring": (folded({"*": [ACC, ACC]}, 3), NUMBERS, "beyond 64 bits"),
    "squaring floats": (folded({"*": [ACC, ACC]}, 3.5), NUMBERS, "not a finite number"),
    "nested maps": (mapped(6), {}, "operations"),
    "a loop with a heavy body": (
        {"map": [{"var": "xs"}, {"literal": [0] * 9000}]}, {"xs": [0] * 5000}, "operations"),
    "a loop over a list that is too long": (
        {"map": [{"var": "xs"}, 1]}, {"xs": [0] * 100_001}, "100,000 items"),
    "vars that finds too much": (
        {"vars": "xs[*][*]"}, {"xs": [[0] * 1000] * 101}, "100,000 items"),
    "many large texts": (
        {"merge": [{"cat": [{"var": "s"}, "x"]}] * 1000}, {"s": "s" * 900_000}, "bytes of new"),
    "many parts of a large text": (
        {"map": [{"var": "xs"}, {"substr": [{"var": ""}, 1]}]}, {"xs": ["s" * MEGABYTE] * 99},
        "bytes of new"),
    "missing in a loop": (
        folded({"missing": ACC}, {"literal": ["a"] * 1000}), NUMBERS, "operations"),
    "a computed path without end": (
        {"var": {"var": "p"}}, {"p": "a." * MEGABYTE}, "too long"),
    "a number of a million digits": ({"+": ["9" * MEGABYTE, 1]}, {}, "is not a number"),
    "equality of values nested too deeply": (
        {"==": [{"var": "a"}, {"var": "b"}]},
        {"a": nested(3000, lambda x: [x], 1), "b": nested(3000, lambda x: [x], 1)},
        "nested too deeply"),
}  # fmt: skip


@pytest.mark.parametrize(("expr", "data", "message"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_stopped_and_the_limit_named(expr, data, message):
    compiled = expressions.compile(expr)
    tracemalloc.start()
    with pytest.raises(ExpressionFailed) as failed:
        compiled(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert message in str(failed.value)
    assert peak < 50 * MEGABYTE


def test_the_place_of_the_bomb_is_named():
    with pytest.raises(ExpressionFailed, match=r"^cat at and/1/reduce/1: ") as failed:
        expressions.evaluate({"and": [True, folded({"cat": [ACC, ACC]}, "x")]}, NUMBERS)
    assert failed.value.path == ("and", 1, "reduce", 1)


HUGE = {
    "lists": nested(1_000_000, lambda x: [x], 1),
    "operators": nested(1_000_000, lambda x: {"!": [x]}, 1),
    "unary operators": nested(1_000_000, lambda x: {"!": x}, 1),
    "a literal": {"literal": nested(1_000_000, lambda x: [x], 1)},
    "data": {"if": [True, {"a": 1, "b": nested(1_000_000, lambda x: {"b": x}, 1)}]},
}


@pytest.mark.parametrize("expr", HUGE.values(), ids=HUGE)
def test_a_million_levels_are_refused(expr):
    assert [problem.code for problem in expressions.problems(expr)] == ["too-deep"]
    with pytest.raises(ExpressionInvalid, match="100 levels"):
        expressions.template({"a": expr})


def test_a_hundred_levels_are_fine():
    assert expressions.evaluate(nested(100, lambda x: {"!": [x]}, False)) is False
    assert expressions.problems(nested(101, lambda x: {"!": [x]}, False))[0].code == "too-deep"


def test_an_expression_that_contains_itself_is_refused():
    endless = {"and": [True]}
    endless["and"].append(endless)
    data = [1]
    data.append(data)
    assert expressions.problems(endless)[0].code == "too-deep"
    assert expressions.problems({"literal": data})[0].code == "too-deep"
    assert expressions.template_problems({"a": data})[0].code == "too-deep"


def test_more_than_ten_thousand_parts_are_refused():
    assert expressions.problems([1] * 9_000) == []
    assert [p.code for p in expressions.problems([1] * 11_000)] == ["too-large"]
    assert [p.code for p in expressions.problems({"literal": [1] * 11_000})] == ["too-large"]


def test_a_template_holds_more_plain_data_than_an_expression():
    assert len(expressions.template({"literal": [1] * 50_000})(None)) == 50_000
    assert expressions.template_problems([1] * 300_000)[0].code == "too-large"


def test_the_list_of_problems_has_an_end():
    assert len(expressions.problems([{"nope": 1}] * 5_000)) == 50


def test_a_template_of_many_references_to_large_data_is_stopped():
    made = expressions.template([{"var": "big"}] * 1000)
    with pytest.raises(ExpressionFailed, match="bytes of new values"):
        made({"big": list(range(50_000))})


def test_what_a_loop_may_do_is_enough_for_a_hundred_thousand_items():
    expr = {"filter": [{"var": "xs"}, {">=": [{"var": ""}, 50_000]}]}
    assert len(expressions.evaluate(expr, {"xs": list(range(100_000))})) == 50_000


def test_one_evaluation_leaves_the_budget_of_the_next_alone():
    expr = expressions.compile({"map": [{"var": "xs"}, {"+": [{"var": ""}, 1]}]})
    for _ in range(10):
        assert len(expr({"xs": [1] * 90_000})) == 90_000
