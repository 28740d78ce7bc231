"""How a step begins: one fact for each kind of body, and one for a step that has to wait for a place."""

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from runfox.graph.facts.instances import numbered_frame, steps_frame
from runfox.graph.record import NOTHING, More, StepRecord
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import Json

if TYPE_CHECKING:
    from runfox.graph.draft import Draft
    from runfox.graph.frames import FrameDraft

# Looking a member up on its class costs as much as making a record does.
_IN_PROGRESS, _WAITING = StepStatus.IN_PROGRESS, StepStatus.WAITING
_PENDING = WorkflowStatus.PENDING


class StepDispatched(NamedTuple):
    """A run of a step was handed out. ``inputs`` were resolved at this moment and are resolved never again.

    ``by`` are the dependencies that opened the gate, where not all of them had to.
    """

    step: str
    run_id: int
    attempt: int
    inputs: dict[str, Json]
    at: datetime
    by: tuple[str, ...] = ()

    def apply(self, draft: "Draft") -> None:
        frame, position = draft.find(self.step)
        old = frame.cells[position]
        more = old.more
        if self.by or more is not NOTHING or frame.layout.totals:
            more = _begun(frame, position, old, self.by, self.at)
        begun(draft, frame, position, self, _IN_PROGRESS, self.inputs, more)


class ChildStarted(NamedTuple):
    """A run of a step began another execution, ``child``, that did not exist before."""

    step: str
    run_id: int
    attempt: int
    inputs: dict[str, Json]
    child: str
    at: datetime
    by: tuple[str, ...] = ()

    def apply(self, draft: "Draft") -> None:
        frame, position = draft.find(self.step)
        more = _begun(frame, position, frame.cells[position], self.by, self.at)
        more = more._replace(child=self.child)
        begun(draft, frame, position, self, _IN_PROGRESS, self.inputs, more)


class BlockStarted(NamedTuple):
    """The steps inside a step began."""

    step: str
    run_id: int
    attempt: int
    at: datetime
    by: tuple[str, ...] = ()

    def apply(self, draft: "Draft") -> None:
        frame, position = draft.find(self.step)
        more = _begun(frame, position, frame.cells[position], self.by, self.at)
        layout = frame.layout.inside(position)
        inner = steps_frame(layout, more)
        begun(draft, frame, position, self, _IN_PROGRESS, None, more._replace(inner=inner))
        inside = frame.open_inside(position, inner)
        inside.fresh = list(layout.roots)
        inside.list()


class ItemsStarted(NamedTuple):
    """The items of a ``foreach`` are known, and begin one after another."""

    step: str
    run_id: int
    attempt: int
    items: tuple[Json, ...]
    at: datetime
    by: tuple[str, ...] = ()

    def apply(self, draft: "Draft") -> None:
        frame, position = draft.find(self.step)
        more = _begun(frame, position, frame.cells[position], self.by, self.at)
        inner = numbered_frame(self.items, more)
        begun(draft, frame, position, self, _IN_PROGRESS, None, more._replace(inner=inner))
        inside = frame.open_inside(position, inner)
        inside.call_up()
        inside.list()


class ItemsAdded(NamedTuple):
    """A ``foreach`` got more items, after those that it has."""

    step: str
    items: tuple[Json, ...]
    at: datetime

    def apply(self, draft: "Draft") -> None:
        frame, position = draft.find(self.step)
        more = frame.cells[position].more
        frame.inside(position).add(numbered_frame(self.items, more))


class StepWaiting(NamedTuple):
    """The step waits, until ``due`` or for one of ``signals``, as (name, key), and holds no worker."""

    step: str
    run_id: int
    attempt: int
    due: datetime | None
    signals: tuple[tuple[str, str], ...]
    at: datetime
    by: tuple[str, ...] = ()

    def apply(self, draft: "Draft") -> None:
        frame, position = draft.find(self.step)
        more = _begun(frame, position, frame.cells[position], self.by, self.at)
        more = more._replace(signals=self.signals)
        begun(draft, frame, position, self, _WAITING, None, more, self.due)
        draft.wait(frame, position, frame.cells[position])
        if self.due is not None:
            draft.time(self.due, frame, position, self.run_id, "wait")


class StepBlocked(NamedTuple):
    """The step could begin, but for the limit ``key``, in which no place is free; at ``due`` there may be one."""

    step: str
    key: str
    at: datetime
    due: datetime | None = None

    def apply(self, draft: "Draft") -> None:
        frame, position = draft.find(self.step)
        old = frame.cells[position]
        if draft.status is _PENDING:
            draft.begin(self.at)
        more = old.more._replace(blocked=self.key)
        new = old._replace(
            status=_WAITING, more=more, due=self.due, started_at=old.started_at or self.at
        )
        frame.reach(position)
        frame.move("StepBlocked", position, old, new)
        draft.wait(frame, position, new)
        if self.due is not None:
            draft.time(self.due, frame, position, old.run_id, "limit")


def begun(
    draft: "Draft",
    frame: "FrameDraft",
    position: int,
    fact: "StepDispatched | ChildStarted | BlockStarted | ItemsStarted | StepWaiting",
    status: StepStatus,
    inputs: dict[str, Json] | None,
    more: More,
    due: datetime | None = None,
) -> None:
    """Put the record of a step that begins in the place of the one that it had."""
    old = frame.cells[position]
    run_id = fact.run_id
    first, started = old.first_run, old.started_at
    if fact.attempt == 1:
        first, started = run_id, fact.at
    new = StepRecord(
        status, old.turn, fact.attempt, run_id, first, old.sets,
        None, old.error, inputs, due, started, None, old.answered, more,
    )  # fmt: skip
    if draft.status is _PENDING:
        draft.begin(fact.at)
    frame.reach(position)
    frame.move(type(fact).__name__, position, old, new)


def _begun(
    frame: "FrameDraft", position: int, old: StepRecord, by: tuple[str, ...], at: datetime
) -> More:
    """Return what there is of a step beside the usual, once it begins."""
    more = old.more
    if by:
        more = more._replace(by=by)
    if more.blocked is not None or more.held:
        more = more._replace(blocked=None, held=())
    total = frame.layout.totals.get(position)
    if total is not None and more.deadline is None:
        more = more._replace(deadline=at + total)
        frame.draft.time(at + total, frame, position, 0, "total")
    attempt = frame.layout.attempt(position)
    if attempt is not None:
        more = more._replace(expires=at + attempt)
        frame.draft.time(at + attempt, frame, position, old.run_id + 1, "attempt")
    return more
