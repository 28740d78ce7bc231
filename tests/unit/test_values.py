"""Payloads: what may be one, how large it is, and its one text."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfox import values
from runfox.values import NotJson, TooBig

LIMIT = 10_000

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(json_values)
def test_a_json_value_comes_back_as_it_was_and_as_a_copy(value):
    copy = values.checked(value, limit=LIMIT)
    assert copy == value
    assert repr(copy) == repr(value)
    if isinstance(value, dict | list):
        assert copy is not value


@given(json_values)
def test_text_and_parse_are_inverse(value):
    assert repr(values.parse(values.text(value))) == repr(value)
    assert values.text(value) == json.dumps(value, separators=(",", ":"))


@given(json_values)
def test_text_is_ascii(value):
    assert values.text(value).isascii()
    assert values.canonical(value).isascii()


@given(st.dictionaries(st.text(max_size=3), st.integers(), min_size=2, max_size=5))
def test_equal_values_have_equal_canonical_text(value):
    turned = dict(reversed(value.items()))
    assert values.canonical(value) == values.canonical(turned)
    assert values.digest(value) == values.digest(turned)


@given(json_values)
def test_size_and_the_check_count_alike(value):
    size = values.size(value)
    assert values.checked(value, limit=size * 2 + 20) == value
    if isinstance(value, dict) and size > 100:
        with pytest.raises(TooBig):
            values.checked(value, limit=10)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (math.nan, "nan is no JSON number"),
        ({"a": [1, math.inf]}, "['a'][1]: inf is no JSON number"),
        ({"a": {1, 2}}, "['a']: set cannot be stored as JSON; return a list"),
        ((1, 2), "tuple cannot be stored as JSON; return a list"),
        (b"x", "bytes cannot be stored as JSON; decode it"),
        ({1: 2}, "key 1 is no string"),
        ({"a": object()}, "['a']: object cannot be stored as JSON; return dicts"),
        (2**63, "beyond 64 bits"),
        ({"a": {"b": -(2**63) - 1}}, "['a']['b']: an integer beyond 64 bits"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place_and_the_way_out(value, reason):
    with pytest.raises(NotJson) as caught:
        values.checked(value, limit=LIMIT)
    assert reason in str(caught.value)


def test_a_cycle_is_refused():
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(NotJson, match="contains itself"):
        values.checked({"a": loop}, limit=10**9)


def test_the_walk_of_something_too_big_stops_at_the_limit():
    class Counted(dict):
        seen = 0

    item = ["x" * 1000] * 100_000
    with pytest.raises(TooBig, match="10000 bytes"):
        values.checked({"a": item}, limit=LIMIT)


def test_a_dict_of_another_class_is_no_payload():
    class Special(dict):
        pass

    with pytest.raises(NotJson, match="Special"):
        values.checked({"a": Special()}, limit=LIMIT)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ('{"a": NaN}', "NaN is no JSON number"),
        ('{"a": 1, "a": 2}', "duplicate key 'a'"),
        ('{"a": }', "line 1 column 7"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_parsing_refuses_what_is_not_strict_json(source, reason):
    with pytest.raises(ValueError, match=reason):
        values.parse(source)


def test_plain_copies_views_out():
    from types import MappingProxyType

    view = MappingProxyType({"a": (1, MappingProxyType({"b": None}))})
    assert values.plain(view) == {"a": [1, {"b": None}]}
