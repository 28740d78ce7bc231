"""A workflow as the engine sees it: checked, compiled, and never changed.

A step is one body and modifiers. ``foreach`` is a body too, whose items are steps of their own: what of a step
holds for each item (its body, input, retry, limits) moved into ``Each.item`` when the model was built.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, TypeAlias

from runfox.expressions import Expression, Template
from runfox.spec.data_schema import DataSchema
from runfox.values import Json

MAX_ITERATIONS = 10_000

# Branches ---------------------------------------------------------------------------------------------


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
    """End the nearest item, block or run as complete now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """Start a new turn of steps: their ids, or logic that gives an id, ``steps.<id>.status``, or a list."""

    targets: tuple[str, ...] | Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Withdraw steps that have not ended; the current step completes."""

    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback:
    """Undo what was done, and end the run failed."""


Action: TypeAlias = Halt | Complete | Fail | Finish | Set | Cancel | Rollback


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """``condition`` None always holds."""

    condition: Expression | None = None
    action: Action


# Gates ------------------------------------------------------------------------------------------------

Wanted: TypeAlias = Literal["complete", "failed", "skipped", "ended"]
Rest: TypeAlias = Literal["wait", "cancel", "ignore"]


class Dependency(NamedTuple):
    """A step, and how it must have ended."""

    step: str
    wanted: Wanted = "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """How many dependencies open the gate, and what becomes of those that have not ended by then."""

    need: int
    rest: Rest = "ignore"


# Modifiers --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """When and how often a failed attempt is tried again.

    ``max_attempts`` counts the first attempt too. ``jitter`` is a share, 0 to 1. ``within`` bounds the time from
    the first dispatch of the turn to the next attempt. ``condition`` None accepts every failure.
    """

    max_attempts: int = 3
    delay: timedelta = timedelta(seconds=1)
    backoff: float = 2.0
    max_delay: timedelta = timedelta(seconds=30)
    jitter: float = 0.0
    within: timedelta | None = None
    condition: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeout:
    """Bounds: of one attempt, between two signs of life of it, of its wait in the queue, of all attempts."""

    attempt: timedelta | None = None
    heartbeat: timedelta | None = None
    queue: timedelta | None = None
    total: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """At most ``count`` starts in any window of ``per``."""

    count: int
    per: timedelta


Full: TypeAlias = Literal["wait", "skip", "fail", "replace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How many may run at once, or start in a time, of all that have the same key.

    ``key`` None stands for one key of the step's, or the file's, own.
    """

    key: Template | None = None
    max: int | None = None
    rate: Rate | None = None
    full: Full = "wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """Whose output answers for which key, and for how long (None: for good)."""

    key: Template
    lifetime: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """How the effect of a completed step is taken back."""

    fn: str
    input: Template | None = None
    retries: tuple[Retry, ...] = ()


# Bodies -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Fn:
    """A name handed to the executor."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Another workflow: one of the file, ``self``, or ``name`` or ``name@version`` of the store."""

    workflow: str
    detach: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Do:
    """Steps as one step."""

    block: "Block"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A signal to wait for. ``key`` addresses it to one of several waits of its name."""

    name: str
    key: Template | None = None
    data: DataSchema | None = None
    buffer: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The first of these that comes: a time (``delays`` from now, ``instants``), or a signal.

    Templates give a duration or an instant: a text, or a number of seconds (of instants: since 1970).
    """

    delays: tuple[Template, ...] = ()
    instants: tuple[Template, ...] = ()
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How many items may fail: a number, or a share of all from 0 to 1."""

    count: int | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Each:
    """``item`` once for each of a list, ``max`` at a time.

    ``need`` successes, or a true ``until``, complete it early; ``rest`` says what becomes of the others.
    ``more``, asked after each result, gives items to add.
    """

    item: "Step"
    items: Template
    name: str = "item"
    max: int | None = None
    tolerate: Tolerance | None = None
    need: int | None = None
    until: Expression | None = None
    more: Expression | None = None
    rest: Rest = "cancel"


Body: TypeAlias = Fn | Call | Do | Wait | Each

# Steps and workflows ----------------------------------------------------------------------------------


class Step(NamedTuple):
    """One step; a tuple, because a file may have 100,000. ``join`` None: all dependencies. ``retries`` empty: one
    attempt.

    ``secrets`` are the places in ``input`` that a worker fills in: the path, and the secret's name. The step
    itself has null there.
    """

    id: str
    body: Body
    input: Template | None = None
    secrets: tuple[tuple[tuple[str | int, ...], str], ...] = ()
    depends_on: tuple[Dependency, ...] = ()
    join: Join | None = None
    when: Expression | None = None
    branches: tuple[Branch, ...] = ()
    retries: tuple[Retry, ...] = ()
    max_iterations: int = MAX_ITERATIONS
    output: DataSchema | None = None
    timeout: Timeout | None = None
    limit: Limit | None = None
    priority: int | None = None
    queue: str | None = None
    cache: Cache | None = None
    undo: Undo | None = None
    label: str | None = None
    description: str | None = None

    @property
    def fn(self) -> str:
        """What the step does, in one word: the name for the executor, or the kind of its body."""
        match self.body:
            case Fn(name=name):
                return name
            case Call(workflow=workflow):
                return f"call {workflow}"
            case Each(item=item):
                return f"each {item.fn}"
            case Do():
                return "do"
            case _:
                return "wait"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """A list of steps that begin, and end, together. ``index`` gives the position of each id in ``steps``."""

    steps: tuple[Step, ...]
    index: dict[str, int]
    outputs: Template | None = None


Merge: TypeAlias = Literal["add", "append", "union", "max", "min"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateKey:
    """A declared key of ``state``. ``merge`` None: the latest value wins."""

    schema: DataSchema | None = None
    default: Json = None
    has_default: bool = False
    merge: Merge | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When runs begin by themselves: one of ``cron``, ``every`` and ``at``."""

    cron: str | None = None
    every: timedelta | None = None
    at: datetime | None = None
    tz: str = "UTC"
    overlap: Literal["skip", "queue", "replace", "allow"] = "skip"
    catchup: Literal["none", "latest", "all"] = "latest"
    input: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spec:
    """A workflow; two of one ``workflow_id`` are the same.

    ``data`` is what its author wrote, as plain JSON, and ``workflow_id`` is the digest of that. ``workflows``
    are those of the same file, by the name that steps call them by.
    """

    name: str
    version: str | None = None
    description: str | None = None
    labels: dict[str, str]
    block: Block
    last: Block | None = None
    """The steps of ``finally``."""
    inputs: DataSchema | None = None
    state: dict[str, StateKey] = field(default_factory=dict)
    timeout: timedelta | None = None
    priority: int = 5
    limit: Limit | None = None
    on_failure: Literal["fail", "rollback", "continue"] = "fail"
    schedules: tuple[Schedule, ...] = ()
    workflows: "Mapping[str, Spec]" = field(default_factory=dict)
    data: dict[str, Json]
    workflow_id: str

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.block.steps

    @property
    def index(self) -> dict[str, int]:
        return self.block.index

    @property
    def outputs(self) -> Template | None:
        return self.block.outputs
