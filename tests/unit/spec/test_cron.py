"""Which cron expressions and time zones can be used, and what is said of the others."""

import sys

import pytest

from runfox.errors import RequestError
from runfox.spec import cron


@pytest.mark.parametrize(
    ("expression", "tz"),
    [
        ("* * * * *", "UTC"),
        ("0 6 * * MON-FRI", "Europe/London"),
        ("*/15 9-17 1,15 jan-mar sun", "America/New_York"),
        ("0 0 L * *", "Asia/Kolkata"),
        ("0 0 * * 7", "Australia/Lord_Howe"),
        ("0 12 29 2 *", "UTC"),
        ("0 0 29 2 MON", "UTC"),
    ],
)
def test_nothing_is_wrong_with_what_fires(expression: str, tz: str) -> None:
    assert cron.problem(expression, tz) is None


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "has 0 fields, not five: minute, hour, day of month, month, day of week"),
        ("* * * *", "has 4 fields, not five"),
        ("* * * * * *", "has 6 fields, not five"),
        ("60 * * * *", "'60' is no minute (0 to 59)"),
        ("* 24 * * *", "'24' is no hour (0 to 23)"),
        ("* * 0 * *", "'0' is no day of month"),
        ("* * * 13 *", "'13' is no month"),
        ("* * * * FRY", "'FRY' is no day of week"),
        ("*/0 * * * *", "'*/0' is no minute"),
        ("9-5 * * * *", "'9-5' is no minute"),
        ("1,, * * * *", "'1,,' is no minute"),
        ("٣ * * * *", "'٣' is no minute"),
        ("0 0 30 2 *", "never fires"),
        ("0 0 31 2,4,6,9,11 *", "never fires"),
        ("* * */20 * 1L", "never fires"),
        ("@daily", "write 0 0 * * *"),
        ("0 " * 200, "200 characters at most"),
    ],
)
def test_what_is_wrong_with_an_expression_is_said(expression: str, reason: str) -> None:
    told = cron.problem(expression, "UTC")
    assert told is not None
    assert reason in told


@pytest.mark.parametrize("tz", ["", "Europe", "../UTC", "/etc/passwd", "a\x00b", "x" * 10_000])
def test_what_is_no_time_zone_is_refused(tz: str) -> None:
    told = cron.problem("* * * * *", tz)
    assert told is not None
    assert told.startswith("no time zone ")


def test_a_zone_that_is_nearly_right_is_answered_with_the_right_one() -> None:
    assert cron.problem("* * * * *", "Europe/Lodon") == (
        "no time zone 'Europe/Lodon'. Did you mean 'Europe/London'?"
    )


def test_a_machine_without_zones_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cron, "available_timezones", set)
    told = cron.problem("* * * * *", "Europe/Lodon")
    assert told is not None
    assert "pip install tzdata" in told
    assert cron.problem("* * * * *", "UTC") is None


def test_without_the_library_the_answer_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cronsim", None)
    with pytest.raises(RequestError, match=r"pip install 'runfox\[schedule\]'"):
        cron.problem("* * * * *", "UTC")
