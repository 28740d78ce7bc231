"""What waits in the inbox of an execution, and whether it is worth a look."""

from typing import Any, NamedTuple

from runfox.backend.protocols import Inbox, Runner, Store
from runfox.backend.queue import QueueRunner, result_of
from runfox.graph import StepResult

MOST = 1_000
"""How many messages one decision takes."""


class Letter(NamedTuple):
    """A result from the inbox, and its place there."""

    result: StepResult
    place: int


class Mail:
    """The inbox that results arrive in: the store's where the runner shares its database, else the runner's.

    ``shared``: messages are consumed in the commit that uses them. Otherwise they are forgotten after it, so
    they may be read twice, which is harmless: a repeated result changes nothing.
    """

    def __init__(self, store: Store, runner: Runner) -> None:
        own = runner.inbox if isinstance(runner, QueueRunner) else None
        database = getattr(runner, "database", None)
        self.shared = own is None or (database is not None and database == store.database)
        inbox: Any = store if self.shared else own
        self._inbox: Inbox | None = inbox if isinstance(inbox, Inbox) else None
        self._expected: set[str] = set()

    def expect(self, execution_id: str, *, waits: bool) -> None:
        """Note what a commit said: whether messages wait."""
        if waits:
            self._expected.add(execution_id)
        else:
            self._expected.discard(execution_id)

    def read(self, execution_id: str, *, look: bool) -> list[Letter]:
        """Return the messages that wait, in order. Without ``look`` only if some are expected."""
        if self._inbox is None or not (look or not self.shared or execution_id in self._expected):
            return []
        return [
            Letter(result_of(message), message.place)
            for message in self._inbox.read(execution_id, MOST)
        ]

    def forget(self, execution_id: str, place: int) -> None:
        """Delete messages that were used, or that changed nothing."""
        if self._inbox is not None:
            self._inbox.forget(execution_id, place)
