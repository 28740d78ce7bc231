"""When executions wake by themselves, as far as a worker has heard."""

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush

MOST = 10_000
"""How many moments are kept in mind. Of the others a worker hears when it looks by itself."""


class Alarms:
    """The moments at which something is due, soonest first. One that is no longer true is one look too many."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._moments: list[tuple[datetime, str]] = []
        self._newest: dict[str, datetime] = {}

    def set(self, execution_id: str, wake_at: datetime | None) -> None:
        """Note when an execution wakes."""
        if wake_at is None or self._newest.get(execution_id) == wake_at:
            return
        if len(self._moments) < MOST:
            heappush(self._moments, (wake_at, execution_id))
            self._newest[execution_id] = wake_at

    def seconds(self, most: float) -> float:
        """Return for how long nothing is due, ``most`` seconds at most."""
        if not self._moments:
            return most
        left = (self._moments[0][0] - self._now()) / timedelta(seconds=1)
        return min(most, max(0.0, left))

    def rung(self) -> list[str]:
        """Return the executions whose moment has come, and forget it."""
        if not self._moments:
            return []
        now = self._now()
        found: dict[str, None] = {}
        while self._moments and self._moments[0][0] <= now:
            _, execution_id = heappop(self._moments)
            self._newest.pop(execution_id, None)
            found[execution_id] = None
        return list(found)
