"""Messages in memory."""

from itertools import islice
from threading import RLock

from runfox.backend.messages import answers
from runfox.backend.protocols import Message
from runfox.results import DispatchJob


class MemoryInbox:
    """The messages that wait, by execution, each key once."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._waiting: dict[str, dict[str, Message]] = {}
        self._placed = 0

    def put(self, message: Message) -> bool:
        with self._lock:
            waiting = self._waiting.setdefault(message.execution_id, {})
            if message.key in waiting:
                return False
            self._placed += 1
            waiting[message.key] = message._replace(place=self._placed)
            return True

    def read(self, execution_id: str, limit: int) -> list[Message]:
        with self._lock:
            return list(islice(self._waiting.get(execution_id, {}).values(), limit))

    def forget(self, execution_id: str, place: int) -> None:
        """Delete the messages of an execution up to a place."""
        with self._lock:
            waiting = self._waiting.pop(execution_id, {})
            left = {key: message for key, message in waiting.items() if message.place > place}
            if left:
                self._waiting[execution_id] = left

    def drop(self, execution_id: str) -> None:
        """Delete all messages of an execution."""
        with self._lock:
            self._waiting.pop(execution_id, None)

    def answered(self, job: DispatchJob) -> bool:
        """Return whether an answer to a job waits that its execution will accept."""
        return any(answers(one, job) for one in self._waiting.get(job.execution_id, {}).values())

    def waits(self, execution_id: str) -> bool:
        """Return whether any message waits for an execution."""
        return execution_id in self._waiting

    def waiting(self) -> list[str]:
        """Return the executions that messages wait for."""
        with self._lock:
            return list(self._waiting)
