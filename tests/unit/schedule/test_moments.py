"""When schedules fire: cron across changes of the clock, every, at, and what is due after a pause."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runfox.schedule.moments import MOST, due, following, moments
from runfox.spec.model import Schedule

LONDON, NEW_YORK, LORD_HOWE = "Europe/London", "America/New_York", "Australia/Lord_Howe"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def cron(expression: str, tz: str = "UTC", **more: object) -> Schedule:
    return Schedule(cron=expression, tz=tz, **more)


def between(schedule: Schedule, after: str, until: str) -> list[str]:
    """Return the moments in a time, in UTC, as texts."""
    found = []
    for moment in moments(schedule, utc(after)):
        if moment > utc(until):
            break
        found.append(moment.strftime("%Y-%m-%d %H:%M"))
    return found


# Cron -------------------------------------------------------------------------------------------------


def test_a_plain_schedule_fires_at_its_times_and_not_at_the_one_it_is_asked_after() -> None:
    assert between(cron("0 6 * * MON-FRI"), "2026-11-19 06:00", "2026-11-23 12:00") == [
        "2026-11-20 06:00",
        "2026-11-23 06:00",
    ]


def test_the_time_of_day_is_that_of_the_zone_in_winter_and_summer() -> None:
    daily = cron("0 6 * * *", LONDON)
    assert between(daily, "2026-03-27 12:00", "2026-03-29 12:00") == [
        "2026-03-28 06:00",
        "2026-03-29 05:00",
    ]
    assert between(daily, "2026-10-24 00:00", "2026-10-25 12:00") == [
        "2026-10-24 05:00",
        "2026-10-25 06:00",
    ]


def test_zones_that_are_half_an_hour_off() -> None:
    assert between(cron("15 9 * * *", "Asia/Kolkata"), "2026-06-01 00:00", "2026-06-02 12:00") == [
        "2026-06-01 03:45",
        "2026-06-02 03:45",
    ]


@pytest.mark.parametrize(
    ("tz", "day", "expression", "expected"),
    [
        # London goes forward on 29 March 2026 from 1:00 to 2:00, which is 1:00 UTC.
        (LONDON, "2026-03-29", "30 1 * * *", ["01:00"]),
        (LONDON, "2026-03-29", "0 1 * * *", ["01:00"]),
        (LONDON, "2026-03-29", "0 2 * * *", ["01:00"]),
        (LONDON, "2026-03-29", "15,45 1 * * *", ["01:00"]),
        (LONDON, "2026-03-29", "0,30 1,2 * * *", ["01:00", "01:30"]),
        (LONDON, "2026-03-29", "59 0 * * *", ["00:59"]),
        # New York goes forward on 8 March 2026 from 2:00 to 3:00, which is 7:00 UTC.
        (NEW_YORK, "2026-03-08", "30 2 * * *", ["07:00"]),
        (NEW_YORK, "2026-03-08", "30 1 * * *", ["06:30"]),
        (NEW_YORK, "2026-03-08", "30 3 * * *", ["07:30"]),
        # Lord Howe goes forward on 4 October 2026 from 2:00 to 2:30, which is 15:30 UTC of the day before.
        (LORD_HOWE, "2026-10-03", "15 2 * * *", ["15:30"]),
        (LORD_HOWE, "2026-10-03", "30 2 * * *", ["15:30"]),
        (LORD_HOWE, "2026-10-03", "45 2 * * *", ["15:45"]),
        # Havana goes forward at midnight of 8 March 2026, which is 5:00 UTC.
        ("America/Havana", "2026-03-08", "0 0 * * *", ["05:00"]),
        ("America/Havana", "2026-03-08", "30 0 8 3 *", ["05:00"]),
    ],
)
def test_a_time_that_is_left_out_is_made_up_for_once(
    tz: str, day: str, expression: str, expected: list[str]
) -> None:
    found = between(cron(expression, tz), f"{day} 00:00", f"{day} 23:00")
    assert found == [f"{day} {time}" for time in expected]


@pytest.mark.parametrize(
    ("tz", "day", "expression", "expected"),
    [
        # London goes back on 25 October 2026 from 2:00 to 1:00, which is 1:00 UTC.
        (LONDON, "2026-10-25", "30 1 * * *", ["00:30"]),
        (LONDON, "2026-10-25", "0 1 * * *", ["00:00"]),
        (LONDON, "2026-10-25", "0 2 * * *", ["02:00"]),
        (LONDON, "2026-10-25", "0,30 1,2 * * *", ["00:00", "00:30", "02:00", "02:30"]),
        # New York goes back on 1 November 2026 from 2:00 to 1:00, which is 6:00 UTC.
        (NEW_YORK, "2026-11-01", "30 1 * * *", ["05:30"]),
        (NEW_YORK, "2026-11-01", "30 2 * * *", ["07:30"]),
        # Lord Howe goes back on 5 April 2026 from 2:00 to 1:30, which is 15:00 UTC of the day before.
        (LORD_HOWE, "2026-04-04", "45 1 * * *", ["14:45"]),
        (LORD_HOWE, "2026-04-04", "0 2 * * *", ["15:30"]),
        (LORD_HOWE, "2026-04-04", "15 1 * * *", ["14:15"]),
    ],
)
def test_a_time_that_comes_twice_counts_once(
    tz: str, day: str, expression: str, expected: list[str]
) -> None:
    found = between(cron(expression, tz), f"{day} 00:00", f"{day} 23:00")
    assert [one for one in found if one > f"{day} 00:00"] == [
        f"{day} {time}" for time in expected if time != "00:00"
    ]
    if "00:00" in expected:
        assert (
            between(cron(expression, tz), "2026-10-24 23:59", f"{day} 23:00")[0] == f"{day} 00:00"
        )


@pytest.mark.parametrize(
    "asked", ["2026-10-25 00:30", "2026-10-25 00:45", "2026-10-25 01:10", "2026-10-25 01:59"]
)
def test_a_time_that_has_fired_does_not_fire_again_when_its_hour_comes_again(asked: str) -> None:
    assert following(cron("30 1 * * *", LONDON), utc(asked)) == utc("2026-10-26 01:30")


@pytest.mark.parametrize(
    ("tz", "begin", "hours"),
    [
        (LONDON, "2026-03-28 22:00", 8),
        (LONDON, "2026-10-24 22:00", 8),
        (NEW_YORK, "2026-03-08 04:00", 8),
        (NEW_YORK, "2026-11-01 03:00", 8),
        (LORD_HOWE, "2026-10-03 12:00", 8),
        (LORD_HOWE, "2026-04-04 12:00", 8),
        ("Asia/Kolkata", "2026-04-04 12:00", 8),
    ],
)
def test_what_repeats_through_the_day_follows_real_time(tz: str, begin: str, hours: int) -> None:
    after = utc(begin)
    found = list(islice(moments(cron("*/15 * * * *", tz), after), hours * 4))
    assert found == [after + timedelta(minutes=15 * i) for i in range(1, hours * 4 + 1)]


def test_an_hourly_schedule_fires_in_each_hour_that_there_is() -> None:
    hourly = cron("30 * * * *", LONDON)
    assert between(hourly, "2026-03-28 23:59", "2026-03-29 03:00") == [
        f"2026-03-29 0{hour}:30" for hour in range(3)
    ]
    assert between(hourly, "2026-10-24 23:59", "2026-10-25 03:00") == [
        f"2026-10-25 0{hour}:30" for hour in range(3)
    ]


def test_every_quarter_of_one_hour_is_fired_in_that_hour_alone() -> None:
    quarters = cron("*/15 2 * * *", LORD_HOWE)
    # From 2:00 on 5 April there is a whole hour after the clock went back; on 4 October half of one.
    assert between(quarters, "2026-04-04 14:00", "2026-04-04 17:00") == [
        f"2026-04-04 {time}" for time in ("15:30", "15:45", "16:00", "16:15")
    ]
    assert between(quarters, "2026-10-03 14:00", "2026-10-03 17:00") == [
        f"2026-10-03 {time}" for time in ("15:30", "15:45")
    ]


def test_a_leap_day_fires_in_leap_years() -> None:
    found = islice(moments(cron("0 12 29 2 *"), utc("2026-01-01")), 3)
    assert [moment.year for moment in found] == [2028, 2032, 2036]
    assert following(cron("0 12 29 2 *"), utc("2097-01-01")) == utc("2104-02-29 12:00")


def test_a_day_of_the_month_and_of_the_week_are_either_unless_one_is_a_star() -> None:
    assert between(cron("0 0 13 * FRI"), "2026-03-11 00:00", "2026-03-21 00:00") == [
        "2026-03-13 00:00",
        "2026-03-20 00:00",
    ]
    assert between(cron("0 0 L * *"), "2026-02-01 00:00", "2026-03-31 12:00") == [
        "2026-02-28 00:00",
        "2026-03-31 00:00",
    ]


ZONES = st.sampled_from(
    [LONDON, NEW_YORK, LORD_HOWE, "Asia/Kolkata", "America/Havana", "Pacific/Chatham"]
)
INSTANTS = st.integers(1_580_000_000, 2_050_000_000).map(lambda at: datetime.fromtimestamp(at, UTC))


@settings(max_examples=50, deadline=None)
@given(ZONES, INSTANTS, st.integers(0, 23), st.integers(0, 59))
def test_a_daily_schedule_fires_once_on_each_day_of_the_calendar(
    tz: str, after: datetime, hour: int, minute: int
) -> None:
    found = list(islice(moments(cron(f"{minute} {hour} * * *", tz), after), 400))
    days = [moment.astimezone(ZoneInfo(tz)).date() for moment in found]
    assert all(b - a == timedelta(days=1) for a, b in pairwise(days))
    assert found[0] > after


@settings(max_examples=50, deadline=None)
@given(
    ZONES,
    INSTANTS,
    st.sampled_from(["*/20 * * * *", "7 * * * *", "30 1,2 * * *", "0 3 * * SUN", "* 2 * * *"]),
)
def test_asking_again_after_each_moment_is_the_same_as_going_on(
    tz: str, after: datetime, expression: str
) -> None:
    schedule = cron(expression, tz)
    on = list(islice(moments(schedule, after), 30))
    assert on == sorted(set(on))
    asked = after
    for moment in on:
        found = following(schedule, asked)
        assert found == moment
        asked = moment


# Every and at -----------------------------------------------------------------------------------------


def test_every_counts_from_its_anchor_and_not_from_when_it_is_asked() -> None:
    schedule = Schedule(every=timedelta(hours=6))
    assert between(schedule, "2026-11-21 05:59", "2026-11-21 18:00") == [
        "2026-11-21 06:00",
        "2026-11-21 12:00",
        "2026-11-21 18:00",
    ]
    anchor = utc("2026-11-21 01:30")
    assert following(schedule, utc("2026-11-21 07:30"), anchor=anchor) == utc("2026-11-21 13:30")
    assert following(schedule, utc("2026-11-20 19:29"), anchor=anchor) == utc("2026-11-20 19:30")


def test_every_is_not_shorter_than_what_tells_runs_apart() -> None:
    first, second = islice(moments(Schedule(every=timedelta(milliseconds=1)), utc("2026-01-01")), 2)
    assert second - first == timedelta(seconds=1)


def test_at_fires_once() -> None:
    at = utc("2026-11-21 06:00")
    schedule = Schedule(at=at)
    assert list(moments(schedule, at - timedelta(days=1))) == [at]
    assert list(moments(schedule, at)) == []


# What is due ------------------------------------------------------------------------------------------

HOURLY = "0 * * * *"
LAST, NOW = utc("2026-11-21 03:00"), utc("2026-11-21 06:00:10")


def test_nothing_is_due_before_its_time_nor_twice() -> None:
    for catchup in ("none", "latest", "all"):
        schedule = cron(HOURLY, catchup=catchup)
        assert due(schedule, LAST, LAST + timedelta(minutes=59, seconds=59)) == []
        assert due(schedule, utc("2026-11-21 06:00"), NOW) == []
        assert due(schedule, LAST, utc("2026-11-21 04:00")) == [utc("2026-11-21 04:00")]


@pytest.mark.parametrize(("catchup", "hours"), [("none", [6]), ("latest", [6]), ("all", [4, 5, 6])])
def test_what_was_missed_is_due_as_catchup_says(catchup: str, hours: list[int]) -> None:
    found = due(cron(HOURLY, catchup=catchup), LAST, NOW)
    assert found == [utc(f"2026-11-21 0{hour}:00") for hour in hours]


def test_without_catching_up_what_is_late_is_not_due() -> None:
    late = NOW + timedelta(minutes=5)
    assert due(cron(HOURLY, catchup="none"), LAST, late) == []
    assert due(cron(HOURLY, catchup="latest"), LAST, late) == [utc("2026-11-21 06:00")]


def test_a_schedule_that_is_new_has_missed_nothing_but_its_one_moment() -> None:
    for catchup in ("none", "latest", "all"):
        assert due(cron(HOURLY, catchup=catchup), None, NOW) == []
    assert due(Schedule(at=LAST, catchup="latest"), None, NOW) == [LAST]
    assert due(Schedule(at=LAST, catchup="none"), None, NOW) == []
    assert due(Schedule(at=LAST, catchup="none"), None, LAST) == [LAST]
    assert due(Schedule(at=LAST), LAST, NOW) == []


def test_years_that_were_missed_are_due_in_parts_and_the_latest_is_found_at_once() -> None:
    minutes, long_ago = "* * * * *", utc("1996-01-01")
    first = due(cron(minutes, catchup="all"), long_ago, NOW)
    assert len(first) == MOST
    assert due(cron(minutes, catchup="all"), first[-1], NOW)[0] == first[-1] + timedelta(minutes=1)
    assert due(cron(minutes, catchup="latest"), long_ago, NOW) == [utc("2026-11-21 06:00")]
    assert due(cron("0 0 29 2 *", catchup="latest"), long_ago, NOW) == [utc("2024-02-29")]
    assert due(cron("0 0 29 2 *", catchup="latest"), utc("2025-01-01"), NOW) == []
