"""Until when the jobs in memory may wait, or be executed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from runfox.backend.memory.line import Key
from runfox.results import Terms


class Deadline(NamedTuple):
    """``taken_at`` is None while the job waits in the queue."""

    taken_at: datetime | None
    expires_at: datetime


class Deadlines:
    """The deadlines of those jobs that have one. To ask whether any has passed costs nothing."""

    def __init__(self) -> None:
        self._deadlines: dict[Key, Deadline] = {}
        self._next: datetime | None = None  # none passes earlier; one that is gone may have been it

    def queued(self, key: Key, terms: Terms, now: datetime) -> None:
        """Note that a job begins to wait."""
        wait = terms.wait
        self._set(key, None if wait is None else Deadline(None, now + timedelta(seconds=wait)))

    def taken(self, key: Key, terms: Terms, now: datetime) -> None:
        """Note that a job was taken."""
        self._set(key, _taken(terms, now, now))

    def alive(self, key: Key, terms: Terms, now: datetime) -> None:
        """Note a sign of life of a job's executor."""
        deadline = self._deadlines.get(key)
        if deadline is not None and deadline.taken_at is not None:
            self._set(key, _taken(terms, deadline.taken_at, now))

    def drop(self, key: Key) -> None:
        """Forget a job."""
        self._deadlines.pop(key, None)

    def passed(self, now: datetime) -> Iterator[tuple[Key, Deadline]]:
        """Yield those that have passed. They may be dropped meanwhile."""
        if self._next is None or self._next > now:
            return
        for key, deadline in list(self._deadlines.items()):
            if deadline.expires_at <= now:
                yield key, deadline
        self._next = min((one.expires_at for one in self._deadlines.values()), default=None)

    def _set(self, key: Key, deadline: Deadline | None) -> None:
        if deadline is None:
            self._deadlines.pop(key, None)
            return
        self._deadlines[key] = deadline
        if self._next is None or deadline.expires_at < self._next:
            self._next = deadline.expires_at


def _taken(terms: Terms, taken_at: datetime, alive_at: datetime) -> Deadline | None:
    ends = []
    if terms.attempt is not None:
        ends.append(taken_at + timedelta(seconds=terms.attempt))
    if terms.heartbeat is not None:
        ends.append(alive_at + timedelta(seconds=terms.heartbeat))
    return Deadline(taken_at, min(ends)) if ends else None
