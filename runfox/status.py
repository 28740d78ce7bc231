"""The statuses of steps and workflows: the words that users match on, and that stores keep."""

from enum import StrEnum


class StepStatus(StrEnum):
    """Where a step stands in its current turn."""

    READY = "ready"
    """It has not run in this turn."""
    WAITING = "waiting"
    """It waits for a timer or a signal, and holds no worker."""
    IN_PROGRESS = "in_progress"
    """One run of it has been dispatched and not answered."""
    RETRY = "retry"
    """An attempt failed; the next one is due later."""
    COMPLETE = "complete"
    SKIPPED = "skipped"
    """Its dependencies ended in a way that it does not run after."""
    FAILED = "failed"
    HALTED = "halted"
    """A branch of it ended the workflow."""
    CANCELLED = "cancelled"
    """It was withdrawn while it ran."""
    UNDONE = "undone"

    ended: bool
    """Whether nothing more happens to the step in this turn by itself."""


class WorkflowStatus(StrEnum):
    """Where an execution stands."""

    PENDING = "pending"
    """Created; nothing has been dispatched."""
    IN_PROGRESS = "in_progress"
    PAUSED = "paused"
    COMPLETE = "complete"
    HALTED = "halted"
    FAILED = "failed"
    CANCELLED = "cancelled"

    ended: bool
    """Whether the execution is over; only an operator's verb reopens it."""


_LIVE = ("ready", "waiting", "in_progress", "retry", "pending", "paused")

# Attributes, not properties: they are asked for at every move of every step.
for _status in (*StepStatus, *WorkflowStatus):
    _status.ended = _status.value not in _LIVE
