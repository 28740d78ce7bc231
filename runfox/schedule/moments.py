"""The moments at which a schedule starts runs: pure, and the same for everybody who asks.

Cron. What has a fixed time of day fires once a day whatever clocks do: a time that is left out when they go
forward is made up for at the moment they do, and of a time that comes twice the first counts. What has a star
as its minute or hour repeats through the day and follows real time: each time that there is, as often as it is
there. This is what cron does on most machines.

``every`` counts from an anchor, 1970-01-01 in UTC if nothing else is said: all schedulers agree on it.
"""

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice, takewhile
from typing import Final

from runfox.spec import cron
from runfox.spec.model import Schedule

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MOST: Final = 1_000
"""How many moments are due at once with ``catchup: all``. The rest are due when those have fired."""
ON_TIME: Final = timedelta(minutes=1)
"""How late a moment may be and not be a missed one."""
SHORTEST: Final = timedelta(seconds=1)
"""Runs are told apart by the second they were due, so ``every`` is not shorter."""

_SECOND: Final = timedelta(seconds=1)
# Clocks are put back by two hours at most, wherever there are schedules to be kept.
_SHIFT: Final = timedelta(hours=3)
_TOLD_APART: Final = timedelta(microseconds=1)


def moments(schedule: Schedule, after: datetime, *, anchor: datetime = EPOCH) -> Iterator[datetime]:
    """Give the moments after an instant, in order, as aware UTC; without an end, but for ``at``."""
    if schedule.cron is not None:
        return _of_cron(schedule.cron, cron.zone(schedule.tz), after)
    if schedule.every is not None:
        return _of_every(max(schedule.every, SHORTEST), after, anchor)
    at = schedule.at
    return iter((at.astimezone(UTC),) if at is not None and at > after else ())


def following(schedule: Schedule, after: datetime, *, anchor: datetime = EPOCH) -> datetime | None:
    """Return the first moment after an instant, or None if there is none."""
    return next(moments(schedule, after, anchor=anchor), None)


def due(
    schedule: Schedule, last: datetime | None, now: datetime, *, anchor: datetime = EPOCH
) -> list[datetime]:
    """Return the moments up to ``now`` that a run is to be started for, oldest first.

    ``last`` is the last moment that is dealt with; None for a schedule that is seen for the first time, which
    has missed nothing but its ``at``. What was missed is treated as ``catchup`` says: with ``none`` what is
    older than ``ON_TIME`` is left out, with ``latest`` all but the last one.
    """
    if last is None:
        last = schedule.at - _TOLD_APART if schedule.at is not None else now
    match schedule.catchup:
        case "none":
            return _between(schedule, max(last, now - ON_TIME - _TOLD_APART), now, anchor)
        case "latest":
            return _latest(schedule, last, now, anchor)
        case "all":
            return _between(schedule, last, now, anchor)


def _between(
    schedule: Schedule, after: datetime, until: datetime, anchor: datetime
) -> list[datetime]:
    found = takewhile(lambda moment: moment <= until, moments(schedule, after, anchor=anchor))
    return list(islice(found, MOST))


def _latest(
    schedule: Schedule, after: datetime, until: datetime, anchor: datetime
) -> list[datetime]:
    """Return the last moment up to ``until``, in a list. Looks back further and further, not over all of it."""
    back = timedelta(hours=1)
    while True:
        begin = max(after, until - back) if until - after > back else after
        found = takewhile(lambda moment: moment <= until, moments(schedule, begin, anchor=anchor))
        last = deque(found, maxlen=1)
        if last or begin <= after:
            return list(last)
        back *= 8


# Every ------------------------------------------------------------------------------------------------


def _of_every(every: timedelta, after: datetime, anchor: datetime) -> Iterator[datetime]:
    number = (after - anchor) // every + 1
    while True:
        yield anchor + number * every
        number += 1


# Cron -------------------------------------------------------------------------------------------------


def _of_cron(expression: str, zone: tzinfo, after: datetime) -> Iterator[datetime]:
    minute, hour = expression.split()[:2]
    fixed = not minute.startswith("*") and not hour.startswith("*")
    found: set[datetime] = set()
    # Begun earlier: a time that the clock has passed may come a second time.
    for time in cron.times(expression, after.astimezone(zone).replace(tzinfo=None) - _SHIFT):
        found.update(_made_up(time, zone) if fixed else _real(time, zone))
        if _steady(time, zone):
            # Near a change of the clock a later time may come first; here all that follows is later.
            yield from sorted(moment for moment in found if moment > after)
            found.clear()
    yield from sorted(moment for moment in found if moment > after)


def _steady(time: datetime, zone: tzinfo) -> bool:
    """Return whether the clock is neither put forward nor back near a time."""
    offset = (time - _SHIFT).replace(tzinfo=zone).utcoffset()
    return offset == (time + _SHIFT).replace(tzinfo=zone).utcoffset()


def _real(time: datetime, zone: tzinfo) -> set[datetime]:
    """Return the moments at which a clock shows a time: one, two, or none."""
    either = {time.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return {moment for moment in either if _shown(moment, zone) == time}


def _made_up(time: datetime, zone: tzinfo) -> set[datetime]:
    """Return the first moment at which a clock shows a time, or has gone forward past it."""
    real = _real(time, zone)
    if real:
        return {min(real)}
    early = time.replace(tzinfo=zone, fold=1).astimezone(UTC)
    late = time.replace(tzinfo=zone, fold=0).astimezone(UTC)
    while late - early > _SECOND:
        middle = early + (late - early) // 2 // _SECOND * _SECOND
        if _shown(middle, zone) < time:
            early = middle
        else:
            late = middle
    return {late}


def _shown(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)
