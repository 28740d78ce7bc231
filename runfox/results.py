"""What a call to a workflow answers. Take it apart with ``match``; the set is closed."""

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from runfox.values import Json


class Terms(NamedTuple):
    """On what terms a job waits and is executed. Bounds are in seconds; None: as long as it takes.

    ``priority`` 10 is taken first, 0 last; a minute of waiting is worth one level. ``queue`` "" is the default
    queue. ``attempt`` bounds one attempt from its take, ``heartbeat`` the time between two signs of life of the
    executor, ``wait`` the time in the queue. ``secrets`` are places in the inputs, each with the name of the
    secret that the worker puts there.
    """

    priority: int = 5
    queue: str = ""
    attempt: float | None = None
    heartbeat: float | None = None
    wait: float | None = None
    secrets: tuple[tuple[tuple[str | int, ...], str], ...] = ()


TERMS = Terms()
"""The terms of a job that nothing was said about: this very value, so that ``is`` tells it."""


class DispatchJob(NamedTuple):
    """One run of one step, for whoever executes it.

    ``run_id`` counts the dispatches of the step from 0. ``attempt`` counts the tries of this turn from 1,
    ``delivery`` how often this run was given to somebody, from 1.
    """

    workflow_execution_id: str
    step_id: str
    fn: str
    inputs: dict[str, Json]
    run_id: int
    attempt: int = 1
    turn: int = 0
    delivery: int = 1
    terms: Terms = TERMS

    @property
    def execution_id(self) -> str:
        """The short form of the id, which alone is unique in a store."""
        return self.workflow_execution_id.rpartition("#")[2]

    @property
    def idempotency_key(self) -> str:
        """The same text for every attempt and delivery of one turn; pass it on to make effects happen once."""
        return f"{self.workflow_execution_id}#{self.step_id}#{self.turn}"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Steps became ready; these are their jobs. Nobody else was given them."""

    jobs: tuple[DispatchJob, ...]


@dataclass(frozen=True, slots=True)
class Pending:
    """Nothing to do now: steps are being worked on, or wait for a moment to come."""


@dataclass(frozen=True, slots=True)
class Complete:
    """The workflow is complete; ``outcome`` is its resolved ``outputs``."""

    outcome: Any


@dataclass(frozen=True, slots=True)
class Halt:
    """A branch halted the workflow; ``result`` is what that branch said."""

    result: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """The workflow failed; ``error`` has ``type``, ``message`` and, where one failed, ``step``."""

    error: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The workflow was cancelled."""


Ended: TypeAlias = Complete | Halt | Failed | Cancelled
Decision: TypeAlias = Dispatch | Pending | Ended
