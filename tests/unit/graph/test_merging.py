"""How outputs become ``state``: the operators, first values, and what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfox.graph.merging import Unmergeable, initial, merged, unfit
from runfox.spec.data_schema import DataSchema
from runfox.spec.model import Merge, StateKey

NOTHING = object()


def a_key(merge: Merge | None, schema: object = None, **more: Any) -> dict[str, StateKey]:
    made = None if schema is None else DataSchema(schema)
    return {"k": StateKey(merge=merge, schema=made, **more)}


def after(merge: Merge | None, before: object, value: object) -> object:
    state = {} if before is NOTHING else {"k": before}
    keys = a_key(merge)
    assert unfit(keys, state, {"k": value}) is None
    return merged(keys, state, {"k": value})["k"]


@pytest.mark.parametrize(
    ("merge", "before", "value", "expected"),
    [
        (None, 1, "x", "x"),
        (None, NOTHING, None, None),
        ("add", 1, 2, 3),
        ("add", 1, 0.5, 1.5),
        ("add", 2**62, -1, 2**62 - 1),
        ("add", NOTHING, 7, 7),
        ("append", [1], [2], [1, [2]]),
        ("append", [], None, [None]),
        ("append", NOTHING, "x", ["x"]),
        ("append", NOTHING, [1], [[1]]),
        ("union", [1, 2], [2, 3, 3], [1, 2, 3]),
        ("union", [1], 1.0, [1]),
        ("union", [1], True, [1, True]),
        ("union", [{"a": 1}], {"a": 1.0}, [{"a": 1}]),
        ("union", NOTHING, [2, 1, 2], [2, 1]),
        ("union", NOTHING, "x", ["x"]),
        ("max", 1, 2.5, 2.5),
        ("max", 3, 2, 3),
        ("max", "a", "b", "b"),
        ("max", NOTHING, -1, -1),
        ("min", 1, 2.5, 1),
        ("min", "b", "a", "a"),
        ("min", NOTHING, "z", "z"),
    ],
)
def test_what_a_key_becomes(
    merge: Merge | None, before: object, value: object, expected: object
) -> None:
    found = after(merge, before, value)
    assert found == expected
    assert type(found) is type(expected)


def test_of_two_that_are_equal_the_one_that_was_there_stays() -> None:
    assert type(after("max", 1, 1.0)) is int
    assert type(after("min", 1, 1.0)) is int


@pytest.mark.parametrize(
    ("merge", "before", "value", "reason"),
    [
        ("add", 1, "2", "add takes numbers, not a text"),
        ("add", 1, True, "add takes numbers, not true or false"),
        ("add", None, 1, "add takes numbers, not null"),
        ("add", NOTHING, [1], "add takes numbers, not a list"),
        ("add", 2**63 - 1, 1, "beyond 64 bits"),
        ("add", -(2**63), -1, "beyond 64 bits"),
        ("add", 1.5e308, 1.5e308, "beyond what a number can hold"),
        ("append", {"a": 1}, 1, "append takes a list to add to, not a mapping"),
        ("union", "x", 1, "union takes a list to add to, not a text"),
        ("max", 1, "x", "max cannot compare a number and a text"),
        ("max", NOTHING, None, "max takes numbers or texts, not null"),
        ("min", 1, [0], "min takes numbers or texts, not a list"),
        ("min", "x", False, "min takes numbers or texts, not true or false"),
    ],
)
def test_an_operator_refuses_what_it_cannot_take(
    merge: Merge, before: object, value: object, reason: str
) -> None:
    state = {} if before is NOTHING else {"k": before}
    told = unfit(a_key(merge), state, {"other": 1, "k": value})
    assert told is not None
    assert told.startswith("state 'k': ")
    assert reason in told
    with pytest.raises(Unmergeable):
        merged(a_key(merge), state, {"k": value})


def test_keys_that_are_not_declared_take_the_latest_value() -> None:
    keys = a_key("add")
    assert merged(keys, {"k": 1, "x": [1]}, {"k": 1, "x": 2, "y": None}) == {
        "k": 2,
        "x": 2,
        "y": None,
    }
    assert unfit(keys, {}, {"x": object()}) is None


def test_nothing_that_was_there_is_changed() -> None:
    state, output = {"k": [1]}, {"k": [2]}
    merged(a_key("append"), state, output)["k"].append(9)
    merged(a_key("union"), state, output)["k"].append(9)
    assert (state, output) == ({"k": [1]}, {"k": [2]})


def test_the_first_state_is_the_defaults_null_among_them() -> None:
    default: list[int] = []
    keys = {
        "a": StateKey(default=default, has_default=True),
        "b": StateKey(default=None, has_default=True),
        "c": StateKey(),
    }
    first = initial(keys)
    assert first == {"a": [], "b": None}
    first["a"].append(1)
    assert default == []


def test_a_value_has_to_fit_the_type_of_its_key() -> None:
    told = unfit(a_key(None, {"type": "string"}), {}, {"k": 1})
    assert told == "state 'k': $: 1 is not of type 'string'"


def test_it_is_the_merged_value_that_has_to_fit() -> None:
    keys = a_key("add", {"type": "number", "maximum": 10})
    assert unfit(keys, {"k": 6}, {"k": 4}) is None
    assert unfit(keys, {"k": 6}, {"k": 5}) == "state 'k': $: 11 is greater than the maximum of 10"
    lists = a_key("append", {"type": "array", "items": {"type": "integer"}, "maxItems": 2})
    assert unfit(lists, {"k": [1]}, {"k": 2}) is None
    assert unfit(lists, {"k": [1]}, {"k": "x"}) is not None
    assert unfit(lists, {"k": [1, 2]}, {"k": 3}) is not None


@pytest.mark.parametrize("merge", ["append", "union"])
def test_a_new_item_is_judged_without_the_items_before_it(merge: Merge) -> None:
    keys = a_key(merge, {"type": "array", "items": {"type": "integer"}})
    old = ["does not fit, and came before"]
    assert unfit(keys, {"k": old}, {"k": 1}) is None
    assert unfit(keys, {"k": old}, {"k": "x"}) is not None


SCALARS = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.0, 1.0, 1.5, "1", "a"])
)


@given(st.lists(SCALARS), st.lists(SCALARS))
def test_a_union_has_each_value_once_in_the_order_of_their_first(
    a: list[Any], b: list[Any]
) -> None:
    expected: list[Any] = []
    for item in [*a, *b]:
        if not any(
            item == seen and (type(item) is bool) is (type(seen) is bool) for seen in expected
        ):
            expected.append(item)
    start = after("union", NOTHING, a)
    assert after("union", start, b) == expected


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1), st.randoms())
def test_add_max_and_min_do_not_ask_who_came_first(values: list[int], order: Any) -> None:
    for merge, expected in (("add", sum(values)), ("max", max(values)), ("min", min(values))):
        shuffled = values[:]
        order.shuffle(shuffled)
        state: object = NOTHING
        for value in shuffled:
            state = after(merge, state, value)
        assert state == expected
