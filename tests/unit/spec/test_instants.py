"""Instants: aware UTC from every form that is one, and a way out for every form that is none."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfox.spec import instants
from runfox.values import Json

GOOD: list[tuple[Json, datetime]] = [
    ("2026-11-20T06:00:00Z", datetime(2026, 11, 20, 6, tzinfo=UTC)),
    ("2026-11-20T06:00:00+01:00", datetime(2026, 11, 20, 5, tzinfo=UTC)),
    ("2026-11-20 06:00-0530", datetime(2026, 11, 20, 11, 30, tzinfo=UTC)),
    ("2026-11-20T06:00:00.123999Z", datetime(2026, 11, 20, 6, 0, 0, 123_000, tzinfo=UTC)),
    ("2026-11-20T06:00:00,5Z", datetime(2026, 11, 20, 6, 0, 0, 500_000, tzinfo=UTC)),
    ("2026-11-20T06:00:00.123456789Z", datetime(2026, 11, 20, 6, 0, 0, 123_000, tzinfo=UTC)),
    ("1970-01-01T01:00:00+01:00", datetime(1970, 1, 1, tzinfo=UTC)),
    (0, datetime(1970, 1, 1, tzinfo=UTC)),
    (1.5, datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)),
    (instants.LAST, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
]


@pytest.mark.parametrize(("value", "moment"), GOOD)
def test_an_instant_is_read_to_the_millisecond_in_utc(value: Json, moment: datetime) -> None:
    assert instants.parse(value) == moment
    assert instants.parse(value).tzinfo is UTC


BAD: list[tuple[Json, str]] = [
    ("2026-11-20", "a date alone. Add the time"),
    ("2026-11-20T06:00:00", "no offset from UTC. Add Z"),
    ("2026-11-20 06:00", "no offset from UTC. Add Z"),
    ("2026-13-20T06:00:00Z", "not in the calendar"),
    ("2026-02-29T06:00:00Z", "not in the calendar"),
    ("2026-11-20T25:00:00Z", "not in the calendar"),
    ("9999-12-31T23:59:59-01:00", "not in the calendar"),
    ("1969-12-31T23:59:59Z", "before 1970"),
    ("20261120T060000Z", "Write it like"),
    ("2026-11-20T06:00:00Z\n", "Write it like"),
    ("noon", "Write it like"),
    ("", "Write it like"),
    (None, "Write it like"),
    (True, "Write it like"),
    ({}, "Write it like"),
    (-1, "from 1970 to 9999"),
    (1_795_000_000_000, "is it in milliseconds?"),
    (float("nan"), "from 1970 to 9999"),
]


@pytest.mark.parametrize(("value", "reason"), BAD)
def test_what_is_no_instant_is_refused_with_a_way_out(value: Json, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        instants.parse(value)
    assert reason in str(caught.value)


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30)),  # noqa: DTZ001  (the zone follows)
    st.integers(-14 * 60, 14 * 60),
)
def test_every_moment_in_every_zone_comes_back(moment: datetime, minutes: int) -> None:
    sign, offset = "-" if minutes < 0 else "+", abs(minutes)
    text = f"{moment.isoformat()}{sign}{offset // 60:02}:{offset % 60:02}"
    expected = moment.replace(tzinfo=UTC) - timedelta(minutes=minutes)
    assert instants.parse(text) == expected.replace(microsecond=expected.microsecond // 1000 * 1000)


@given(st.text() | st.floats() | st.integers())
def test_whatever_is_given_an_instant_or_a_reason_comes_back(value: Json) -> None:
    try:
        moment = instants.parse(value)
    except ValueError:
        return
    assert moment.tzinfo is UTC
