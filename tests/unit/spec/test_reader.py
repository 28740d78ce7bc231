"""A text becomes the data that it looks like, by either parser, and JSON becomes the same data."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfox.errors import SpecError
from runfox.spec import check_text, load, load_file
from runfox.spec.positions import Positions
from runfox.spec.reader import read
from runfox.spec.tree import Builder
from runfox.spec.yaml_events import events_of, plain_parser, yaml_events
from runfox.values import Json


def data_of(text: str) -> Json:
    reading = read(text, "x")
    assert reading.whole
    assert not reading.findings
    return reading.data


SCALARS = {
    "on": "on", "no": "no", "off": "off", "yes": "yes", "y": "y", "NO": "NO",
    "12:30": "12:30", "190:20:30": "190:20:30", "2026-11-20": "2026-11-20",
    "2026-11-20T12:00:00Z": "2026-11-20T12:00:00Z",
    "010": "010", "00": "00", "-01": "-01", "0x1F": "0x1F", "0o17": "0o17", "0b1": "0b1", "1_000": "1_000",
    "1.2.3": "1.2.3", "1e": "1e", "e3": "e3", ".": ".", "+": "+", "nul": "nul", "TRue": "TRue",
    "00.5": "00.5", ".5.": ".5.", "=": "=", "inf": "inf", "nan": "nan",
    "0": 0, "-0": 0, "7": 7, "+7": 7, "-7": -7, "9223372036854775807": 2**63 - 1,
    "-9223372036854775808": -(2**63),
    "1.5": 1.5, "-1.5": -1.5, ".5": 0.5, "5.": 5.0, "1e3": 1000.0, "1E3": 1000.0, "1.5e-3": 0.0015, "+1.0": 1.0,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "null": None, "Null": None, "NULL": None, "~": None, "": None,
    "'1'": "1", '"true"': "true", "'~'": "~", '"\\u00e4\\n"': "ä\n", "ä": "ä", "😀": "😀", "|\n  1\n": "1\n",
    "'<<'": "<<",
}  # fmt: skip


@pytest.mark.parametrize("text", SCALARS)
def test_a_scalar_is_what_yaml_1_2_takes_it_for(text: str) -> None:
    value = data_of(f"k: {text}")["k"]
    assert value == SCALARS[text]
    assert type(value) is type(SCALARS[text])


@pytest.mark.parametrize(
    "text", ["on", "off", "no", "12:30", "2026-11-20", "010", "'1'", '"true"', "'<<'"]
)
def test_keys_that_look_like_other_things_are_texts(text: str) -> None:
    assert data_of(f"{text}: 1") == {text.strip("'\""): 1}


EXAMPLE = """\
# comment
name: x   # another
list:
- a
- - 1
  - {b: [c, "d"], e: }
text: |
  two
  lines
folded: >-
  one
  line
