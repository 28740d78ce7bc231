"""Durations are what they look like, and nothing else is one."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfox.spec import durations

MS, S, M, H, D = (
    timedelta(milliseconds=1),
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)


@pytest.mark.parametrize(
    ("value", "duration"),
    [
        ("250ms", 250 * MS),
        ("30s", 30 * S),
        ("5m", 5 * M),
        ("2h", 2 * H),
        ("1d", D),
        ("1h30m", 90 * M),
        ("1d12h30m15s250ms", D + 12 * H + 30 * M + 15 * S + 250 * MS),
        ("1m1ms", M + MS),
        ("1.5h", 90 * M),
        ("0.5s", 500 * MS),
        ("90m", 90 * M),
        ("0s", 0 * S),
        ("PT1H30M", 90 * M),
        ("P1D", D),
        ("P1DT12H", D + 12 * H),
        ("PT0.25S", 250 * MS),
        ("P2W", 14 * D),
        (0, 0 * S),
        (30, 30 * S),
        (0.25, 250 * MS),
        ("36500d", 36_500 * D),
    ],
)
def test_a_duration_is_what_it_looks_like(value: object, duration: timedelta) -> None:
    assert durations.parse(value) == duration


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "no duration"),
        ("30", "no duration"),
        ("s", "no duration"),
        ("1 h", "no duration"),
        ("30m1h", "no duration"),
        ("1h1h", "no duration"),
        ("1H", "no duration"),
        ("1e3s", "no duration"),
        ("1s\n", "no duration"),
        ("P", "no duration"),
        ("PT", "no duration"),
        ("P1DT", "no duration"),
        ("1H30M", "no duration"),
        ("٣s", "no duration"),
        ("P1Y", "no fixed length"),
        ("P2M", "no fixed length"),
        ("P1.5Y", "no fixed length"),
        ("-5s", "negative"),
        (-1, "negative"),
        (-0.5, "negative"),
        (float("nan"), "longer than"),
        (float("inf"), "longer than"),
        (10**30, "longer than"),
        ("36501d", "longer than"),
        ("999999999999d", "longer than"),
        ("P999999999999W", "longer than"),
        (True, "no duration"),
        (None, "no duration"),
        ([], "no duration"),
        ({}, "no duration"),
    ],
)
def test_what_is_no_duration_is_refused_with_a_reason(value: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        durations.parse(value)


@given(st.integers(0, 36_500 * 86_400_000))
def test_the_text_of_a_duration_reads_as_that_duration(milliseconds: int) -> None:
    duration = timedelta(milliseconds=milliseconds)
    assert durations.parse(durations.text(duration)) == duration


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (90 * M, "1h30m"),
        (250 * MS, "250ms"),
        (0 * S, "0s"),
        (D, "1d"),
        (MS / 2, "0.5ms"),
        (61 * S, "1m1s"),
    ],
)
def test_the_text_of_a_duration_is_short(duration: timedelta, text: str) -> None:
    assert durations.text(duration) == text


def test_a_negative_duration_has_no_text() -> None:
    with pytest.raises(ValueError, match="negative"):
        durations.text(-S)
