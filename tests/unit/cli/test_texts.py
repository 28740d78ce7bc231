"""Data on its way to a terminal."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfox.cli.texts import count, harmless, machine, pretty, seconds, ticking

ANY = st.text(st.characters(exclude_categories=[]))


@given(ANY)
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    shown = harmless(text)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\n"]
    shown.encode()


@given(ANY)
def test_harmless_json_means_what_it_meant(text: str) -> None:
    assert json.loads(pretty({"x": text})) == {"x": text}
    assert machine({"x": text}).isascii()


@pytest.mark.parametrize("text", ["plain", "tab\tand\nline", "é ü 漢 ✓", ""])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize(
    ("value", "shown"),
    [(-1, "0.00s"), (0.314, "0.31s"), (4.24, "4.2s"), (59.9, "59.9s"), (60, "1m00s"), (185, "3m05s"),
     (3600, "1h00m"), (7620, "2h07m"), (90_000, "25h00m")],
)  # fmt: skip
def test_durations_are_told_as_people_tell_them(value: float, shown: str) -> None:
    assert seconds(value) == shown


def test_a_duration_that_grows_has_no_digit_too_fast_to_read() -> None:
    assert [ticking(value) for value in (-1, 0.123, 4.24, 75)] == ["0.0s", "0.1s", "4.2s", "1m15s"]


def test_one_is_not_many() -> None:
    assert (count(1, "step"), count(0, "step"), count(1126, "step")) == (
        "1 step",
        "0 steps",
        "1,126 steps",
    )