same: &s {k: [1]}
again: *s
scalar: &t hello
twice: [*t, *t]
"""
EXPECTED = {
    "name": "x",
    "list": ["a", [1, {"b": ["c", "d"], "e": None}]],
    "text": "two\nlines\n",
    "folded": "one line",
    "same": {"k": [1]},
    "again": {"k": [1]},
    "scalar": "hello",
    "twice": ["hello", "hello"],
}


def test_the_parser_in_python_gives_the_same_data() -> None:
    for events in (yaml_events(EXAMPLE), events_of(plain_parser(EXAMPLE))):
        builder = Builder()
        builder.build(events)
        assert builder.data == EXPECTED
        assert builder.findings == []


def test_what_aliases_repeat_is_copied() -> None:
    data = data_of(EXAMPLE)
    assert data["again"] is not data["same"]
    assert data["again"]["k"] is not data["same"]["k"]


def test_of_two_equal_keys_the_first_counts() -> None:
    assert read("a: 1\nb: 2\na: {c: 3}\na: 4\n", "x").data == {"a": 1, "b": 2}


def test_places_are_those_of_keys_and_values() -> None:
    text = "a: 1\nb:\n  - x\n  - {c: [d, e], 'f': g}\nb2: &z [1]\nc: *z\n"
    paths = [("b", 1, "c", 1), ("b", 1, "f"), ("b",), (), ("c", 0), ("b2", 0), ("a",)]
    places = Positions(yaml_events(text), paths)

    def value(*path: str | int) -> tuple[int, int]:
        mark = places.place(path).value
        return mark.line, mark.column

    assert value() == (1, 1)
    assert value("a") == (1, 4)
    assert value("b") == (3, 3)
    assert value("b", 1, "c", 1) == (4, 13)
    assert value("b", 1, "f") == (4, 22)
    assert value("b2", 0) == (5, 9)
    assert value("c", 0) == (6, 4)  # inside an alias: where the alias stands
    assert places.place(("b", 1, "f")).key[:2] == (4, 17)


def test_a_place_after_wide_characters_and_carriage_returns_is_right() -> None:
    text = "name: x\r\ndescription: 😀ä # é\r\nsteps: [{id: a, label: 'ü😀', depends_on: [b]}]\r\n"
    (problem,) = check_text(text)
    assert (problem.line, problem.column) == (3, text.split("\r\n")[2].index("[b]") + 2)
    shown, caret = (problem.excerpt or "").split("\n")
    assert shown[caret.index("^")] == "b"


def test_bytes_are_utf_8_with_or_without_a_mark_at_the_start() -> None:
    text = "name: ä\nsteps: [{id: a}]"
    assert load(text.encode()).name == load(text.encode("utf-8-sig")).name == "ä"
    assert load("\ufeff" + text).name == "ä"
    (problem,) = check_text("name: ä\nx: ".encode() + b"\xff")
    assert (problem.code, problem.line, problem.column) == ("not-utf8", 2, 4)


DATA = {
    "name": "x",
    "description": 'tab\t, quote ", slash /, ä, 😀, \u2028',
    "steps": [
        {"id": "a", "input": {"n": [0, -1, 1.5, 1e300, True, False, None, [], {}, [[]], {"k": {}}]}}
    ],
}


@pytest.mark.parametrize("indent", [None, 2, "\t"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_json_in_any_form_is_read_as_it_is(indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(DATA, indent=indent, ensure_ascii=ascii_only)
    assert load(text, source="flow.json").data == DATA
    assert load("\n " + text).data == DATA


def test_json_with_a_very_long_key_is_read() -> None:
    data = {"name": "x", "steps": [{"id": "a", "input": {"k" * 5_000: 1}}]}
    assert load(json.dumps(data)).data == data


BAD_JSON = {
    '{"name": "x",}': (1, 14),
    '{"name": "x" "a": 1}': (1, 14),
    '{"name"; 1}': (1, 8),
    "{name: x}": (1, 2),
    '{"a": [1, ]}': (1, 11),
    '{"a": [,1]}': (1, 8),
    '{"a": 01}': (1, 8),
    '{"a": .5}': (1, 7),
    '{"a": NaN}': (1, 7),
    '{"a": 1} x': (1, 10),
    '{"a":\n "b': (2, 2),
    '{"a": "\t"}': (1, 8),
    '{"a": "\\x"}': (1, 8),
    '{"a": [}': (1, 8),
    '{"a": ]': (1, 7),
    "": (1, 1),
    "[": (1, 2),
}


@pytest.mark.parametrize("text", BAD_JSON)
def test_a_json_file_that_is_none_is_refused_at_the_place(text: str) -> None:
    (problem,) = check_text(text, source="flow.json")
    assert problem.code == "json-syntax"
    assert (problem.line, problem.column) == BAD_JSON[text]


def test_problems_of_json_have_lines_too() -> None:
    data = {"name": "x", "steps": [{"id": "a", "depends_on": ["b"], "description": "\ud83d\ude00"}]}
    text = json.dumps(data, indent=2)
    (problem,) = check_text(text)
    assert (problem.code, problem.line, problem.column) == ("unknown-step", 7, 9)
    (problem,) = check_text('{"name": "x",\n "name": "y", "steps": [{"id": "a"}]}')
    assert (problem.code, problem.line, problem.column) == ("duplicate-key", 2, 2)
    assert problem.message.endswith("first at line 1")


def test_a_flow_mapping_that_starts_like_json_is_yaml() -> None:
    assert load('{"name": "x", steps: [{id: a}]}').name == "x"


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
SCALAR_VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES = st.recursive(
    SCALAR_VALUES, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=20
)


@given(VALUES, st.booleans())
def test_whatever_json_can_say_is_read_back(value: Json, ascii_only: bool) -> None:
    reading = read(json.dumps(value, ensure_ascii=ascii_only), "x.json")
    assert (reading.whole, reading.findings, reading.data) == (True, [], value)


def test_files_are_read_by_their_name(tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text("name: x\nsteps: [{id: a}]\n")
    (tmp_path / "flow.json").write_text('{"name": "x", "steps": [{"id": "a"}]}')
    (tmp_path / "bad.yml").write_text("name: x\n")
    (tmp_path / "large.yml").write_bytes(b"#" * 6_000_000)
    assert (
        load_file(tmp_path / "flow.yaml").workflow_id
        == load_file(str(tmp_path / "flow.json")).workflow_id
    )
    with pytest.raises(SpecError, match=r"bad\.yml:1:1: missing-key"):
        load_file(tmp_path / "bad.yml")
    with pytest.raises(SpecError, match=r"large\.yml:1:1: too-large"):
        load_file(tmp_path / "large.yml")
    with pytest.raises(FileNotFoundError):
        load_file(tmp_path / "none.yaml")
