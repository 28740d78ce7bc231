"""A record under decision: a working copy that takes each fact the moment it is decided.

So a later decision of the same transition reads what an earlier one made true. ``freeze`` gives the next
record. What is derived from facts is kept by arithmetic on moves: of steps in ``frames``, of the run here.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from runfox.graph.facts import Fact
from runfox.graph.frames import FrameDraft
from runfox.graph.merging import merged
from runfox.graph.outside import NOTHING_KNOWN, Outside, Wishes
from runfox.graph.persistent import Layers, Stack, Timer, meld
from runfox.graph.places import LAST, UNDO, locate, undo_layout
from runfox.graph.record import Ending, Frame, StepRecord, WorkflowRecord
from runfox.graph.scope import scope
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import Json


class Draft:
    """The next record in the making. Facts are its only way to change.

    Attributes:
        opened, closed: Runs handed out and runs over, by (path, run_id): what a queue has to add and to remove.
            ``closed`` gives the execution that the run was, if it was one.
        unsettled: Frames in which something ended that others may follow from.
        outside: What the store said when it was asked; ``questions`` are what it has to be asked yet.
        calls: Whether executions begin, or are not wanted any more.
    """

    __slots__ = (
        "_wishes",
        "awaited",
        "before",
        "blocked_by",
        "calls",
        "closed",
        "ended_at",
        "ending",
        "error",
        "facts",
        "ignored",
        "index",
        "known",
        "last",
        "now",
        "opened",
        "outcome",
        "outside",
        "plan",
        "root",
        "seen",
        "signals",
        "started_at",
        "state",
        "state_bytes",
        "status",
        "timers",
        "undo",
        "undos",
        "unsettled",
    )

    def __init__(
        self, record: WorkflowRecord, now: datetime, outside: Outside = NOTHING_KNOWN
    ) -> None:
        plan = record.origin.plan
        self.before = record
        self.plan = plan
        self.index = plan.layout.index
        self.now = now
        self.outside = outside
        self.status: WorkflowStatus = record.status
        self.state: Layers = record.state
        self.ignored: Layers = record.ignored
        self.outcome: Json = record.outcome
        self.error: dict[str, Json] | None = record.error
        self.started_at: datetime | None = record.started_at
        self.ended_at: datetime | None = record.ended_at
        self.timers: Timer | None = record.timers
        self.state_bytes: int = record.state_bytes
        self.awaited: Layers = record.awaited
        self.signals: Layers = record.signals
        self.known: Layers = record.known
        self.undos: Stack | None = record.undos
        self.ending: Ending | None = record.ending
        self.blocked_by: str | None = record.blocked
        self.seen: dict[str, Any] | None = None
        self.facts: list[Fact] = []
        self.opened: dict[tuple[str, int], tuple[FrameDraft, int]] = {}
        self.closed: dict[tuple[str, int], str | None] = {}
        self.unsettled: list[FrameDraft] = []
        self.calls = False
        self._wishes: Wishes | None = None
        self.root = FrameDraft(self, plan.layout, record.frame)
        self.undo: FrameDraft | None = None
        self.last: FrameDraft | None = None
        if record.ending is not None:
            if record.undo is not None:
                self.open_undo(record.undo)
            if record.last is not None:
                self.open_last(record.last)

    def emit(self, fact: Fact) -> None:
        """Make a decided fact true, and part of the transition."""
        fact.apply(self)
        self.facts.append(fact)

    @property
    def wishes(self) -> Wishes:
        """What is wanted of others than the execution itself."""
        if self._wishes is None:
            self._wishes = Wishes()
        return self._wishes

    @property
    def wishless(self) -> bool:
        """Whether nothing is wanted of others."""
        return self._wishes is None and not self.calls

    # Places -------------------------------------------------------------------------------------------

    def find(self, path: str) -> tuple[FrameDraft, int]:
        """Return the frame and the position of a step by its path. Raises ``KeyError``."""
        position = self.index.get(path)
        if position is not None:
            return self.root, position
        return locate(self, path)

    def open_undo(self, frame: Frame) -> None:
        """Put the frame of the rollback in its place."""
        layout = undo_layout(self.plan, self.undos)
        self.undo = FrameDraft(self, layout, frame, where=(UNDO,), prefix="undo")
        self.undo.merges = False

    def open_last(self, frame: Frame) -> None:
        """Put the frame of ``finally`` in its place."""
        assert self.plan.last is not None
        self.last = FrameDraft(self, self.plan.last, frame, where=(LAST,))

    # What facts do ------------------------------------------------------------------------------------

    def begin(self, at: datetime) -> None:
        """Note that the run is under way, and until when it may take."""
        self.blocked_by = None
        if self.status is WorkflowStatus.PENDING:
            self.status = WorkflowStatus.IN_PROGRESS
        if self.started_at is None:
            self.started_at = at
            if self.plan.spec.timeout is not None:
                due = at + self.plan.spec.timeout
                self.timers = meld(self.timers, Timer(due, (), 0, "run"))

    def merge(self, output: Mapping[str, Json]) -> None:
        """Set keys of ``state``: the latest value wins, or what the key's ``merge`` makes of both."""
        declared = self.plan.spec.state
        found = merged(declared, self.state, output) if declared else output
        self.state = self.state.with_items(found)
        if self.seen is not None:
            self.seen["state"] = self.state

    def time(self, due: datetime, frame: FrameDraft, position: int, run_id: int, kind: str) -> None:
        """Set a timer for a step."""
        self.timers = meld(self.timers, Timer(due, (*frame.where, position), run_id, kind))

    def wait(self, frame: FrameDraft, position: int, cell: StepRecord) -> None:
        """Enter a step under each thing that it waits for."""
        for name in awaited_by(cell):
            entry = (cell.started_at, (*frame.where, position), cell.run_id)
            self.awaited = self.awaited.with_items({name: (*self.awaited.get(name, ()), entry)})

    def unwait(self, frame: FrameDraft, position: int, cell: StepRecord) -> None:
        """Take a step off the lists of what it waited for."""
        where = (*frame.where, position)
        for name in awaited_by(cell):
            entries = tuple(one for one in self.awaited.get(name, ()) if one[1] != where)
            self.awaited = self.awaited.with_items({name: entries})

    def rouse(self, entries: Iterable[Any]) -> None:
        """Have steps try again that wait: entries of ``awaited``."""
        for _, where, _ in entries:
            found = self.at(where)
            if found is not None:
                frame, position = found
                frame.queue(position)

    # What decisions ask -------------------------------------------------------------------------------

    def scope(self) -> dict[str, Any]:
        """Return what expressions see at the top: made once, and true until the draft is frozen."""
        if self.seen is None:
            self.seen = scope(self)
        return self.seen

    @property
    def over(self) -> bool:
        """Whether how the run ends is decided, perhaps by what was decided a moment ago."""
        return self.status.ended or self.ending is not None

    @property
    def draining(self) -> bool:
        """Whether what is under way is waited for before a rollback."""
        return self.ending is not None and self.ending.phase == "draining"

    def waits_for(self, timer: Timer) -> bool:
        """Whether anybody still waits for a timer: its step may have been answered, reset or dispatched since."""
        if not timer.where:
            return not self.over and (timer.kind == "run" or self.blocked_by is not None)
        found = self.at(timer.where)
        return found is not None and waits(found[0].cells[found[1]], timer)

    def at(self, where: tuple[int, ...]) -> tuple[FrameDraft, int] | None:
        """Return the frame and the position that positions lead to, or None if that is gone."""
        first, *rest = where
        frame: FrameDraft | None = self.root
        if first in (UNDO, LAST):
            frame = self.undo if first == UNDO else self.last
            first, *rest = rest
        for place in rest:
            if frame is None or frame.cells[first].more.inner is None:
                return None
            frame, first = frame.inside(first), place
        return None if frame is None else (frame, first)

    def release(self) -> None:
        """Let go of the views and frames that refer to this draft, once it is closed."""
        self.seen = None
        for frame in (self.root, self.undo, self.last):
            if frame is not None:
                frame.release()
        self.unsettled.clear()
        self.opened = {}

    def freeze(self) -> WorkflowRecord:
        """Return the record after the facts: the same one if there were none."""
        if not self.facts:
            return self.before
        return self.record(self.before.revision + 1)

    def record(self, revision: int) -> WorkflowRecord:
        """Return what the draft holds, as a record of that revision."""
        # A timer that nobody waits for must not wake anybody, again and again, once its moment has passed.
        while self.timers is not None and not self.waits_for(self.timers):
            self.timers = meld(self.timers.left, self.timers.right)
        before = self.before
        return WorkflowRecord(
            before.origin,
            revision,
            self.status,
            self.state,
            self.root.frozen(),
            self.ignored,
            self.outcome,
            self.error,
            self.started_at,
            self.ended_at,
            self.timers,
            self.state_bytes,
            self.awaited,
            self.signals,
            self.known,
            self.undos,
            before.undo if self.undo is None else self.undo.frozen(),
            before.last if self.last is None else self.last.frozen(),
            self.ending,
            self.blocked_by,
        )


def awaited_by(cell: StepRecord) -> list[str]:
    """Return what a waiting step waits for, beside time: each signal, or a place in a limit."""
    more = cell.more
    if more.blocked is not None:
        return [f"limit\0{more.blocked}"]
    return [f"signal\0{name}\0{key}" for name, key in more.signals]


def _under_way(cell: StepRecord) -> bool:
    if cell.more.expires is None or cell.more.blocked is not None:
        return False
    return cell.status in (StepStatus.IN_PROGRESS, StepStatus.WAITING)


def waits(cell: StepRecord, timer: Timer) -> bool:
    """Whether a step still waits for a timer of its own."""
    match timer.kind:
        case "retry":
            return cell.status is StepStatus.RETRY and cell.run_id == timer.run_id
        case "wait":
            return cell.status is StepStatus.WAITING and cell.run_id == timer.run_id
        case "attempt":
            return _under_way(cell) and cell.run_id == timer.run_id
        case "limit":
            return cell.more.blocked is not None and cell.due == timer.due
        case _:
            return not cell.status.ended and cell.more.deadline == timer.due
