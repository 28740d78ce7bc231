"""The record of an execution: a value that, with the events to come, determines everything that follows.

Only the facts of an execution are stored. Of a frame ``gates``, ``ready``, ``open``, ``flying``,
``next``, ``successes`` and ``failures``, of a
record ``timers``, ``awaited`` and ``state_bytes`` are derived: kept by arithmetic as steps move, rebuilt by
``graph.rebuild`` after a load.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from runfox.graph.persistent import EMPTY, MASK, SHIFT, Chunks, Layers, Stack, Timer
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import Json

if TYPE_CHECKING:
    from runfox.graph.layout import Plan


class Frame(NamedTuple):
    """The steps of one list while it runs, or the items of one ``foreach``.

    ``open`` counts the steps that have not ended, ``flying`` those that something is under way for. ``values``
    are the items that a ``foreach`` runs over, ``next`` the first of them that has not begun, ``successes`` and
    ``failures`` how many ended in that way. ``error`` is the first failure that nothing handled, where others go
    on after one. ``closed``: nothing more begins in it.
    """

    cells: "Chunks[StepRecord]" = []
    gates: Chunks[int] = []
    ready: tuple[int, ...] = ()
    open: int = 0
    flying: int = 0
    next: int = 0
    successes: int = 0
    failures: int = 0
    values: tuple[Json, ...] = ()
    error: dict[str, Json] | None = None
    closed: bool = False

    def cell(self, position: int) -> "StepRecord":
        """The record of the step at a position."""
        return self.cells[position >> SHIFT][position & MASK]


class More(NamedTuple):
    """What most steps have nothing of.

    Attributes:
        by: The dependencies that opened the gate, where not all of them had to.
        held: Dependencies that were reset with the step; its gate stays shut until one of them has ended.
        inner: What runs inside the step.
        base: The first ``run_id`` of the steps inside; none of them was ever used by an earlier frame.
        turns: The first ``turn`` of the steps inside.
        failures: How many failures each retry policy has accepted in this turn, where there are several.
        deadline: When the step fails if it has not ended.
        expires: When the attempt fails if it has not ended, where no worker sees to that.
        child: The execution that a ``call`` began.
        signals: What a wait waits for, as (name, key).
        blocked: The key of the limit that the step waits for a place in.
        given: The input that an operator gave in place of the step's own.
    """

    by: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    inner: Frame | None = None
    base: int = 0
    turns: int = 0
    failures: tuple[int, ...] = ()
    deadline: datetime | None = None
    child: str | None = None
    signals: tuple[tuple[str, str], ...] = ()
    blocked: str | None = None
    given: dict[str, Json] | None = None
    expires: datetime | None = None


NOTHING = More()


class StepRecord(NamedTuple):
    """Where one step stands.

    ``turn`` counts loop turns from 0, ``attempt`` the tries in this turn from 1, ``run_id`` the dispatches
    over the whole execution from 0 (-1: none yet). ``first_run`` is the first ``run_id`` of this turn,
    ``sets`` how often a branch of this step reset others. ``inputs`` are kept while a run is in flight.
    ``answered`` is the run of this turn whose result was accepted last, -1 before there was one. ``due`` is when
    a retry, or the time of a wait, comes.
    """

    status: StepStatus = StepStatus.READY
    turn: int = 0
    attempt: int = 0
    run_id: int = -1
    first_run: int = 0
    sets: int = 0
    output: Any = None
    error: dict[str, Json] | None = None
    inputs: dict[str, Json] | None = None
    due: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    answered: int = -1
    more: More = NOTHING


FRESH = StepRecord()


class Origin(NamedTuple):
    """What an execution was created with; it never changes.

    ``parent`` is who called it: the long id of an execution, the path of the step, its run. ``depth`` counts
    the callers. ``start_at`` is when it may begin.
    """

    plan: "Plan"
    execution_id: str
    key: str
    """The long form, ``{workflow_id}#{execution_id}``."""
    inputs: dict[str, Json]
    created_at: datetime
    labels: dict[str, str] = {}
    parent: "Parent | None" = None
    start_at: datetime | None = None


class Parent(NamedTuple):
    """Who called an execution. ``detached``: it does not wait for the end."""

    key: str
    step: str
    run_id: int
    depth: int
    root: str
    detached: bool = False


class Ending(NamedTuple):
    """How the run will have ended, once what has to come before that is done.

    ``phase``: ``draining`` (runs in flight are waited for, before a rollback), ``undoing``, ``finally``.
    """

    phase: str
    status: WorkflowStatus
    outcome: Json
    error: dict[str, Json] | None


class UndoEntry(NamedTuple):
    """The effect of one completed run, and the input of what takes it back."""

    step: str
    turn: int
    inputs: dict[str, Json] | None
    error: dict[str, Json] | None = None


class WorkflowRecord(NamedTuple):
    """One execution at one revision. Never changed: a transition makes another.

    ``signals`` are those that came before a step waited for them, by name and key; ``known`` the ids of all
    that came. ``undos`` are the effects that a rollback would take back, ``undo`` and ``last`` the frames of the
    rollback and of ``finally``. ``blocked`` is the key of the limit that the run waits for a place in.
    """

    origin: Origin
    revision: int = 0
    status: WorkflowStatus = WorkflowStatus.PENDING
    state: Layers = EMPTY
    frame: Frame = Frame()
    ignored: Layers = EMPTY
    outcome: Json = None
    error: dict[str, Json] | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    timers: Timer | None = None
    state_bytes: int = 0
    awaited: Layers = EMPTY
    signals: Layers = EMPTY
    known: Layers = EMPTY
    undos: Stack | None = None
    undo: Frame | None = None
    last: Frame | None = None
    ending: Ending | None = None
    blocked: str | None = None

    @property
    def plan(self) -> "Plan":
        return self.origin.plan

    @property
    def execution_id(self) -> str:
        return self.origin.execution_id

    @property
    def workflow_id(self) -> str:
        return self.origin.plan.workflow_id

    @property
    def inputs(self) -> dict[str, Json]:
        return self.origin.inputs

    @property
    def steps(self) -> "StepRecords":
        """The step records by id, in the order of the spec."""
        return StepRecords(self)

    def cell(self, position: int) -> StepRecord:
        """The record of the top-level step at a position of the spec."""
        return self.frame.cell(position)

    @property
    def wake_at(self) -> datetime | None:
        """When something is due: the start, or the earliest timer that a step waits for."""
        if self.status.ended:
            return None
        if self.status is WorkflowStatus.PAUSED:
            return self.deadline if self.ending is None else None
        if self.status is WorkflowStatus.PENDING and self.origin.start_at is not None:
            return self.origin.start_at
        return self.timers.due if self.timers is not None else None

    @property
    def deadline(self) -> datetime | None:
        """Until when the run has to have ended, once it has begun."""
        timeout = self.origin.plan.spec.timeout
        if timeout is None or self.started_at is None:
            return None
        return self.started_at + timeout


class StepRecords(Mapping[str, StepRecord]):
    """A read-only view of a record's top-level steps by id; a path (``block.inner``, ``each[3]``) is found too."""

    __slots__ = ("_record",)

    def __init__(self, record: WorkflowRecord) -> None:
        self._record = record

    def __getitem__(self, step_id: str) -> StepRecord:
        position = self._record.plan.index.get(step_id)
        if position is not None:
            return self._record.frame.cell(position)
        from runfox.graph.places import cell_at  # places are made of records

        return cell_at(self._record, step_id)

    def __iter__(self) -> Iterator[str]:
        return iter(self._record.plan.index)

    def __len__(self) -> int:
        return len(self._record.plan.index)
