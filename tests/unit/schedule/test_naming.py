"""What schedules and their runs are called: fit for ids, and never two things by one name."""

import re
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from runfox.backend.ids import GRAMMAR
from runfox.schedule.naming import execution_id, schedule_key, started_by

MOMENT = datetime(2026, 11, 21, 6, tzinfo=UTC)


def test_a_plain_name_is_kept_as_it_is() -> None:
    assert execution_id(schedule_key("order", 0), MOMENT) == "order-0-20261121T060000Z"


def test_a_moment_is_called_by_its_time_in_utc() -> None:
    there = MOMENT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert execution_id("order-0", there) == execution_id("order-0", MOMENT)


NAMES = st.text(min_size=1, max_size=200)


@given(NAMES, st.integers(0, 999))
def test_every_name_gives_an_id_in_the_grammar(name: str, index: int) -> None:
    assert re.fullmatch(GRAMMAR, execution_id(schedule_key(name, index), MOMENT))


@given(NAMES, NAMES, st.integers(0, 20), st.integers(0, 20))
def test_two_schedules_have_two_names(one: str, other: str, i: int, j: int) -> None:
    same = (one, i) == (other, j)
    assert (schedule_key(one, i) == schedule_key(other, j)) is same


def test_names_that_differ_only_in_what_an_id_cannot_hold_stay_apart() -> None:
    assert len({schedule_key(name, 0) for name in ("a b", "a-b", "a/b", "a  b", "ä", "ö", "")}) == 7


def test_a_run_is_known_by_its_schedule_and_by_no_other() -> None:
    assert started_by("a-1", "a-1-20261121T060000Z")
    assert not started_by("a", "a-1-20261121T060000Z")
    assert not started_by("a-1", "a-1-0-20261121T060000Z")
    assert not started_by("a-1", "a-1-by-hand")
