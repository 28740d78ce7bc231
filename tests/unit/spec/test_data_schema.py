"""JSON Schemas of a workflow: what fits, what is filled in, what is refused, and what it may cost."""

import subprocess
import sys

import pytest

from runfox.errors import RequestError
from runfox.spec import data_schema, defaults
from runfox.spec.data_schema import MAX_MESSAGE, MAX_TOLD, DataSchema, check

ORDER = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z0-9]+(?:-[a-z0-9]+)*$"},
        "lines": {
            "type": "array",
            "items": {"$ref": "#/$defs/line"},
        },
        "address": {"type": "object", "properties": {"country": {"default": "GB"}}},
    },
    "additionalProperties": False,
    "$defs": {
        "line": {
            "type": "object",
            "properties": {"count": {"type": "integer", "default": 1, "minimum": 1}},
        }
    },
}


# Judging ----------------------------------------------------------------------------------------------


def test_a_value_that_fits_has_no_problems() -> None:
    assert DataSchema(ORDER).problems({"id": "a-1", "lines": [{"count": 2}]}) == []


def test_a_problem_names_its_place_and_its_reason() -> None:
    value = {"id": "a-1", "lines": [{}, {"count": 0}]}
    assert DataSchema(ORDER).problems(value) == [
        "$.lines[1].count: 0 is less than the minimum of 1"
    ]


def test_an_unknown_property_is_answered_with_the_nearest_known_one() -> None:
    assert DataSchema(ORDER).problems({"id": "a", "line": []}) == [
        "$: unknown property 'line'. Did you mean 'lines'?"
    ]


def test_no_more_problems_are_told_than_a_person_reads() -> None:
    told = DataSchema({"items": {"type": "string"}}).problems([1] * 1000)
    assert len(told) == MAX_TOLD


def test_a_message_is_cut_however_large_the_value_is() -> None:
    (told,) = DataSchema({"type": "string"}).problems(["x" * 100_000])
    assert len(told) <= len("$: ") + MAX_MESSAGE


@pytest.mark.parametrize(
    ("source", "fits"), [(True, True), (False, False), ({}, True), ({"not": {}}, False)]
)
def test_true_and_false_are_schemas(source: object, fits: bool) -> None:
    assert (DataSchema(source).problems({"any": 1}) == []) is fits


def test_true_is_no_number_and_one_point_nought_is_an_integer() -> None:
    schema = DataSchema({"type": "integer"})
    assert schema.problems(True)
    assert schema.problems(1.0) == []


def test_a_format_is_not_asserted() -> None:
    assert DataSchema({"format": "date-time"}).problems("no date") == []


@pytest.mark.parametrize(
    "items", [[1, True], [0, False], ["1", 1], [{"a": 1}, {"a": True}], [None, 0]]
)
def test_unlike_items_are_unique(items: list[object]) -> None:
    assert DataSchema({"uniqueItems": True}).problems(items) == []


@pytest.mark.parametrize(
    "items", [[1, 1.0], [{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}], [None, None]]
)
def test_equal_items_are_not_unique(items: list[object]) -> None:
    assert DataSchema({"uniqueItems": True}).problems(items) == ["$: items 0 and 1 are equal"]


def test_patterns_choose_what_a_property_must_be() -> None:
    schema = DataSchema(
        {
            "patternProperties": {"^n_": {"type": "number"}},
            "additionalProperties": {"type": "string"},
        }
    )
    assert schema.problems({"n_a": 1, "b": "x"}) == []
    assert schema.problems({"n_a": "x"}) == ["$.n_a: 'x' is not of type 'number'"]
    assert schema.problems({"b": 1}) == ["$.b: 1 is not of type 'string'"]


def test_what_is_closed_may_still_have_what_a_pattern_allows() -> None:
    schema = DataSchema({"patternProperties": {"^x-": True}, "additionalProperties": False})
    assert schema.problems({"x-mine": 1}) == []
    assert schema.problems({"y": 1}) == ["$: unknown property 'y'"]


# What it may cost -------------------------------------------------------------------------------------


def test_a_pattern_that_would_last_for_years_is_matched_at_once() -> None:
    assert DataSchema({"pattern": "^(a+)+$"}).problems("a" * 5_000 + "!") != []
    assert DataSchema({"pattern": "^(a|a)*$"}).problems("a" * 5_000) == []


@pytest.fixture
def little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_schema, "MAX_WORK", 10_000)
    monkeypatch.setattr(defaults, "MAX_LOOKS", 10_000)


@pytest.mark.usefixtures("little_work")
def test_a_schema_that_multiplies_itself_is_given_up() -> None:
    defs = {f"d{i}": {"allOf": [{"$ref": f"#/$defs/d{i + 1}"}] * 2} for i in range(40)}
    schema = DataSchema({"$ref": "#/$defs/d0", "$defs": {**defs, "d40": {}}})
    assert schema.problems({"a": 1}) == ["$: too large to be judged by its schema"]
    assert schema.filled({"a": 1}) == {"a": 1}


