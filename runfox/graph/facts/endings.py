"""How an attempt, a step or a frame ends, and what is kept of it."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from runfox.graph.facts.instances import next_base
from runfox.graph.facts.kind import Error
from runfox.graph.persistent import pushed
from runfox.graph.record import NOTHING, StepRecord, UndoEntry
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import Json

if TYPE_CHECKING:
    from runfox.graph.draft import Draft
    from runfox.graph.frames import FrameDraft

# Looking a member up on its class costs as much as making a record does.
_IN_PROGRESS, _COMPLETE, _RETRY = StepStatus.IN_PROGRESS, StepStatus.COMPLETE, StepStatus.RETRY
_PENDING = WorkflowStatus.PENDING


class StepSucceeded(NamedTuple):
    """A run answered with an output, which completes the step and is merged into ``state``.

    What a branch makes of it, in the same commit, is a fact of its own that follows this one.
    """

    step: str
    run_id: int
    output: Any
    at: datetime

    def apply(self, draft: "Draft") -> None:
        frame, position = draft.find(self.step)
        old = frame.cells[position]
        new = StepRecord(
            _COMPLETE, old.turn, old.attempt, old.run_id, old.first_run, old.sets,
            self.output, None, None, None, old.started_at, self.at, self.run_id, old.more,
        )  # fmt: skip
        frame.move("StepSucceeded", position, old, new)
        _merge(draft, frame, self.output)


class ItemsSucceeded(NamedTuple):
    """A ``foreach`` is complete: its output is the list of those of its items, null for one without."""

    step: str
    run_id: int
    at: datetime

    def apply(self, draft: "Draft") -> None:
        frame, position = draft.find(self.step)
        old = frame.cells[position]
        output = [
            cell.output if cell.status is _COMPLETE else None
            for chunk in frame.inside(position).cells.chunks
            for cell in chunk
        ]
        new = old._replace(
            status=_COMPLETE, output=output, error=None, ended_at=self.at, answered=self.run_id
        )
        frame.move("ItemsSucceeded", position, old, new)


class StepRecalled(NamedTuple):
    """The step is complete with an output that it did not have to run for: ``by`` the cache, or an operator."""

    step: str
    output: Any
    by: str
    at: datetime

    def apply(self, draft: "Draft") -> None:
        frame, position = draft.find(self.step)
        old = frame.cells[position]
        if draft.status is _PENDING:
            draft.begin(self.at)
        new = old._replace(
            status=_COMPLETE,
            output=self.output,
            error=None,
            inputs=None,
            due=None,
            ended_at=self.at,
        )
        frame.reach(position)
        frame.move("StepRecalled", position, old, _unblocked(new))
        _merge(draft, frame, self.output)


class StepRetrying(NamedTuple):
    """An attempt failed, and the step is due again at ``due``, in the same turn.

    ``policy`` is the place of the retry policy that accepted the failure.
    """

    step: str
    run_id: int
    error: Error
    due: datetime
    at: datetime
    policy: int = 0

    def apply(self, draft: "Draft") -> None:
        frame, position = draft.find(self.step)
        old = frame.cells[position]
        more = old.more
        policies = len(frame.step(position).retries)
        if policies > 1:
            counts = list(more.failures or (0,) * policies)
            counts[self.policy] += 1
            more = more._replace(failures=tuple(counts))
        if more.inner is not None:
            base = next_base(frame.inside(position).frozen())
            more = more._replace(inner=None, base=base)
            del frame.inner[position]
        if more.child is not None or more.signals:
            more = more._replace(child=None, signals=())
        new = old._replace(
            status=_RETRY,
            error=self.error,
            inputs=None,
            due=self.due,
            answered=self.run_id,
            more=more,
        )
        frame.move("StepRetrying", position, old, new)
        draft.time(self.due, frame, position, self.run_id, "retry")


class StepFailed(NamedTuple):
    """The turn failed, with no attempt left and no branch that handles it."""

    step: str
    error: Error
    at: datetime

    def apply(self, draft: "Draft") -> None:
        frame, position = _end(
            draft, "StepFailed", self.step, StepStatus.FAILED, self.error, self.at
        )
        frame.suspects.append(position)


class StepHandled(NamedTuple):
    """The turn failed and a branch of the step completes it; its output says so and is not merged."""

    step: str
    error: Error
    at: datetime

    def apply(self, draft: "Draft") -> None:
        frame, position = draft.find(self.step)
        old = frame.cells[position]
        new = old._replace(
            status=_COMPLETE,
            output={"ok": False, "error": self.error},
            error=self.error,
            inputs=None,
            due=None,
            ended_at=self.at,
            answered=_answered(old),
        )
        frame.move("StepHandled", position, old, _unblocked(new))


class StepHalted(NamedTuple):
    """A branch of the step ended the workflow. ``error`` is there if it did so after a failure."""

    step: str
    error: Error | None
    at: datetime

    def apply(self, draft: "Draft") -> None:
        _end(draft, "StepHalted", self.step, StepStatus.HALTED, self.error, self.at)


class StepSkipped(NamedTuple):
    """The step does not run in this turn.

    ``why``: "" where every dependency ended and not as the step needs it, "when" where its condition does not
    hold, "limit" where no place was free, "operator" where somebody said so. ``detail`` tells more, for people.
    """

    step: str
    at: datetime
    why: str = ""
    detail: str = ""

    def apply(self, draft: "Draft") -> None:
        if draft.status is _PENDING:
            draft.begin(self.at)
        _end(draft, "StepSkipped", self.step, StepStatus.SKIPPED, None, self.at)


class StepWithdrawn(NamedTuple):
    """What the step was doing, or would have done, is not wanted any more."""

    step: str
    at: datetime

    def apply(self, draft: "Draft") -> None:
        _end(draft, "StepWithdrawn", self.step, StepStatus.CANCELLED, None, self.at)


class StepUndone(NamedTuple):
    """The effect of a step was taken back."""

    step: str
    at: datetime

    def apply(self, draft: "Draft") -> None:
        frame, position = draft.find(self.step)
        old = frame.cells[position]
        frame.move("StepUndone", position, old, old._replace(status=StepStatus.UNDONE))


class UndoRecorded(NamedTuple):
    """A rollback would take the effect of a run back, with these inputs; or cannot, for this error."""

    step: str
    turn: int
    inputs: dict[str, Json] | None
    error: Error | None
    at: datetime

    def apply(self, draft: "Draft") -> None:
        entry = UndoEntry(self.step, self.turn, self.inputs, self.error)
        draft.undos = pushed(draft.undos, entry)


class FailureKept(NamedTuple):
    """A failure that nothing handles: others go on, and then what ``step`` runs ends failed ("": the run)."""

    step: str
    error: Error
    at: datetime

    def apply(self, draft: "Draft") -> None:
        frame = _frame(draft, self.step)
        frame.error = frame.error or self.error


class FrameClosed(NamedTuple):
    """Nothing more begins inside a step: enough has ended."""

    step: str
    at: datetime

    def apply(self, draft: "Draft") -> None:
        _frame(draft, self.step).closed = True


class ResultIgnored(NamedTuple):
    """A result changed nothing, and this is why. An exact repeat of an accepted one leaves no fact."""

    step: str
    run_id: int
    reason: str
    at: datetime

    def apply(self, draft: "Draft") -> None:
        draft.ignored = draft.ignored.with_items({f"{self.step}#{self.run_id}": self.reason})


def _frame(draft: "Draft", path: str) -> "FrameDraft":
    if not path:
        return draft.root
    frame, position = draft.find(path)
    return frame.inside(position)


def _merge(draft: "Draft", frame: "FrameDraft", output: Any) -> None:
    if output and type(output) is dict and frame.merges:
        draft.merge(output)


def _unblocked(cell: StepRecord) -> StepRecord:
    """Return the record of a step that has ended, and waits for no place any longer."""
    more = cell.more
    if more is NOTHING or (more.blocked is None and not more.held):
        return cell
    return cell._replace(more=more._replace(blocked=None, held=()))


def _end(
    draft: "Draft", fact: str, step: str, status: StepStatus, error: Error | None, at: datetime
) -> "tuple[FrameDraft, int]":
    frame, position = draft.find(step)
    old = frame.cells[position]
    new = old._replace(
        status=status,
        error=error or old.error,
        inputs=None,
        due=None,
        ended_at=at,
        answered=old.answered if status is StepStatus.CANCELLED else _answered(old),
    )
    frame.reach(position)
    frame.move(fact, position, old, _unblocked(new))
    return frame, position


def _answered(old: StepRecord) -> int:
    """Return the run that was answered last, once the one in flight, if there is one, has been."""
    return old.run_id if old.status is _IN_PROGRESS else old.answered
