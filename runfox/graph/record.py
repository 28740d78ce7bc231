"""The record of an execution: a value that, with the events to come, determines everything that follows.

Only the facts of an execution are stored. ``gates``, ``ready``, ``open``, ``flying``, ``timers`` and
``state_bytes`` are derived: kept by arithmetic as steps move, rebuilt by ``graph.rebuild`` after a load.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from runfox.graph.persistent import EMPTY, MASK, SHIFT, Chunks, Layers, Timer
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import Json

if TYPE_CHECKING:
    from runfox.graph.plan import Plan


class StepRecord(NamedTuple):
    """Where one step stands.

    ``turn`` counts loop turns from 0, ``attempt`` the tries in this turn from 1, ``run_id`` the dispatches
    over the whole execution from 0 (-1: none yet). ``first_run`` is the first ``run_id`` of this turn,
    ``sets`` how often a branch of this step reset others. ``inputs`` are kept while a run is in flight.
    ``answered`` is the run of this turn whose result was accepted last, -1 before there was one.
    """

    status: StepStatus = StepStatus.READY
    turn: int = 0
    attempt: int = 0
    run_id: int = -1
    first_run: int = 0
    sets: int = 0
    output: dict[str, Json] | None = None
    error: dict[str, Json] | None = None
    inputs: dict[str, Json] | None = None
    due: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    answered: int = -1


FRESH = StepRecord()


class Origin(NamedTuple):
    """What an execution was created with; it never changes."""

    plan: "Plan"
    execution_id: str
    key: str
    """The long form, ``{workflow_id}#{execution_id}``."""
    inputs: dict[str, Json]
    created_at: datetime


class WorkflowRecord(NamedTuple):
    """One execution at one revision. Never changed: a transition makes another."""

    origin: Origin
    revision: int = 0
    status: WorkflowStatus = WorkflowStatus.PENDING
    state: Layers = EMPTY
    cells: Chunks[StepRecord] = []
    ignored: Layers = EMPTY
    outcome: Json = None
    error: dict[str, Json] | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    gates: Chunks[int] = []
    ready: tuple[int, ...] = ()
    open: int = 0
    flying: int = 0
    timers: Timer | None = None
    state_bytes: int = 0

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
        """The record of the step at a position of the spec."""
        return self.cells[position >> SHIFT][position & MASK]

    @property
    def wake_at(self) -> datetime | None:
        """When the earliest timer is due that a step waits for."""
        return self.timers.due if self.timers is not None and not self.status.ended else None


class StepRecords(Mapping[str, StepRecord]):
    """A read-only view of a record's steps by id."""

    __slots__ = ("_record",)

    def __init__(self, record: WorkflowRecord) -> None:
        self._record = record

    def __getitem__(self, step_id: str) -> StepRecord:
        return self._record.cell(self._record.plan.index[step_id])

    def __iter__(self) -> Iterator[str]:
        return iter(self._record.plan.index)

    def __len__(self) -> int:
        return len(self._record.plan.index)
