"""What becomes true of a run as a whole, and of the signals that reach it."""

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from runfox.graph.facts.instances import numbered_frame
from runfox.graph.facts.kind import Error
from runfox.graph.merging import initial
from runfox.graph.persistent import Timer, meld
from runfox.graph.record import NOTHING, Ending
from runfox.status import WorkflowStatus
from runfox.values import Json, size

if TYPE_CHECKING:
    from runfox.graph.draft import Draft


class WorkflowCreated(NamedTuple):
    """The execution began to exist: the first fact of every history.

    ``labels`` are those of the spec and of whoever started it. ``parent`` is the execution, the step, the run,
    the depth, the first caller and whether it is detached, for one that was called. It begins at ``start_at``.
    """

    workflow_id: str
    inputs: dict[str, Json]
    at: datetime
    labels: dict[str, str] | None = None
    parent: tuple[str, str, int, int, str, bool] | None = None
    start_at: datetime | None = None

    def apply(self, draft: "Draft") -> None:
        """Change nothing: a draft cannot be without its origin."""
        first = initial(draft.plan.spec.state)
        if first:
            draft.state = draft.state.with_items(first)
            draft.state_bytes = size(first)


class SignalReceived(NamedTuple):
    """A signal was accepted. ``step`` is the wait that it opens, "" if it is kept for one to come."""

    name: str
    key: str
    data: Json
    id: str
    step: str
    at: datetime

    def apply(self, draft: "Draft") -> None:
        if self.id:
            draft.known = draft.known.with_items({self.id: True})
        if not self.step:
            name = f"{self.name}\0{self.key}"
            draft.signals = draft.signals.with_items(
                {name: (*draft.signals.get(name, ()), self.data)}
            )


class SignalUsed(NamedTuple):
    """A kept signal of a name and key opened a wait: the oldest, or where it does not fit one behind it."""

    name: str
    key: str
    at: datetime
    place: int = 0

    def apply(self, draft: "Draft") -> None:
        name, place = f"{self.name}\0{self.key}", self.place
        kept = draft.signals[name]
        left = (*kept[:place], *kept[place + 1 :])
        draft.signals = draft.signals.with_items({name: left})


class SignalIgnored(NamedTuple):
    """A signal changed nothing, and this is why."""

    name: str
    key: str
    id: str
    reason: str
    at: datetime

    def apply(self, draft: "Draft") -> None:
        if self.id:
            draft.known = draft.known.with_items({self.id: True})


class WorkflowBlocked(NamedTuple):
    """The run could begin, but for the limit ``key``, in which no place is free; at ``due`` there may be one."""

    key: str
    at: datetime
    due: datetime | None = None

    def apply(self, draft: "Draft") -> None:
        draft.blocked_by = self.key
        if self.due is not None:
            draft.timers = meld(draft.timers, Timer(self.due, (), 0, "limit"))


class WorkflowPaused(NamedTuple):
    """Results and signals are applied from now on, and nothing is dispatched."""

    at: datetime

    def apply(self, draft: "Draft") -> None:
        draft.status = WorkflowStatus.PAUSED


class WorkflowResumed(NamedTuple):
    """The run goes on after a pause."""

    at: datetime

    def apply(self, draft: "Draft") -> None:
        begun = draft.started_at is not None
        draft.status = WorkflowStatus.IN_PROGRESS if begun else WorkflowStatus.PENDING


class WorkflowEnding(NamedTuple):
    """How the run ends is decided, and will not change; ``phase`` is what has to be done before it has ended."""

    phase: str
    status: WorkflowStatus
    outcome: Json
    error: Error | None
    at: datetime

    def apply(self, draft: "Draft") -> None:
        draft.begin(self.at)  # one that is paused stays so: its finally comes when it is resumed
        draft.ending = Ending(self.phase, self.status, self.outcome, self.error)
        if self.phase == "undoing":
            effects = 0 if draft.undos is None else draft.undos.size
            draft.open_undo(numbered_frame((None,) * effects, NOTHING))
        elif self.phase == "finally" and draft.plan.last is not None:
            draft.open_last(draft.plan.last.blank()._replace(ready=()))
            assert draft.last is not None
            draft.last.fresh = list(draft.plan.last.roots)
            draft.last.list()


class WorkflowEnded(NamedTuple):
    """The execution is over: ``outcome`` of a complete or halted one, ``error`` of a failed one."""

    status: WorkflowStatus
    outcome: Json
    error: Error | None
    at: datetime

    def apply(self, draft: "Draft") -> None:
        draft.status = self.status
        draft.outcome = self.outcome
        draft.error = self.error
        draft.ended_at = self.at
        draft.ending = None


class WorkflowReopened(NamedTuple):
    """An operator lets a run go on that was over. How it had ended stays in the history.

    Where the run has a timeout, that begins anew: one that ran out would end the run again at once.
    """

    at: datetime

    def apply(self, draft: "Draft") -> None:
        if draft.plan.spec.timeout is not None:
            draft.started_at = None
            draft.begin(self.at)
        draft.status = WorkflowStatus.IN_PROGRESS
        draft.outcome = draft.error = draft.ended_at = None
        draft.root.error = None
