"""A run and all that it called, with what lies between them: one value that says how all stands at a moment."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from runfox import graph
from runfox.graph import Event, StepRecord, WorkflowRecord
from runfox.graph.persistent import from_top
from runfox.graph.places import walk
from runfox.results import DispatchJob
from runfox.values import Json

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROOT = "x1"

Holder = tuple[str, str, int]


class World(NamedTuple):
    """What there is at a moment.

    Attributes:
        family: The records of the run and of those it called, by execution.
        mail: What is on its way to them, oldest first.
        held, waiting: Who has a place in a limit, and who waits for one, by key.
        given: What will come from outside: of each line the events come in order, the lines in any.
        trail: How one gets here.
    """

    family: dict[str, WorkflowRecord]
    given: tuple[tuple[Event, ...], ...] = ()
    mail: tuple[tuple[str, Event], ...] = ()
    held: dict[str, tuple[Holder, ...]] = {}
    waiting: dict[str, tuple[Holder, ...]] = {}
    now: datetime = NOW
    trail: tuple[str, ...] = ()

    @property
    def run(self) -> WorkflowRecord:
        """The run that it began with."""
        return self.family[ROOT]

    def __getitem__(self, path: str) -> StepRecord:
        return self.run.steps[path]

    @property
    def statuses(self) -> dict[str, str]:
        """The statuses of the run's own steps."""
        return {step: cell.status.value for step, cell in self.run.steps.items()}

    @property
    def complete(self) -> set[str]:
        """The run's own steps that are complete."""
        return {step for step, status in self.statuses.items() if status == "complete"}

    @property
    def children(self) -> list[WorkflowRecord]:
        """Those that were called."""
        return [record for name, record in self.family.items() if name != ROOT]

    def runs(self, path: str) -> int:
        """How often a step of the run was dispatched."""
        return self[path].run_id + 1

    def jobs(self) -> Iterator[tuple[str, DispatchJob]]:
        """What is with a worker, and of which execution."""
        for name, record in self.family.items():
            for job in graph.in_flight(record):
                yield name, job

    def at_work(self) -> set[str]:
        """The paths of what is with a worker for the run."""
        return {job.step_id for job in graph.in_flight(self.run)}

    @property
    def wake_at(self) -> datetime | None:
        """When something happens by itself."""
        return min((r.wake_at for r in self.family.values() if r.wake_at is not None), default=None)


# What makes two worlds the same -----------------------------------------------------------------------


def canonical(world: World) -> str:
    """Return what is the same for two worlds in which the same can happen from now on."""
    family = [(name, _record(record, world.now)) for name, record in sorted(world.family.items())]
    held = sorted((key, one) for key, one in world.held.items() if one)
    waiting = sorted((key, one) for key, one in world.waiting.items() if one)
    return repr((family, world.given, world.mail, held, waiting))


def _record(record: WorkflowRecord, now: datetime) -> tuple[object, ...]:
    steps = [(path, *_cell(cell, now)) for path, _, cell in walk(record)]
    order = [
        (name, [one[1:] for one in sorted(who)]) for name, who in sorted(record.awaited.items())
    ]
    signals = sorted((name, kept) for name, kept in record.signals.items() if kept)
    return (
        record.status, record.ending, record.outcome, _kind(record.error),
        sorted(record.state.items()), steps, order, signals, sorted(record.known),
        list(from_top(record.undos)),
    )  # fmt: skip


def _cell(cell: StepRecord, now: datetime) -> tuple[object, ...]:
    more = cell.more
    inner = more.inner
    frame = None if inner is None else (inner.values, inner.closed, _kind(inner.error))
    rest = (more.by, more.held, more.failures, more.child, more.blocked, more.given, frame)
    return (
        cell.status.value, cell.turn, cell.attempt, cell.run_id, cell.sets, cell.output,
        _kind(cell.error), _left(cell.due, now), _left(more.deadline, now), rest,
    )  # fmt: skip


def _left(due: datetime | None, now: datetime) -> timedelta | None:
    return None if due is None else due - now


def _kind(error: dict[str, Json] | None) -> Json:
    return None if error is None else error["type"]
