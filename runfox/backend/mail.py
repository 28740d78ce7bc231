"""What waits in the inbox of an execution, and whether it is worth a look."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from runfox.backend import messages
from runfox.backend.protocols import Inbox, Message, Store
from runfox.backend.queue import result_of
from runfox.backend.routes import Route
from runfox.graph import (
    CancelAsked,
    ChildEnded,
    Event,
    RetryAsked,
    SignalSent,
    SlotFreed,
    StepCancelAsked,
)
from runfox.values import Json

MOST = 1_000
"""How many messages one decision takes."""


class Letter(NamedTuple):
    """An event from an inbox, and its place there. ``kept``: in the store's, which a commit consumes."""

    event: Event
    place: int
    kept: bool


class Mail:
    """The inboxes that an execution hears from: the store's, and the runner's where that keeps the jobs.

    Of the store's, messages are consumed in the commit that uses them. Those of the runner are forgotten after
    it, so they may be read twice, which is harmless: a repeated result changes nothing.
    """

    def __init__(self, store: Store, route: Route) -> None:
        elsewhere = None if route.kept else route.queue
        self._kept: Inbox | None = store if isinstance(store, Inbox) else None
        self._own: Inbox | None = None if elsewhere is None else elsewhere.inbox
        self._expected: set[str] = set()

    def expect(self, execution_id: str, *, waits: bool) -> None:
        """Note what a commit said: whether messages wait."""
        if waits:
            self._expected.add(execution_id)
        else:
            self._expected.discard(execution_id)

    def read(self, execution_id: str, *, look: bool) -> list[Letter]:
        """Return the messages that wait, in order. Without ``look`` only if some are expected."""
        found: list[Letter] = []
        if self._kept is not None and (look or execution_id in self._expected):
            found += _letters(self._kept.read(execution_id, MOST), kept=True)
        if self._own is not None:
            found += _letters(self._own.read(execution_id, MOST), kept=False)
        return found

    def consumed(self, letters: Iterable[Letter]) -> int | None:
        """Return the place up to which the store's messages were used."""
        return max((letter.place for letter in letters if letter.kept), default=None)

    def forget(self, execution_id: str, letters: Iterable[Letter], *, kept: bool) -> None:
        """Delete messages that were used, or that changed nothing: the runner's, or the store's."""
        place = max((one.place for one in letters if one.kept is kept), default=None)
        inbox = self._kept if kept else self._own
        if place is not None and inbox is not None:
            inbox.forget(execution_id, place)


def _letters(found: Iterable[Message], *, kept: bool) -> list[Letter]:
    return [Letter(event_of(message), message.place, kept) for message in found]


def event_of(message: Message) -> Event:
    """Return what a message says. One of an unknown kind is read as a result, and ignored as such."""
    body: dict[str, Any] = message.body if isinstance(message.body, dict) else {}
    match message.kind:
        case messages.ENDED:
            return ChildEnded(
                _text(body.get("step")),
                _number(body.get("run_id")),
                body.get("output"),
                body.get("error"),
            )
        case messages.CANCEL if "step" in body:
            return StepCancelAsked(_text(body.get("step")), _number(body.get("run_id")))
        case messages.CANCEL:
            return CancelAsked()
        case messages.RETRY:
            return RetryAsked()
        case messages.SLOT:
            return SlotFreed(_text(body.get("key")))
        case messages.SIGNAL:
            name, key = _text(body.get("name")), body.get("key")
            return SignalSent(name, body.get("data"), key, _text(body.get("id")))
        case _:
            return result_of(message)


def _text(value: Json) -> str:
    return value if type(value) is str else ""


def _number(value: Json) -> int:
    return value if type(value) is int else -1
