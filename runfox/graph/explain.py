"""Why a step is not running: one answer for the command line, the web and the API."""

from collections.abc import Mapping
from datetime import datetime

from runfox.graph.layout import Layout
from runfox.graph.persistent import MASK, SHIFT
from runfox.graph.places import undo_layout
from runfox.graph.record import Frame, StepRecord, WorkflowRecord
from runfox.spec.model import Call, Dependency, Each, Step
from runfox.status import StepStatus, WorkflowStatus

NAMED = 5
"""How many dependencies, or items, an answer names."""

RUN = ""
"""Under what name the answer about the run as a whole stands, where there is one."""


def explain(record: WorkflowRecord, *, now: datetime) -> dict[str, str]:
    """Return, for each step that has not ended, why it is not running, or what it is doing.

    Steps inside others are named by their paths. What holds the whole run up stands under "". Empty when the
    execution is over. Costs O(steps + dependencies).
    """
    if record.status.ended:
        return {}
    plan = record.plan
    found = {RUN: told} if (told := _run(record, now)) else {}
    if record.ending is None:
        found.update(_frame(plan.layout, record.frame, "", now))
    elif record.ending.phase == "draining":
        found.update(_flying(plan.layout, record.frame, now))
    elif record.ending.phase == "undoing" and record.undo is not None:
        found.update(_frame(undo_layout(plan, record.undos), record.undo, "undo", now))
    elif plan.last is not None and record.last is not None:
        found.update(_frame(plan.last, record.last, "", now))
    return found


def _run(record: WorkflowRecord, now: datetime) -> str | None:
    """Return what is to be said of the run as a whole, if anything is."""
    if record.status is WorkflowStatus.PAUSED:
        return "paused; nothing is dispatched until it is resumed"
    if record.ending is not None:
        return {
            "draining": "it is to be rolled back, once what is under way has been answered",
            "undoing": "it is rolled back: effects are undone, the last one first",
            "finally": f"it has ended as {record.ending.status.value}; its finally runs",
        }[record.ending.phase]
    start_at = record.origin.start_at
    if record.status is WorkflowStatus.PENDING and start_at is not None and start_at > now:
        return f"begins in {_until(start_at, now)}"
    if record.blocked is not None:
        return f"waits for a place in the limit {record.blocked!r}"
    return None


def _frame(layout: Layout, frame: Frame, prefix: str, now: datetime) -> dict[str, str]:
    if layout.numbered:
        return _items(layout, frame, prefix, now)
    found: dict[str, str] = {}
    for position, step in enumerate(layout.steps):
        cell = frame.cell(position)
        if not cell.status.ended:
            found[prefix + step.id] = _reason(layout, frame, position, now)
            found.update(_inside(layout, position, cell, prefix + step.id, now))
    return found


def _items(layout: Layout, frame: Frame, prefix: str, now: datetime) -> dict[str, str]:
    """Tell of the first items that are under way."""
    found: dict[str, str] = {}
    for position in range(frame.next):
        cell = frame.cell(position)
        if not cell.status.ended and len(found) < NAMED:
            path = f"{prefix}[{position}]"
            found[path] = _reason(layout, frame, position, now)
            found.update(_inside(layout, position, cell, path, now))
    return found


def _inside(
    layout: Layout, position: int, cell: StepRecord, path: str, now: datetime
) -> dict[str, str]:
    if cell.more.inner is None or cell.status is not StepStatus.IN_PROGRESS:
        return {}
    inner = layout.inside(position)
    return _frame(inner, cell.more.inner, path if inner.numbered else f"{path}.", now)


def _flying(layout: Layout, frame: Frame, now: datetime) -> dict[str, str]:
    told = _frame(layout, frame, "", now)
    return {path: reason for path, reason in told.items() if "run " in reason}


def _reason(layout: Layout, frame: Frame, position: int, now: datetime) -> str:
    cell, step = frame.cell(position), layout.steps[position]
    match cell.status:
        case StepStatus.IN_PROGRESS:
            return _doing(step, cell)
        case StepStatus.RETRY:
            return _retry_reason(cell, now)
        case StepStatus.WAITING:
            return _waiting(cell, now)
        case _:
            return _gate_reason(layout, frame, position, step)


def _doing(step: Step, cell: StepRecord) -> str:
    inner = cell.more.inner
    if isinstance(step.body, Each) and inner is not None:
        total = len(inner.values)
        begun = f"{inner.successes} of {total} items are complete, {inner.flying} under way"
        return f"{begun}, {inner.failures} failed" if inner.failures else begun
    if inner is not None:
        return "its steps are under way"
    if isinstance(step.body, Call):
        return f"waits for the execution that it called, {cell.more.child}"
    return f"run {cell.run_id} is with a worker, or queued for one (attempt {cell.attempt})"


def _retry_reason(cell: StepRecord, now: datetime) -> str:
    kind = cell.error["type"] if cell.error is not None else "an error"
    failed = f"attempt {cell.attempt} failed with {kind}"
    if cell.due is None or cell.due <= now:
        return f"{failed}; the next one is due now"
    return f"{failed}; the next one is due in {_until(cell.due, now)}"


def _waiting(cell: StepRecord, now: datetime) -> str:
    more = cell.more
    if more.blocked is not None:
        told = f"waits for a place in the limit {more.blocked!r}"
        return told if cell.due is None else f"{told}, for {_until(cell.due, now)} at most"
    signals = [
        f"the signal {name!r}" + (f" for {key!r}" if key else "") for name, key in more.signals
    ]
    waits = " or ".join(signals)
    if cell.due is None:
        return f"waits for {waits}"
    left = max(0.0, (cell.due - now).total_seconds())
    time = f"until {cell.due.isoformat(timespec='seconds')}, {left:.1f} s from now"
    return f"waits for {waits}, {time}, at most" if waits else f"waits {time}"


def _until(due: datetime, now: datetime) -> str:
    seconds = max(0.0, (due - now).total_seconds())
    return f"{seconds:.1f} s, at {due.isoformat(timespec='seconds')}"


def _gate_reason(layout: Layout, frame: Frame, position: int, step: Step) -> str:
    gate = frame.gates[position >> SHIFT][position & MASK] if frame.gates else 0
    cell = frame.cell(position)
    if layout.numbered or layout.opens(position, gate, cell):
        return "ready; the next advance dispatches it"
    if cell.more.held:
        return f"was reset with {', '.join(cell.more.held)}, and waits for one of them to end again"
    statuses = {one.step: frame.cell(layout.index[one.step]).status for one in step.depends_on}
    waiting = [
        _wanted(one, statuses)
        for one in step.depends_on
        if not layout.satisfies(one.wanted, statuses[one.step])
    ]
    more = f" and {len(waiting) - NAMED} more" if len(waiting) > NAMED else ""
    few = f" ({step.join.need} of {len(step.depends_on)} are enough)" if step.join else ""
    return f"waits for {', '.join(waiting[:NAMED])}{more}{few}"


def _wanted(dependency: Dependency, statuses: Mapping[str, StepStatus]) -> str:
    status = statuses[dependency.step].value
    if dependency.wanted == "complete":
        return f"{dependency.step} ({status})"
    return f"{dependency.step} to be {dependency.wanted} ({status})"
