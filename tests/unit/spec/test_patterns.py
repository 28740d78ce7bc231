"""Patterns say what ``re`` says, for all that they can hold, in time that grows with the text alone."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runfox.spec.patterns import Pattern, PatternInvalid, compiled

ATOMS = [
    "a",
    "b",
    "0",
    " ",
    "_",
    r"\d",
    r"\w",
    r"\S",
    "[^a]",
    "[a-b0]",
    r"[^\w]",
    ".",
    r"\b",
    "^",
    "$",
]


def _more(inner: "st.SearchStrategy[str]") -> "st.SearchStrategy[str]":
    repeats = st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?"])
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        st.tuples(inner, repeats).map(lambda two: f"({two[0]}){two[1]}"),
    )


PATTERNS = st.recursive(st.sampled_from(ATOMS), _more, max_leaves=8)


@settings(max_examples=1_000, deadline=None)
@given(PATTERNS, st.lists(st.text("ab0_ .é", min_size=1, max_size=8), max_size=5))
def test_a_pattern_matches_what_re_matches(pattern: str, texts: list[str]) -> None:
    mine, theirs = Pattern(pattern), re.compile(pattern, re.ASCII)
    for text in texts:
        assert mine.search(text)[0] is (theirs.search(text) is not None)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("^a$", "a\n", False),
        (r"^\d$", "٣", False),
        (r"^\w+$", "é", False),
        ("^.$", "\u2028", False),
        (r"\bfox\b", "a fox.", True),
        ("", "", True),
        ("x{0}", "", True),
        ("(a*)*$", "b", True),
        (r"^\/api\/v[0-9]+$", "/api/v2", True),
    ],
)
def test_what_other_readers_of_schemas_say_too(pattern: str, text: str, matches: bool) -> None:
    assert Pattern(pattern).search(text)[0] is matches


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*$", "(a*)*b", "(.*)*(.*)*x$", "a*a*a*a*a*a*c"]
)
def test_no_pattern_costs_more_than_its_text(pattern: str) -> None:
    _, short = Pattern(pattern).search("a" * 1_000 + "b!")
    _, long = Pattern(pattern).search("a" * 10_000 + "b!")
    assert long < 12 * short


def test_what_is_remembered_of_a_pattern_is_bounded_and_what_it_says_is_not_changed_by_that() -> (
    None
):
    pattern = Pattern("(a|b)*a(a|b){14}c")
    text = "".join("ab"[(i * i // 7 + i // 3) % 2] for i in range(30_000))
    assert pattern.search(text)[0] is False
    assert pattern.search(text + "a" + "ab" * 7 + "c")[0] is True
    assert len(pattern._known) <= 20_001


def test_a_pattern_is_compiled_once() -> None:
    assert compiled("^[a-z]+$") is compiled("^[a-z]+$")


@pytest.mark.parametrize(
    "pattern", ["(?>a)b", "a++", "(?(1)a|b)", "(?P<n>a)(?P=n)", r"\p{L}", "[b-a]"]
)
def test_what_cannot_be_matched_so_is_refused_with_a_reason(pattern: str) -> None:
    with pytest.raises(PatternInvalid, match=r"pattern"):
        Pattern(pattern)
