"""A workflow as the engine sees it: checked, compiled, and never changed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from runfox.expressions import Expression, Template
from runfox.values import Json

MAX_ITERATIONS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """End the run; ``result`` is its outcome."""

    result: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete:
    """Complete the step, whatever it gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """Fail the step. ``error`` gives a mapping with ``type`` and ``message``, both of which may be missing."""

    error: Template | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """End the run as complete now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """Start a new turn of steps: their ids, or logic that gives an id, ``steps.<id>.status``, or a list."""

    targets: tuple[str, ...] | Expression


Action: TypeAlias = Halt | Complete | Fail | Finish | Set


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """``condition`` None always holds."""

    condition: Expression | None = None
    action: Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """When and how often a failed attempt is tried again.

    ``max_attempts`` counts the first attempt too. ``jitter`` is a share, 0 to 1. ``condition`` None accepts
    every failure.
    """

    max_attempts: int = 3
    delay: timedelta = timedelta(seconds=1)
    backoff: float = 2.0
    max_delay: timedelta = timedelta(seconds=30)
    jitter: float = 0.0
    condition: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. ``retries`` empty: one attempt."""

    id: str
    fn: str
    input: Template | None = None
    depends_on: tuple[str, ...] = ()
    branches: tuple[Branch, ...] = ()
    retries: tuple[Retry, ...] = ()
    max_iterations: int = MAX_ITERATIONS
    label: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spec:
    """A workflow; two of one ``workflow_id`` are the same.

    ``data`` is what its author wrote, as plain JSON, and ``workflow_id`` is the digest of that. ``index`` gives
    the position of each step in ``steps``.
    """

    name: str
    version: str | None = None
    description: str | None = None
    labels: dict[str, str]
    steps: tuple[Step, ...]
    outputs: Template | None = None
    data: dict[str, Json]
    workflow_id: str
    index: dict[str, int]
