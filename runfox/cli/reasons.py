"""Why each step of an execution is not running, at any depth, and why the execution as a whole may not move.

Pure: the same record and moment give the same words.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from runfox.cli.texts import count, ticking
from runfox.cli.view.entries import items
from runfox.cli.view.rows import waiting_text
from runfox.graph import StepRecord, WorkflowRecord
from runfox.graph.layout import Layout, satisfied
from runfox.graph.places import undo_layout
from runfox.graph.record import Frame
from runfox.spec.model import Call, Do, Each, Step
from runfox.status import StepStatus, WorkflowStatus

NAMED = 5
"""How many dependencies an answer names."""

_SECOND = timedelta(seconds=1)
_ENDS = {"complete": "", "failed": "to fail", "skipped": "to be skipped", "ended": "to end"}


class Place(NamedTuple):
    """Where a step stands: the list that it is one of, and what stops everything in it, if anything does."""

    layout: Layout
    frame: Frame
    position: int
    stop: str

    @property
    def step(self) -> Step:
        return self.layout.steps[self.position]

    @property
    def cell(self) -> StepRecord:
        return self.frame.cell(self.position)


def reasons(record: WorkflowRecord, *, now: datetime) -> dict[str, str]:
    """Return, for each step that has not ended, why it is not running, or what it is doing.

    All items of a ``foreach`` have one answer. Empty when the execution is over.
    """
    if record.status.ended:
        return {}
    return {
        path: _reason(place, now)
        for path, place in _places(record, now)
        if not place.cell.status.ended
    }


def _places(record: WorkflowRecord, now: datetime) -> Iterator[tuple[str, Place]]:
    plan, stop = record.plan, _stop(record, now)
    ending = "it does not begin any more: the run is ending" if record.ending is not None else ""
    yield from _of(plan.layout, record.frame, "", ending or stop)
    if record.undo is not None:
        layout = undo_layout(plan, record.undos)
        size = sum(map(len, record.undo.cells))
        yield from ((f"undo[{n}]", Place(layout, record.undo, n, stop)) for n in range(size))
    if record.last is not None and plan.last is not None:
        yield from _of(plan.last, record.last, "", stop)


def _stop(record: WorkflowRecord, now: datetime) -> str:
    if record.status is WorkflowStatus.PAUSED:
        return "the run is paused"
    start = record.origin.start_at
    if record.status is WorkflowStatus.PENDING and start is not None and start > now:
        return "the run is delayed"
    return "the run waits for a place in a limit" if record.blocked is not None else ""


def _of(layout: Layout, frame: Frame, prefix: str, stop: str) -> Iterator[tuple[str, Place]]:
    stop = stop or ("nothing more begins beside it" if frame.closed or frame.error else "")
    for position, step in enumerate(layout.steps):
        place = Place(layout, frame, position, stop)
        path = prefix + step.id
        yield path, place
        inner, inside = place.cell.more.inner, layout.inner.get(position)
        if inner is not None and inside is not None and not inside.numbered:
            yield from _of(inside, inner, f"{path}.", stop)


def _reason(place: Place, now: datetime) -> str:
    cell = place.cell
    match cell.status:
        case StepStatus.IN_PROGRESS:
            return _at_work(place.step, cell)
        case StepStatus.RETRY:
            return _retry_reason(cell, now)
        case StepStatus.WAITING:
            left = ""
            if cell.due is not None and cell.due > now:
                left = f" ({ticking((cell.due - now) / _SECOND)} from now)"
            return f"waits {waiting_text(cell, now)}{left}"
        case _:
            return _gate_reason(place)


def _at_work(step: Step, cell: StepRecord) -> str:
    match step.body:
        case Call():
            return f"waits for {cell.more.child} to end"
        case Do():
            inner = cell.more.inner
            left = inner.open if inner is not None else 0
            return f"{count(left, 'step')} inside of it {'has' if left == 1 else 'have'} not ended"
        case Each():
            return _items_reason(cell)
        case _:
            attempt = f"(attempt {cell.attempt})"
            return f"run {cell.run_id} is with a worker, or queued for one {attempt}"


def _items_reason(cell: StepRecord) -> str:
    found = items(cell)
    if found is None:
        return "its items have not begun"
    parts = [found.text, f"{found.at_work:,} at work"]
    if found.blocked:
        parts.append(f"{found.blocked:,} wait for a place in a limit")
    return ", ".join(parts)


def _retry_reason(cell: StepRecord, now: datetime) -> str:
    kind = cell.error["type"] if cell.error is not None else "an error"
    failed = f"attempt {cell.attempt} failed with {kind}"
    if cell.due is None or cell.due <= now:
        return f"{failed}; the next one is due now"
    seconds = (cell.due - now) / _SECOND
    return f"{failed}; the next one is due in {seconds:.1f} s, at {cell.due.isoformat(timespec='seconds')}"


def _gate_reason(place: Place) -> str:
    layout, frame, position, stop = place
    cell, step = place.cell, place.step
    gate = frame.gates[position >> 6][position & 63] if frame.gates else 0
    if layout.numbered or layout.opens(position, gate, cell):
        return f"ready, but {stop}" if stop else "ready; the next advance dispatches it"
    waiting = list(_waited_for(place))
    shown = ", ".join(waiting[:NAMED])
    more = f" and {len(waiting) - NAMED} more" if len(waiting) > NAMED else ""
    if step.join is None:
        return f"waits for {shown}{more}"
    if cell.more.held:
        return f"waits for one of {', '.join(cell.more.held)} to end again"
    missing = step.join.need - satisfied(gate)
    if missing <= 0:
        return f"waits for the rest of what it depends on to end: {shown}{more}"
    return f"waits for {missing} more of: {shown}{more}"


def _waited_for(place: Place) -> Iterator[str]:
    index, frame = place.layout.index, place.frame
    for dependency in place.step.depends_on:
        status = frame.cell(index[dependency.step]).status
        if not status.ended:
            how = _ENDS[dependency.wanted]
            yield f"{dependency.step}{f' {how}' if how else ''} ({status.value})"


# The run as a whole -----------------------------------------------------------------------------------


def run_reasons(record: WorkflowRecord, *, now: datetime) -> Iterator[str]:
    """Yield what keeps, or may keep, the execution as a whole from moving, by what its record says."""
    if record.status.ended:
        yield f"it is over: {record.status.value}"
        return
    if record.status is WorkflowStatus.PAUSED:
        yield "it is paused: nothing is dispatched until 'runfox resume'"
    start = record.origin.start_at
    if record.status is WorkflowStatus.PENDING and start is not None and start > now:
        yield f"it is delayed until {_moment(start, now)}"
    elif record.status is WorkflowStatus.PENDING and record.blocked is None:
        yield "nobody has moved it yet: 'runfox resume', or a worker, does"
    if record.blocked is not None:
        yield f"it waits for a place in the limit {record.blocked!r} before it begins"
    if record.ending is not None:
        status = record.ending.status.value
        yield f"it is ending, and will be {status}: {PHASES.get(record.ending.phase, '')}"
    if record.deadline is not None:
        late = record.deadline <= now
        yield f"its timeout {'came' if late else 'comes'} at {_moment(record.deadline, now)}"


PHASES = {
    "draining": "what is at work is waited for, then all is undone",
    "undoing": "what was done is being undone",
    "finally": "the steps of finally run",
}
"""What has to be done before a run has ended."""


def _moment(at: datetime, now: datetime) -> str:
    left = (at - now) / _SECOND
    told = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return f"{told}, {ticking(left)} from now" if left > 0 else told