@pytest.mark.usefixtures("little_work")
def test_a_long_text_costs_what_matching_it_takes() -> None:
    schema = DataSchema({"items": {"pattern": "x$"}})
    assert schema.problems(["yx" * 10_000] * 4) == []
    assert schema.problems(["yx" * 10_000] * 100) == ["$: too large to be judged by its schema"]


@pytest.mark.parametrize("depth", [45, 60, 190])
def test_a_schema_that_contains_itself_judges_to_a_depth_and_refuses_what_is_deeper(
    depth: int,
) -> None:
    value: dict[str, object] = {"leaf": True}
    for _ in range(depth):
        value = {"child": value}
    told = DataSchema({"type": "object", "properties": {"child": {"$ref": "#"}}}).problems(value)
    assert told == ([] if depth == 45 else ["$: nested too deeply to be judged by its schema"])


def test_a_schema_that_is_only_itself_has_a_problem_and_no_exception() -> None:
    schema = DataSchema({"$ref": "#"})
    assert schema.problems({}) == ["$: nested too deeply to be judged by its schema"]
    assert schema.filled({}) == {}


@pytest.mark.usefixtures("little_work")
def test_one_value_that_was_too_much_leaves_nothing_behind_for_the_next() -> None:
    schema = DataSchema({"items": {"type": "integer"}})
    assert schema.problems([1] * 20_000) == ["$: too large to be judged by its schema"]
    assert schema.problems([1]) == []


def test_making_a_schema_imports_nothing() -> None:
    code = (
        "import sys; from runfox.spec.data_schema import DataSchema; DataSchema({'type': 'x'});"
        "assert not {'jsonschema', 'referencing'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_the_library_the_answer_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    data_schema._dialect.cache_clear()
    data_schema._installed.cache_clear()
    with pytest.raises(RequestError, match=r"pip install 'runfox\[schema\]'"):
        DataSchema({"type": "string"}).problems(1)
    with pytest.raises(RequestError, match=r"pip install 'runfox\[schema\]'"):
        check({"type": "string"})
    data_schema._installed.cache_clear()


# Defaults ---------------------------------------------------------------------------------------------

B = {"b": 2}
WITH_B = {"properties": {"b": {"default": 2}}}


def test_defaults_are_filled_in_at_any_depth() -> None:
    value = {"id": "a", "lines": [{}, {"count": 3}], "address": {}}
    assert DataSchema(ORDER).filled(value) == {
        "id": "a",
        "lines": [{"count": 1}, {"count": 3}],
        "address": {"country": "GB"},
    }


def test_filling_in_changes_neither_its_argument_nor_the_schema() -> None:
    source = {"properties": {"tags": {"default": []}, "at": {"properties": {"x": {"default": {}}}}}}
    schema, value = DataSchema(source), {"at": {}}
    first = schema.filled(value)
    first["tags"].append(1)
    first["at"]["x"]["y"] = 1
    assert value == {"at": {}}
    assert schema.filled(value) == {"tags": [], "at": {"x": {}}}


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ({"properties": {"a": {"default": None}}}, {}, {"a": None}),
        ({"properties": {"a": {"default": 1}}}, {"a": None}, {"a": None}),
        ({"properties": {"a": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"default": 2}}}, {}, {"a": 2}),
        ({"properties": {"a": {"$ref": "#n"}}, "$defs": {"x": {"$anchor": "n", "default": 2}}}, {}, {"a": 2}),
        ({"properties": {"a": {"$ref": "#/$defs/n", "default": 1}}, "$defs": {"n": {"default": 2}}}, {}, {"a": 1}),
        ({"properties": {"a": {"allOf": [{}, {"default": 3}]}}}, {}, {"a": 3}),
        ({"allOf": [{"properties": {"a": {"default": 1}}}, WITH_B]}, {}, {"a": 1, "b": 2}),
        ({"properties": {"a": {"default": {}, "properties": {"b": {"default": 1}}}}}, {}, {"a": {"b": 1}}),
        ({"properties": {"a": {"properties": {"b": {"default": 1}}}}}, {}, {}),
        ({"prefixItems": [{"properties": {"a": {"default": 1}}}], "items": WITH_B}, [{}, {}], [{"a": 1}, B]),
        ({"anyOf": [{"properties": {"a": {"default": 1}}}]}, {}, {}),
        ({"oneOf": [{"properties": {"a": {"default": 1}}}]}, {}, {}),
        ({"if": True, "then": {"properties": {"a": {"default": 1}}}}, {}, {}),
        ({"properties": {"a": {"default": 1}}}, [], []),
        ({"properties": {"a": {"default": 1}}}, "text", "text"),
        ({"default": 3}, None, None),
        (True, {"a": 1}, {"a": 1}),
    ],
)  # fmt: skip
def test_where_defaults_come_from(source: object, value: object, expected: object) -> None:
    assert DataSchema(source).filled(value) == expected


