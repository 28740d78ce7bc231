"""Files that were made to take the process down are refused with a message, before anything grows from them."""

import tracemalloc
from collections.abc import Callable
from itertools import chain, count, takewhile

import pytest
from yaml.events import ScalarEvent, SequenceStartEvent

from runfox.errors import SpecError
from runfox.spec import check_text, from_data, load
from runfox.spec.limits import MAX_BYTES, MAX_EVENTS, MAX_STEPS
from runfox.spec.tree import Builder, Stop
from runfox.spec.yaml_events import events_of, plain_parser, yaml_events

MILLION = 10**6
LIMIT = 50_000_000


def bomb(levels: int, width: int = 9) -> str:
    lines = ["a0: &a0 [x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * width)}]" for i in range(1, levels)]
    return "\n".join(lines)


def merges(levels: int) -> str:
    lines = ["m0: &m0 {k: v}"]
    lines += [f"m{i}: &m{i} {{<<: [*m{i - 1}, *m{i - 1}]}}" for i in range(1, levels)]
    return "\n".join(lines)


HOSTILE: dict[str, tuple[str, Callable[[], str | bytes]]] = {
    "brackets": ("too-deep", lambda: "[" * MILLION),
    "braces": ("too-deep", lambda: "{a: " * MILLION),
    "dashes": ("too-deep", lambda: "- " * MILLION),
    "brackets on lines": ("too-deep", lambda: "[\n" * MILLION),
    "questions": ("key-not-text", lambda: "? " * MILLION),
    "indentation": ("too-deep", lambda: "".join(" " * i + "a:\n" for i in range(2_000))),
    "json brackets": ("too-deep", lambda: '{"a":' + "[" * MILLION),
    "json braces": ("too-deep", lambda: '{"a":' * MILLION),
    "alias bomb": ("bad-alias", lambda: bomb(9)),
    "wide alias bomb": ("bad-alias", lambda: "a: &a [x]\nb: [" + "*a," * 20_000 + "]"),
    "alias of a long text": (
        "bad-alias",
        lambda: f"a: &a {'x' * 100_000}\nb: [" + "*a," * 100 + "]",
    ),
    "cyclic alias": ("bad-alias", lambda: "a: &a [*a]"),
    "cyclic alias further out": ("bad-alias", lambda: "a: &a {b: [{c: *a}]}"),
    "merges": ("merge-key", lambda: merges(30)),
    "5 MB": ("too-large", lambda: "# " + "x" * MAX_BYTES),
    "5 MB of bytes": ("too-large", lambda: b"# " + b"x" * MAX_BYTES),
    "5 MB once encoded": ("too-large", lambda: "# " + "ä" * (MAX_BYTES // 2)),
    "NUL": ("bad-character", lambda: "name: x\n" + "# fine\n" * 500_000 + "\0"),
    "escaped NUL": ("bad-character", lambda: 'name: "\\u0000"'),
    "surrogate": ("bad-character", lambda: "name: \udc80"),
    "escaped surrogate in JSON": ("bad-character", lambda: '{"name": "\\ud800"}'),
    "escaped surrogate in YAML": ("yaml-syntax", lambda: 'name: "\\ud800"'),
    "bytes that are no text": ("not-utf8", lambda: b"name: x\xff"),
    "UTF-16": ("not-utf8", lambda: "name: x".encode("utf-16")),
    "tag": ("tag", lambda: "!!python/object/apply:os.system [true]"),
    "binary": ("tag", lambda: "a: !!binary aGVsbG8="),
    "two documents": ("two-documents", lambda: "name: x\n--- \nname: y"),
    "a thousand documents": ("two-documents", lambda: "--- {}\n" * 1_000),
    "huge number": ("bad-number", lambda: "a: " + "9" * MILLION),
    "huge key": ("yaml-syntax", lambda: "a" * MILLION + ": 1"),
    "unclosed quote": ("yaml-syntax", lambda: 'a: "' + "x\n" * MILLION),
    "control characters": ("yaml-syntax", lambda: "a: \x01\x02"),
    "colons": ("yaml-syntax", lambda: ":" * MILLION + " : :"),
    "anchors": ("yaml-syntax", lambda: "&a " * MILLION),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_a_message_and_little_memory(name: str) -> None:
    code, make = HOSTILE[name]
    text = make()
    tracemalloc.start()
    try:
        problems = check_text(text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert code in {problem.code for problem in problems}
    assert peak < LIMIT
    with pytest.raises(SpecError):
        load(text)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "[\n", "? "])
def test_depth_is_refused_after_as_many_events_as_are_allowed_levels(opening: str) -> None:
    taken = count()
    events = takewhile(lambda _: next(taken) >= 0, events_of(plain_parser(opening * 5_000)))
    with pytest.raises(Stop):
        Builder().build(events)
    assert next(taken) < 250


def test_what_aliases_add_is_bounded_for_the_file_not_for_each() -> None:
    fine = "a: &a [1, 2, 3]\nb: [" + "*a, " * 2_000 + "]"
    assert {p.code for p in check_text(fine)} == {"unknown-key", "missing-key"}
    assert "bad-alias" in {p.code for p in check_text(fine + "\nc: [" + "*a, " * 2_000 + "]")}


def test_a_large_file_without_aliases_is_not_taken_for_a_bomb() -> None:
    text = "name: x\nsteps:\n" + "".join(f"- {{id: s{i}, fn: &f{i} work}}\n" for i in range(20_000))
    assert len(load(text).steps) == 20_000


def test_an_alias_counts_with_the_depth_of_its_place() -> None:
    inner = "[" * 60 + "]" * 60
    text = f"a: &a {inner}\nb: {'[' * 60}*a{']' * 60}"
    assert "bad-alias" in {problem.code for problem in check_text(text)}


def test_the_number_of_steps_is_bounded() -> None:
    text = "name: x\nsteps:\n" + "- {id: a}\n" * (MAX_STEPS + 1)
    assert "too-large" in {problem.code for problem in check_text(text)}


def test_the_number_of_parts_is_bounded() -> None:
    start = next(event for event in yaml_events("[]") if isinstance(event, SequenceStartEvent))
    taken = count()
    forever = (ScalarEvent(None, None, (True, False), "x") for _ in taken)
    with pytest.raises(Stop, match="more than 1,000,000 parts"):
        Builder().build(chain([start], forever))
    assert next(taken) <= MAX_EVENTS


def test_a_file_of_problems_has_a_bounded_answer() -> None:
    text = "name: x\nsteps: [{id: a}]\n" + "".join("name: y\n" for _ in range(100_000))
    assert len(check_text(text)) == 1_000


def test_dicts_are_bounded_like_files() -> None:
    def codes(data: object) -> list[str]:
        with pytest.raises(SpecError) as caught:
            from_data(data)  # type: ignore[arg-type]
        return [problem.code for problem in caught.value.problems]

    deep: dict[str, object] = {}
    for _ in range(150):
        deep = {"a": deep}
    cyclic: dict[str, object] = {}
    cyclic["a"] = cyclic
    assert codes({"name": "x", "steps": [{"id": "a", "input": deep}]}) == ["too-deep"]
    assert codes(cyclic) == ["not-json"]
    assert codes({"name": "x" * MAX_BYTES}) == ["too-large"]
    assert codes({"name": "a\0b"}) == ["bad-character"]
    assert codes({"name": "\ud800"}) == ["bad-character"]
    assert codes({"name": {1, 2}}) == ["not-json"]
    assert codes({1: "x"}) == ["not-json"]
    assert codes({"name": float("nan")}) == ["not-json"]
    assert codes(["name", "x"]) == ["wrong-type"]


def test_the_mark_of_a_refusal_is_where_the_text_went_wrong() -> None:
    (problem,) = check_text("name: x\nsteps: " + "[" * 500)
    assert (problem.line, problem.column) == (2, 8 + 99)
