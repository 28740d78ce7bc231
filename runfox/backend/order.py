"""The order in which queued jobs are taken: by age, of which every level of priority is worth a minute.

So one number per job says it all: jobs of the first priority come first, and none waits for ever. And the times
at which a job is announced again that nobody takes.
"""

from datetime import datetime, timedelta

LEVEL_MS = 60_000
"""Milliseconds of waiting that weigh as much as one level of priority."""

PLACES = 1_000_000
"""How many jobs of one millisecond and priority have numbers of their own."""


SELDOM = timedelta(hours=1)
"""A job that nobody takes is announced at least so often."""


def next_announcement(since: datetime, now: datetime, hold: timedelta) -> datetime:
    """Return when a job that waits ``since`` then, and is announced now, is announced next.

    When it has waited twice as long, so that a queue nobody serves is not filled with the same few jobs.
    """
    return now + min(SELDOM, max(hold, now - since))


def first_number(ms: int, priority: int) -> int:
    """Return the lowest number of jobs that are queued at that time."""
    return (ms - priority * LEVEL_MS) * PLACES


class Numbers:
    """Gives jobs their numbers, the lowest of which is taken first."""

    def __init__(self) -> None:
        self._last: dict[int, int] = {}

    def next(self, ms: int, priority: int) -> int:
        """Return the number of a job that is queued at that time.

        Of one priority they grow in the order in which they are asked for, whatever the clock does.
        """
        number = first_number(ms, priority)
        number = max(number, self._last.get(priority, number - 1) + 1)
        self._last[priority] = number
        return number
