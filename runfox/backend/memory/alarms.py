"""When the executions in memory wake."""

from datetime import datetime
from heapq import heappop, heappush


class Alarms:
    """The next wake time of each execution that has one. Asking who is due costs what is due."""

    def __init__(self) -> None:
        self._times: dict[str, datetime] = {}
        self._heap: list[
            tuple[datetime, str]
        ] = []  # what is no longer in _times is left to be come upon

    def set(self, execution_id: str, wake_at: datetime | None) -> None:
        """Note when an execution wakes next, None if nothing is due for it."""
        if wake_at is None:
            self._times.pop(execution_id, None)
        elif self._times.get(execution_id) != wake_at:
            self._times[execution_id] = wake_at
            heappush(self._heap, (wake_at, execution_id))

    def due(self, now: datetime) -> list[str]:
        """Return the executions whose time has come, the earliest first. They stay due."""
        found: dict[str, datetime] = {}
        while self._heap and self._heap[0][0] <= now:
            wake_at, execution_id = heappop(self._heap)
            if self._times.get(execution_id) == wake_at:
                found[execution_id] = wake_at
        for execution_id, wake_at in found.items():
            heappush(self._heap, (wake_at, execution_id))
        return list(found)