def test_a_schema_that_contains_itself_fills_in_what_is_there_and_no_more() -> None:
    tree = DataSchema({"properties": {"n": {"default": 0}, "child": {"$ref": "#"}}})
    assert tree.filled({"child": {"child": {}}}) == {"n": 0, "child": {"n": 0, "child": {"n": 0}}}


# Checking a schema ------------------------------------------------------------------------------------


TEXT_N = {"$anchor": "n", "type": "string"}


def test_a_good_schema_has_nothing_wrong() -> None:
    assert check(ORDER) == []
    assert check(True) == check(False) == check({}) == []


@pytest.mark.parametrize(
    ("source", "path", "reason"),
    [
        ("text", (), "is not of type"),
        ({"type": "strng"}, ("type",), "Did you mean 'string'"),
        ({"properties": {"a": {"minimum": "x"}}}, ("properties", "a", "minimum"), "is not of type 'number'"),
        ({"properties": []}, ("properties",), "is not of type 'object'"),
        ({"required": "a"}, ("required",), "is not of type 'array'"),
        ({"$ref": "https://example.com/a.json"}, ("$ref",), "nothing is fetched"),
        ({"items": {"$ref": "other.json#/a"}}, ("items", "$ref"), "nothing is fetched"),
        ({"$ref": "#/$defs/lin", "$defs": {"line": {}}}, ("$ref",), "Did you mean '#/$defs/line'"),
        ({"$ref": "#/$defs/a/default", "$defs": {"a": {"default": {}}}}, ("$ref",), "no schema at"),
        ({"$dynamicRef": "#gone"}, ("$dynamicRef",), "no schema at"),
        ({"items": {"$id": "x"}}, ("items", "$id"), "leave it out"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, ("$schema",), "draft 2020-12"),
        ({"properties": {"a": {"default": 0, "type": "null"}}}, ("properties", "a", "default"), "not fit"),
        ({"items": {"$ref": "#n", "default": 1}, "$defs": {"n": TEXT_N}}, ("items", "default"), "does not fit"),
        ({"pattern": "(a"}, ("pattern",), "cannot be read"),
        ({"pattern": "(?=a)b"}, ("pattern",), "cannot look ahead"),
        ({"pattern": r"(a)\1"}, ("pattern",), "cannot refer back"),
        ({"pattern": "(?i)a"}, ("pattern",), "has no flags"),
        ({"pattern": "(?i:a)"}, ("pattern",), "has no flags"),
        ({"pattern": "(a{1000}){1000}"}, ("pattern",), "too large"),
        ({"pattern": "(" * 5_000 + ")" * 5_000}, ("pattern",), "nested too deeply"),
        ({"patternProperties": {"[": {}}}, ("patternProperties", "["), "cannot be read"),
        ({"unevaluatedItems": {}, "not": {"dependentSchemas": {}}}, ("unevaluatedItems",), "not supported"),
    ],
)  # fmt: skip
def test_a_schema_that_cannot_be_used_is_told_with_its_place(
    source: object, path: tuple[str, ...], reason: str
) -> None:
    ((where, told),) = [found for found in check(source) if reason in found[1]]
    assert where == path
    assert check(source)[0] == (where, told)


def test_names_that_look_like_keywords_are_names() -> None:
    names = {
        "$ref": {"type": "string"},
        "pattern": {"const": "("},
        "$id": {},
        "default": {"type": "number"},
    }
    assert (
        check({"properties": names, "const": {"$ref": "http://x"}, "default": {"$ref": "http://x"}})
        == []
    )


def test_a_default_that_fits_once_its_own_defaults_are_filled_in_is_right() -> None:
    inner = {"required": ["b"], "properties": {"b": {"default": 1}}, "default": {}}
    assert check({"properties": {"a": inner}}) == []


def test_a_schema_nested_too_deeply_is_a_problem_and_no_exception() -> None:
    source: dict[str, object] = {}
    for _ in range(400):
        source = {"not": source}
    assert check(source) == [((), "the schema is nested too deeply")]


def test_every_schema_that_is_right_can_judge() -> None:
    source = {
        "$id": "https://example.com/order",
        "unevaluatedProperties": False,
        "allOf": [{"$ref": "#/$defs/a~1b%25"}],
        "$defs": {"a/b%": {"properties": {"x": {"type": "integer"}}}},
    }
    assert check(source) == []
    schema = DataSchema(source)
    assert schema.problems({"x": 1}) == []
    assert len(schema.problems({"x": "1"})) >= 1
    assert schema.problems({"y": 1}) != []
