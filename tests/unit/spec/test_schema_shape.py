"""The short way passes only what the standard's own schema passes, and what authors write is passed by it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from runfox.spec.schema_shape import plain_default, plainly_right

SCALARS = st.sampled_from(
    [None, True, 0, 1, -1, 1.5, 2.0, "", "string", "integer", "a", "#/$defs/a", "a#b", "#a b", "#%"]
)
KEYWORDS = st.sampled_from(
    [
        "type",
        "properties",
        "required",
        "items",
        "enum",
        "const",
        "default",
        "title",
        "minimum",
        "maxLength",
        "minItems",
        "pattern",
        "format",
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "not",
        "if",
        "then",
        "prefixItems",
        "uniqueItems",
        "multipleOf",
        "$defs",
        "examples",
        "$id",
        "$schema",
        "$anchor",
        "unknown",
        "deprecated",
        "contains",
        "dependentSchemas",
        "dependentRequired",
        "patternProperties",
    ]
)


def _wider(inner: "st.SearchStrategy[Any]") -> "st.SearchStrategy[Any]":
    return st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(KEYWORDS, inner, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    )


VALUES = st.recursive(SCALARS, _wider, max_leaves=8)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(KEYWORDS, VALUES, max_size=3))
def test_what_is_plainly_right_is_right(source: dict[str, Any]) -> None:
    if plainly_right(source):
        Draft202012Validator.check_schema(source)


@settings(max_examples=400, deadline=None)
@given(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number", "string", "array"]), "default": VALUES}
    )
)
def test_a_default_that_plainly_fits_fits(source: dict[str, Any]) -> None:
    if plain_default(source):
        Draft202012Validator(source).validate(source["default"])


@pytest.mark.parametrize(
    "source",
    [
        {},
        {"type": ["string", "null"], "maxLength": 10, "pattern": "^a", "description": "words"},
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "default": 1}}},
        {"type": "array", "items": {"$ref": "#/$defs/x_1"}, "$defs": {"x_1": {"enum": [1, "a"]}}},
        {"anyOf": [True, {"minimum": 0.5}], "additionalProperties": False},
    ],
)  # fmt: skip
def test_what_authors_write_takes_the_short_way(source: dict[str, Any]) -> None:
    assert plainly_right(source)
