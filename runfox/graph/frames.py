"""A frame under decision: the steps of one list, or the items of one ``foreach``, while facts change them.

Whatever is derived from facts (gates, ready steps, counts) is kept here, by arithmetic on moves.
"""

from typing import TYPE_CHECKING, Any

from runfox.errors import IllegalMove
from runfox.graph.layout import WEIGHTS, Layout, gate_decided, gate_open
from runfox.graph.moves import MOVES
from runfox.graph.persistent import Editor, vector
from runfox.graph.record import Frame, StepRecord
from runfox.spec.model import Call, Fn, Step
from runfox.status import StepStatus

if TYPE_CHECKING:
    from runfox.graph.draft import Draft

# Looking a member up on its class costs as much as making a record does.
_IN_PROGRESS, _READY, _WAITING = StepStatus.IN_PROGRESS, StepStatus.READY, StepStatus.WAITING
_FLYING = (StepStatus.IN_PROGRESS, StepStatus.RETRY, StepStatus.WAITING)

COUNTS = {
    status: (WEIGHTS["complete"][status] - 1, int(not status.ended), int(status in _FLYING))
    for status in StepStatus
}
"""What a step in each status counts for: in the gates of those that wait for it to be complete (from what an
open one does), among the steps still open, among those that something is under way for."""

_EFFECTS = {
    fact: {
        before: tuple(new - old for new, old in zip(COUNTS[after], COUNTS[before], strict=True))
        for before in allowed
    }
    for fact, (allowed, after) in MOVES.items()
}
"""For each fact and each status that it may move a step from: what the move adds to these counts."""


