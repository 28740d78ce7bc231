"""When the jobs in memory that a queue elsewhere was told of have to be told of again."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from runfox.backend.memory.line import Key
from runfox.backend.order import next_announcement


class _Told(NamedTuple):
    """Since when a job waits, and when it is told of again."""

    since: datetime
    due: datetime


class Announcements:
    """The jobs that were announced and are not over, taken or not."""

    def __init__(self) -> None:
        self._told: dict[Key, _Told] = {}

    def add(self, key: Key, now: datetime, hold: timedelta) -> None:
        """Note that a job is announced, as soon as it exists."""
        self._told.setdefault(key, _Told(now, now + hold))

    def again(self, key: Key, now: datetime, hold: timedelta) -> None:
        """Note that a job is announced another time."""
        since = self._told[key].since
        self._told[key] = _Told(since, next_announcement(since, now, hold))

    def now(self, key: Key, now: datetime) -> None:
        """Note that an announced job went back to the queue: it waits anew, and nobody has heard of that."""
        if key in self._told:
            self._told[key] = _Told(now, now)

    def drop(self, key: Key) -> None:
        """Forget a job."""
        self._told.pop(key, None)

    def due(self, now: datetime) -> Iterator[Key]:
        """Yield those whose time to be announced has come. They may be noted again meanwhile."""
        return (key for key, told in list(self._told.items()) if told.due <= now)
