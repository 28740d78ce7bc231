"""How steps go back: to a new turn by a branch, or to another try of the same turn by an operator."""

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from runfox.graph.facts.instances import next_base, next_turn
from runfox.graph.record import NOTHING, More, StepRecord
from runfox.status import StepStatus
from runfox.values import Json

_READY = StepStatus.READY

if TYPE_CHECKING:
    from runfox.graph.draft import Draft
    from runfox.graph.frames import FrameDraft


class StepsReset(NamedTuple):
    """A branch of ``by``, or an operator (""), started a new turn of ``targets``, and of all they had let through.

    ``steps`` are all that go back, targets included where they had begun. ``state`` stays. ``given`` is the
    input that the operator gave to the first target.
    """

    by: str
    targets: tuple[str, ...]
    steps: tuple[str, ...]
    at: datetime
    given: dict[str, Json] | None = None

    def apply(self, draft: "Draft") -> None:
        if self.by:
            frame, position = draft.find(self.by)
            setter = frame.cells[position]
            frame.cells[position] = setter._replace(sets=setter.sets + 1)
        places = [draft.find(step) for step in self.steps]
        for frame, position in places:
            old = frame.cells[position]
            more = NOTHING
            if old.more is not NOTHING or frame.layout.joins:
                more = _kept(frame, position, self.steps)
                frame.inner.pop(position, None)
            fresh = StepRecord(
                _READY, old.turn + 1, 0, old.run_id, old.run_id + 1, old.sets, more=more
            )
            frame.move("StepsReset", position, old, fresh)
        if self.given is not None:
            frame, position = draft.find(self.targets[0])
            cell = frame.cells[position]
            frame.cells[position] = cell._replace(more=cell.more._replace(given=self.given))
        for frame, position in places:
            frame.reopen(position)


def _kept(frame: "FrameDraft", position: int, steps: tuple[str, ...]) -> More:
    """Return what stays of a step that goes back: numbers, and what its gate is held for."""
    old = frame.cells[position].more
    base, turns = old.base, old.turns
    if old.inner is not None:
        inner = frame.inside(position).frozen()
        base, turns = next_base(inner), next_turn(inner)
    held: tuple[str, ...] = ()
    if position in frame.layout.joins:
        back = {path.rpartition(".")[2] for path in steps}
        held = tuple(
            dependency.step
            for dependency in frame.step(position).depends_on
            if dependency.step in back
        )
    if not base and not turns and not held:
        return NOTHING
    return More(base=base, turns=turns, held=held)


class StepsReopened(NamedTuple):
    """An operator lets steps that ended without success be tried again, in the same turn."""

    steps: tuple[str, ...]
    at: datetime

    def apply(self, draft: "Draft") -> None:
        places = [draft.find(step) for step in self.steps]
        for frame, position in places:
            old = frame.cells[position]
            more = old.more
            if more.inner is not None:
                base = next_base(frame.inside(position).frozen())
                more = more._replace(inner=None, base=base)
                del frame.inner[position]
            more = more._replace(failures=(), deadline=None, child=None, signals=(), by=())
            new = old._replace(
                status=StepStatus.READY,
                attempt=0,
                started_at=None,
                ended_at=None,
                more=NOTHING if more == NOTHING else more,
            )
            frame.move("StepsReopened", position, old, new)
        for frame, position in places:
            frame.reopen(position)


class BlockReopened(NamedTuple):
    """What runs inside a step goes on where it failed: its steps were reopened, or the execution it called."""

    step: str
    at: datetime

    def apply(self, draft: "Draft") -> None:
        frame, position = draft.find(self.step)
        old = frame.cells[position]
        # What it has time for begins anew.
        more = old.more._replace(deadline=None, expires=None)
        total = frame.layout.totals.get(position)
        if total is not None:
            more = more._replace(deadline=self.at + total)
            draft.time(self.at + total, frame, position, 0, "total")
        new = old._replace(
            status=StepStatus.IN_PROGRESS, error=None, ended_at=None, answered=-1, more=more
        )
        frame.move("BlockReopened", position, old, new)
        if old.more.inner is not None:
            inside = frame.inside(position)
            inside.error, inside.closed = None, False
            inside.call_up()
