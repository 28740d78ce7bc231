"""A record under decision: a working copy that takes each fact the moment it is decided.

So a later decision of the same transition reads what an earlier one made true. ``freeze`` gives the next
record. Whatever is derived from facts (gates, ready steps, counts) is kept here, by arithmetic on moves.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from runfox.errors import IllegalMove
from runfox.graph.facts import Fact
from runfox.graph.moves import MOVES
from runfox.graph.persistent import Editor, Layers, Timer, meld
from runfox.graph.plan import SATISFIED, UNMET, gate_decided, gate_open
from runfox.graph.record import StepRecord, WorkflowRecord
from runfox.graph.scope import scope
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import Json

# What a step in each status counts for: in the gates behind it, among the steps still open, among those
# that something is under way for.
COUNTS = {
    StepStatus.READY: (0, 1, 0),
    StepStatus.WAITING: (0, 1, 1),
    StepStatus.IN_PROGRESS: (0, 1, 1),
    StepStatus.RETRY: (0, 1, 1),
    StepStatus.COMPLETE: (SATISFIED - 1, 0, 0),
    StepStatus.SKIPPED: (-1, 0, 0),
    StepStatus.CANCELLED: (-1, 0, 0),
    StepStatus.UNDONE: (-1, 0, 0),
    StepStatus.FAILED: (UNMET - 1, 0, 0),
    StepStatus.HALTED: (UNMET - 1, 0, 0),
}

_EFFECTS = {
    fact: {
        before: tuple(new - old for new, old in zip(COUNTS[after], COUNTS[before], strict=True))
        for before in allowed
    }
    for fact, (allowed, after) in MOVES.items()
}
"""For each fact and each status that it may move a step from: what the move adds to these counts."""

# Looking a member up on its class costs as much as making a record does.
_IN_PROGRESS, _READY, _RETRY = StepStatus.IN_PROGRESS, StepStatus.READY, StepStatus.RETRY


class Draft:
    """The next record in the making. Facts are its only way to change."""

    __slots__ = (
        "before",
        "cells",
        "closed",
        "ended_at",
        "error",
        "facts",
        "flying",
        "gates",
        "ignored",
        "index",
        "now",
        "open",
        "opened",
        "outcome",
        "plan",
        "ready",
        "seen",
        "shut",
        "started_at",
        "state",
        "state_bytes",
        "status",
        "timers",
    )

    def __init__(self, record: WorkflowRecord, now: datetime) -> None:
        plan = record.origin.plan
        self.before = record
        self.plan = plan
        self.index = plan.index
        self.now = now
        self.status: WorkflowStatus = record.status
        self.state: Layers = record.state
        self.cells: Editor[StepRecord] = Editor(record.cells)
        self.ignored: Layers = record.ignored
        self.outcome: Json = record.outcome
        self.error: dict[str, Json] | None = record.error
        self.started_at: datetime | None = record.started_at
        self.ended_at: datetime | None = record.ended_at
        self.gates: Editor[int] = Editor(record.gates)
        self.ready: list[int] = list(record.ready)
        self.open: int = record.open
        self.flying: int = record.flying
        self.timers: Timer | None = record.timers
        self.state_bytes: int = record.state_bytes
        self.seen: dict[str, Any] | None = None
        self.facts: list[Fact] = []
        # Positions whose gate was decided and did not open: they are skipped when the decision settles.
        self.shut: list[int] = []
        # Runs handed out and runs over, by (position, run_id): what a queue has to add and to remove.
        self.opened: dict[tuple[int, int], None] = {}
        self.closed: dict[tuple[int, int], None] = {}

    def emit(self, fact: Fact) -> None:
        """Make a decided fact true, and part of the transition."""
        fact.apply(self)
        self.facts.append(fact)

    # What facts do ------------------------------------------------------------------------------------

    def move(self, fact: str, position: int, old: StepRecord, new: StepRecord) -> None:
        """Replace the record of a step, and keep the derived data by arithmetic on the two statuses."""
        effect = _EFFECTS[fact].get(old.status)
        if effect is None:
            raise IllegalMove(
                f"{fact} cannot move step {self.plan.steps[position].id!r} from {old.status}: "
                "the history of this execution is damaged, or this is a fault of runfox"
            )
        weight, still_open, flying = effect
        self.cells[position] = new
        self.open += still_open
        self.flying += flying
        if old.status is _IN_PROGRESS:
            run = (position, old.run_id)
            if run in self.opened:
                del self.opened[run]
            else:
                self.closed[run] = None
        elif new.status is _IN_PROGRESS:
            self.opened[position, new.run_id] = None
        if weight:
            self._count(position, weight)

    def _count(self, position: int, weight: int) -> None:
        gates = self.gates
        for dependent in self.plan.dependents[position]:
            gate = gates[dependent] = gates[dependent] + weight
            if gate_decided(gate):
                (self.ready if gate_open(gate) else self.shut).append(dependent)

    def reopen(self, position: int) -> None:
        """Queue a step that was reset, if its gate is decided as it was before."""
        gate = self.gates[position]
        if gate_decided(gate):
            (self.ready if gate_open(gate) else self.shut).append(position)

    def merge(self, output: Mapping[str, Json]) -> None:
        """Set keys of ``state``, latest wins."""
        self.state = self.state.with_items(output)
        if self.seen is not None:
            self.seen["state"] = self.state

    # What decisions ask -------------------------------------------------------------------------------

    def scope(self) -> dict[str, Any]:
        """Return what expressions see: made once, and true until the draft is frozen."""
        if self.seen is None:
            self.seen = scope(self)
        return self.seen

    def is_over(self) -> bool:
        """Whether the run has ended, perhaps by what was decided a moment ago."""
        return self.status.ended

    def is_ready(self, position: int) -> bool:
        """Whether the step may be dispatched now. ``ready`` may name steps that have moved on since."""
        cell = self.cells[position]
        if cell.status is _READY:
            return gate_open(self.gates[position])
        return cell.status is _RETRY and cell.due is not None and cell.due <= self.now

    def waits_for(self, timer: Timer) -> bool:
        """Whether the step still waits for this timer: it may have been answered, reset or dispatched since."""
        cell = self.cells[timer.position]
        return cell.status is _RETRY and cell.run_id == timer.run_id

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
        return WorkflowRecord(
            self.before.origin,
            revision,
            self.status,
            self.state,
            self.cells.chunks,
            self.ignored,
            self.outcome,
            self.error,
            self.started_at,
            self.ended_at,
            self.gates.chunks,
            tuple(self.ready),
            self.open,
            self.flying,
            self.timers,
            self.state_bytes,
        )