class FrameDraft:
    """The next frame in the making. ``where`` leads to it by positions, ``prefix`` is how its paths begin.

    Attributes:
        fresh: Positions whose gate was decided, or may have opened: what becomes of them is to be decided.
        suspects: Positions that failed, or whose failure may not be handled any longer.
        merges: Whether outputs inside are merged into ``state``: not those of items.
    """

    __slots__ = (
        "cells",
        "closed",
        "draft",
        "error",
        "failures",
        "flying",
        "fresh",
        "gates",
        "inner",
        "layout",
        "listed",
        "merges",
        "next",
        "open",
        "parent",
        "prefix",
        "ready",
        "successes",
        "suspects",
        "values",
        "where",
    )

    def __init__(
        self,
        draft: "Draft",
        layout: Layout,
        frame: Frame,
        *,
        where: tuple[int, ...] = (),
        prefix: str = "",
        parent: "FrameDraft | None" = None,
    ) -> None:
        self.draft = draft
        self.layout = layout
        self.where = where
        self.prefix = prefix
        self.parent = parent
        self.merges: bool = (parent is None or parent.merges) and not layout.numbered
        self.cells: Editor[StepRecord] = Editor(frame.cells)
        self.gates: Editor[int] = Editor(frame.gates)
        self.ready: list[int] = list(frame.ready)
        self.open: int = frame.open
        self.flying: int = frame.flying
        self.next: int = frame.next
        self.successes: int = frame.successes
        self.failures: int = frame.failures
        self.values: tuple[Any, ...] = frame.values
        self.error: dict[str, Any] | None = frame.error
        self.closed: bool = frame.closed
        self.fresh: list[int] = []
        self.suspects: list[int] = []
        self.inner: dict[int, FrameDraft] = {}
        self.listed = False

    def step(self, position: int) -> Step:
        """Return the step at a position as it was written."""
        return self.layout.steps[position]

    def path(self, position: int) -> str:
        """Return what the step at a position is called in facts, jobs and messages."""
        if self.layout.numbered:
            return f"{self.prefix}[{position}]"
        return self.prefix + self.layout.steps[position].id

    def inside(self, position: int) -> "FrameDraft":
        """Return the frame inside a step that runs others."""
        found = self.inner.get(position)
        if found is None:
            frame = self.cells[position].more.inner
            assert frame is not None, f"nothing runs inside {self.path(position)}"
            found = self.open_inside(position, frame)
        return found

    def open_inside(self, position: int, frame: Frame) -> "FrameDraft":
        """Put a frame inside a step."""
        layout = self.layout.inside(position)
        prefix = self.path(position)
        found = self.inner[position] = FrameDraft(
            self.draft,
            layout,
            frame,
            where=(*self.where, position),
            prefix=prefix if layout.numbered else f"{prefix}.",
            parent=self,
        )
        return found

    # What facts do ------------------------------------------------------------------------------------

    def move(self, fact: str, position: int, old: StepRecord, new: StepRecord) -> None:
        """Replace the record of a step, and keep the derived data by arithmetic on the two statuses."""
        effect = _EFFECTS[fact].get(old.status)
        if effect is None:
            raise IllegalMove(
                f"{fact} cannot move step {self.path(position)!r} from {old.status}: "
                "the history of this execution is damaged, or this is a fault of runfox"
            )
        weight, still_open, flying = effect
        self.cells[position] = new
        self.open += still_open
        self.flying += flying
        if old.status is _IN_PROGRESS:
            if new.status is not _IN_PROGRESS:
                self._over(position, old)
        elif new.status is _IN_PROGRESS:
            self._under_way(position, new)
        if old.status is _WAITING:
            self.draft.unwait(self, position, old)
            if new.status is not _WAITING:
                self._leave(position, old)
        # A cancelled step counts for others as an undone one does, but for those that want it skipped.
        if weight or new.status is StepStatus.UNDONE:
            if not self.layout.numbered:
                self._count(position, old.status, new.status, weight)
            else:
                self._tally(old.status, -1)
                self._tally(new.status, 1)
            if not self.listed:
                self.list()

    def list(self) -> None:
        """Have it looked at before the decision is closed: something has ended, or is to be decided."""
        if not self.listed:
            self.listed = True
            self.draft.unsettled.append(self)

    def _under_way(self, position: int, new: StepRecord) -> None:
        body = type(self.layout.steps[position].body)
        if body is Fn or body is Call:
            self.draft.opened[self.path(position), new.run_id] = (self, position)
            if body is Call:
                self.draft.calls = True

    def _over(self, position: int, old: StepRecord) -> None:
        step = self.layout.steps[position]
        body = type(step.body)
        if body is Fn or body is Call:
            run = (self.path(position), old.run_id)
            if self.draft.opened.pop(run, None) is None:
                self.draft.closed[run] = old.more.child
            if body is Call:
                self.draft.calls = True
        if step.limit is not None:
            self._leave(position, old)

    def _leave(self, position: int, old: StepRecord) -> None:
        """Note that a run holds no place in a limit any longer, or waits for none."""
        if self.layout.steps[position].limit is not None:
            wishes, path = self.draft.wishes, self.path(position)
            if old.more.blocked is None:
                run_id = old.run_id
                wishes.unclaim(path, run_id)
            else:
                run_id = old.run_id + 1
                wishes.wait_no_more(path, run_id)
            wishes.freed.append((path, run_id))

    def _count(self, position: int, before: StepStatus, after: StepStatus, weight: int) -> None:
        gates, plain = self.gates, self.layout.plain
        for dependent in self.layout.dependents[position]:
            gate = gates[dependent] = gates[dependent] + weight
            if not plain[dependent]:
                self._stir(dependent, position, after)
            elif gate_decided(gate):
                (self.ready if gate_open(gate) else self.fresh).append(dependent)
        for dependent, wanted in self.layout.others.get(position, ()):
            weights = WEIGHTS[wanted]
            change = weights[after] - weights[before]
            if change:
                gates[dependent] = gates[dependent] + change
                self._stir(dependent, position, after)

    def _tally(self, status: StepStatus, number: int) -> None:
        if status is StepStatus.COMPLETE:
            self.successes += number
        elif status is StepStatus.FAILED:
            self.failures += number

    def _stir(self, dependent: int, position: int, after: StepStatus) -> None:
        """Have a gate looked at that more than counting decides; let go of what was held until this end."""
        if after.ended:
            cell = self.cells[dependent]
            if cell.more.held and self.layout.steps[position].id in cell.more.held:
                self.cells[dependent] = cell._replace(more=cell.more._replace(held=()))
        self.fresh.append(dependent)

    def reach(self, position: int) -> None:
        """Note that an item has begun, or is over: one that an operator skipped leaves others behind to begin."""
        if self.layout.numbered and position >= self.next:
            if position > self.next:
                self.ready += range(self.next, position)
                self.call_up()
            self.next = position + 1

    def reopen(self, position: int) -> None:
        """Have the gate of a step decided again that was reset."""
        if self.layout.numbered:
            self.queue(position)
        elif self.layout.plain[position] and gate_open(self.gates[position]):
            self.ready.append(position)
        else:
            self.fresh.append(position)
        self.list()

    def queue(self, position: int) -> None:
        """Have a step begin, or go on, when jobs are handed out next."""
        self.ready.append(position)
        self.call_up()

    def call_up(self) -> None:
        """Have the steps that this frame is inside of looked at when jobs are handed out."""
        frame: FrameDraft = self
        while frame.parent is not None:
            place = frame.where[-1]
            above = frame.parent.ready
            if above and above[-1] == place:
                return  # told just now; told twice would do no harm either
            above.append(place)
            frame = frame.parent

    def ask_again(self, position: int) -> None:
        """Have the failures that a step might have handled judged again: it was skipped, or withdrawn."""
        if not self.layout.numbered:
            for dependency in self.layout.steps[position].depends_on:
                other = self.layout.index[dependency.step]
                if self.cells[other].status is StepStatus.FAILED:
                    self.suspects.append(other)

    # What decisions ask -------------------------------------------------------------------------------

    def opens(self, position: int) -> bool:
        """Whether the step's dependencies let it run now."""
        return self.layout.opens(position, self.gates[position], self.cells[position])

    def is_due(self, position: int) -> bool:
        """Whether the step may begin now. ``ready`` may name steps that have moved on since."""
        cell = self.cells[position]
        status = cell.status
        if status is _READY:
            if self.layout.numbered:
                return True
            if self.layout.plain[position]:
                return gate_open(self.gates[position])
            return self.opens(position)
        if status is StepStatus.RETRY:
            return cell.due is not None and cell.due <= self.draft.now
        if status is _WAITING:
            return cell.more.blocked is not None
        return False

    def goes_on(self, position: int) -> bool:
        """Whether what is inside a step runs: the step does, or it has ended and ignores the rest of its items."""
        status = self.cells[position].status
        return status is _IN_PROGRESS or (status.ended and position in self.layout.lingering)

    def left_over(self) -> tuple[int, ...]:
        """Return the positions of steps that have ended, and inside of which something is under way."""
        return tuple(
            position
            for position in self.layout.lingering
            if self.cells[position].status.ended
            and self.cells[position].more.inner is not None
            and self.inside(position).flying
        )

    def begun(self) -> range:
        """Return the positions of what may have begun: of items, those before the first that has not."""
        return range(self.next if self.layout.numbered else self.size())

    def size(self) -> int:
        """Return how many steps, or items, there are."""
        return sum(map(len, self.cells.chunks))

    def add(self, items: Frame) -> None:
        """Put more items behind those that there are."""
        cells = [cell for chunk in (*self.cells.chunks, *items.cells) for cell in chunk]
        self.cells = Editor(vector(cells))
        self.values = (*self.values, *items.values)
        self.open += items.open
        self.call_up()

    def release(self) -> None:
        """Let go of what refers to this frame, and of what it refers to."""
        for inner in self.inner.values():
            inner.release()
        self.inner = {}
        self.parent = None
        del self.draft

    def frozen(self) -> Frame:
        """Return the frame as it stands, with all frames inside it."""
        for position, inner in self.inner.items():
            cell = self.cells[position]
            self.cells[position] = cell._replace(more=cell.more._replace(inner=inner.frozen()))
        ready = self.ready
        if self.fresh:
            # Of facts that are folded nothing is decided: what opened then stays ready.
            found = [
                one for one in self.fresh if self.cells[one].status is _READY and self.opens(one)
            ]
            ready = [*ready, *found]
        return Frame(
            self.cells.chunks,
            self.gates.chunks,
            tuple(ready),
            self.open,
            self.flying,
            self.next,
            self.successes,
            self.failures,
            self.values,
            self.error,
            self.closed,
        )
