"""What became true. A fact carries its effects: applying one decides nothing, so every old history folds.

The facts of an execution in order are its history. Each has ``apply``, the whole of its meaning; a new
kind of fact is one class here and its legal moves in ``moves``. A moment that a fact names is the moment
of the commit it belongs to, so stores keep it once per commit.
"""

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from runfox.graph.persistent import Timer, meld
from runfox.graph.record import StepRecord
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import Json

if TYPE_CHECKING:
    from runfox.graph.draft import Draft

# Looking a member up on its class costs as much as making a record does.
_IN_PROGRESS, _COMPLETE, _RETRY = StepStatus.IN_PROGRESS, StepStatus.COMPLETE, StepStatus.RETRY
_PENDING = WorkflowStatus.PENDING

Error = dict[str, Json]
"""``type`` (a word), ``message``, and for errors of a run the ``step`` it came from."""


class Fact(Protocol):
    """Anything that can become true of an execution. ``at`` is the moment of the commit it belongs to."""

    @property
    def at(self) -> datetime: ...

    def apply(self, draft: "Draft") -> None:
        """Change the draft as the fact says. Raises ``IllegalMove`` where it cannot be true."""


class WorkflowCreated(NamedTuple):
    """The execution began to exist: the first fact of every history."""

    workflow_id: str
    inputs: dict[str, Json]
    at: datetime

    def apply(self, draft: "Draft") -> None:
        """Change nothing: a draft cannot be without its origin."""


class StepDispatched(NamedTuple):
    """A run of a step was handed out. ``inputs`` were resolved at this moment and are resolved never again."""

    step: str
    run_id: int
    attempt: int
    inputs: dict[str, Json]
    at: datetime

    def apply(self, draft: "Draft") -> None:
        position = draft.index[self.step]
        old = draft.cells[position]
        first = self.run_id if self.attempt == 1 else old.first_run
        started = self.at if self.attempt == 1 else old.started_at
        draft.move(
            "StepDispatched",
            position,
            old,
            StepRecord(
                _IN_PROGRESS, old.turn, self.attempt, self.run_id, first, old.sets,
                None, old.error, self.inputs, None, started, None, old.answered,
            ),
        )  # fmt: skip
        if draft.status is _PENDING:
            draft.status = WorkflowStatus.IN_PROGRESS
            draft.started_at = self.at


class StepSucceeded(NamedTuple):
    """A run answered with an output, which completes the step and is merged into ``state``, latest wins.

    What a branch makes of it, in the same commit, is a fact of its own that follows this one.
    """

    step: str
    run_id: int
    output: dict[str, Json]
    at: datetime

    def apply(self, draft: "Draft") -> None:
        position = draft.index[self.step]
        old = draft.cells[position]
        draft.move(
            "StepSucceeded",
            position,
            old,
            StepRecord(
                _COMPLETE, old.turn, old.attempt, old.run_id, old.first_run, old.sets,
                self.output, None, None, None, old.started_at, self.at, self.run_id,
            ),
        )  # fmt: skip
        if self.output:
            draft.merge(self.output)


class StepRetrying(NamedTuple):
    """An attempt failed, and the step is due again at ``due``, in the same turn."""

    step: str
    run_id: int
    error: Error
    due: datetime
    at: datetime

    def apply(self, draft: "Draft") -> None:
        position = draft.index[self.step]
        old = draft.cells[position]
        draft.move(
            "StepRetrying",
            position,
            old,
            old._replace(
                status=_RETRY, error=self.error, inputs=None, due=self.due, answered=self.run_id
            ),
        )
        draft.timers = meld(draft.timers, Timer(self.due, position, self.run_id))


class StepFailed(NamedTuple):
    """The turn failed, with no attempt left and no branch that handles it."""

    step: str
    error: Error
    at: datetime

    def apply(self, draft: "Draft") -> None:
        _end(draft, "StepFailed", self.step, StepStatus.FAILED, self.error, self.at)


class StepHandled(NamedTuple):
    """The turn failed and a branch of the step completes it; its output says so and is not merged."""

    step: str
    error: Error
    at: datetime

    def apply(self, draft: "Draft") -> None:
        position = draft.index[self.step]
        old = draft.cells[position]
        new = old._replace(
            status=_COMPLETE,
            output={"ok": False, "error": self.error},
            error=self.error,
            inputs=None,
            due=None,
            ended_at=self.at,
            answered=_answered(old),
        )
        draft.move("StepHandled", position, old, new)


class StepHalted(NamedTuple):
    """A branch of the step ended the workflow. ``error`` is there if it did so after a failure."""

    step: str
    error: Error | None
    at: datetime

    def apply(self, draft: "Draft") -> None:
        _end(draft, "StepHalted", self.step, StepStatus.HALTED, self.error, self.at)


class StepSkipped(NamedTuple):
    """Every dependency ended, and not as the step needs it."""

    step: str
    at: datetime

    def apply(self, draft: "Draft") -> None:
        _end(draft, "StepSkipped", self.step, StepStatus.SKIPPED, None, self.at)


class StepWithdrawn(NamedTuple):
    """What the step was doing is not wanted any more."""

    step: str
    at: datetime

    def apply(self, draft: "Draft") -> None:
        _end(draft, "StepWithdrawn", self.step, StepStatus.CANCELLED, None, self.at)


class StepsReset(NamedTuple):
    """A branch of ``by`` started a new turn of ``targets``, and so of every step they had let through.

    ``steps`` are all that go back, targets included where they had begun. ``state`` stays.
    """

    by: str
    targets: tuple[str, ...]
    steps: tuple[str, ...]
    at: datetime

    def apply(self, draft: "Draft") -> None:
        position = draft.index[self.by]
        setter = draft.cells[position]
        draft.cells[position] = setter._replace(sets=setter.sets + 1)
        for step in self.steps:
            position = draft.index[step]
            old = draft.cells[position]
            fresh = StepRecord(
                turn=old.turn + 1, run_id=old.run_id, first_run=old.run_id + 1, sets=old.sets
            )
            draft.move("StepsReset", position, old, fresh)
        for step in self.steps:
            draft.reopen(draft.index[step])


class ResultIgnored(NamedTuple):
    """A result changed nothing, and this is why. An exact repeat of an accepted one leaves no fact."""

    step: str
    run_id: int
    reason: str
    at: datetime

    def apply(self, draft: "Draft") -> None:
        draft.ignored = draft.ignored.with_items({f"{self.step}#{self.run_id}": self.reason})


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


FACTS: tuple[type[Fact], ...] = (
    WorkflowCreated,
    StepDispatched,
    StepSucceeded,
    StepRetrying,
    StepFailed,
    StepHandled,
    StepHalted,
    StepSkipped,
    StepWithdrawn,
    StepsReset,
    ResultIgnored,
    WorkflowEnded,
)


def _end(
    draft: "Draft", fact: str, step: str, status: StepStatus, error: Error | None, at: datetime
) -> None:
    position = draft.index[step]
    old = draft.cells[position]
    new = old._replace(
        status=status,
        error=error or old.error,
        inputs=None,
        due=None,
        ended_at=at,
        answered=old.answered if status is StepStatus.CANCELLED else _answered(old),
    )
    draft.move(fact, position, old, new)


def _answered(old: StepRecord) -> int:
    """Return the run that was answered last, once the one in flight, if there is one, has been."""
    return old.run_id if old.status is _IN_PROGRESS else old.answered
