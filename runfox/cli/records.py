"""Executions as JSON for programs: what ``-o json`` prints."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from runfox import graph
from runfox.backend import codec
from runfox.backend.protocols import Summary
from runfox.cli.feed import Moved
from runfox.cli.identify import long_id
from runfox.cli.view.entries import Entry, entries, items
from runfox.graph import StepRecord, WorkflowRecord
from runfox.spec.model import Each
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import Json, plain

_SECOND = timedelta(seconds=1)


def result_of(record: WorkflowRecord) -> dict[str, Json]:
    """Return how an execution ended, under the key that says which: outcome, result or error."""
    match record.status:
        case WorkflowStatus.COMPLETE:
            return {"outcome": plain(record.outcome)}
        case WorkflowStatus.HALTED:
            return {"result": plain(record.outcome)}
        case WorkflowStatus.FAILED:
            return {"error": plain(record.error)}
        case _:
            return {}


def brief(record: WorkflowRecord) -> dict[str, Json]:
    """Return what ``run`` and ``resume`` tell of an execution."""
    return {
        "id": record.origin.key,
        "status": record.status.value,
        **result_of(record),
        "steps": {step: _step(cell) for step, cell in record.steps.items()},
    }


def whole(record: WorkflowRecord, *, now: datetime) -> dict[str, Json]:
    """Return all that a record says of an execution, with the reason why each open step waits."""
    why = graph.explain(record, now=now)
    return {
        "id": record.origin.key,
        "execution_id": record.execution_id,
        "workflow_id": record.workflow_id,
        "name": record.plan.spec.name,
        "status": record.status.value,
        "revision": record.revision,
        "created_at": moment(record.origin.created_at),
        "started_at": moment(record.started_at),
        "ended_at": moment(record.ended_at),
        "inputs": plain(record.inputs),
        "state": plain(record.state),
        **result_of(record),
        "labels": dict(record.origin.labels),
        **_rare(record),
        **({"waits": why[graph.RUN]} if graph.RUN in why else {}),
        "steps": {entry.path: _whole_step(entry, why) for entry in entries(record)},
    }


def _rare(record: WorkflowRecord) -> dict[str, Json]:
    """Return what most executions have nothing of."""
    origin = record.origin
    found: dict[str, Json] = {
        "parent": origin.parent.key if origin.parent is not None else None,
        "start_at": moment(origin.start_at),
        "deadline": moment(record.deadline),
        "ending": record.ending.phase if record.ending is not None else None,
        "blocked_by": record.blocked,
    }
    return {name: value for name, value in found.items() if value is not None}


def _whole_step(entry: Entry, why: Mapping[str, str]) -> dict[str, Json]:
    cell = entry.cell
    told: dict[str, Json] = {
        **_step(cell),
        "run_id": cell.run_id if cell.run_id >= 0 else None,
        "started_at": moment(cell.started_at),
        "ended_at": moment(cell.ended_at),
        "output": plain(cell.output),
    }
    if entry.kind:
        told["kind"] = entry.kind
    if entry.kind == "undo":
        told["undoes"] = entry.step.id
    if entry.path in why:
        told["waits"] = why[entry.path]
    if cell.more.child is not None:
        told["child"] = cell.more.child
    if isinstance(entry.step.body, Each):
        counts = items(cell)
        told["items"] = None if counts is None else dict(counts._asdict())
    if cell.status is StepStatus.WAITING:
        told["until"] = moment(cell.due)
        told["signals"] = [{"name": name, "key": key} for name, key in cell.more.signals]
        told["blocked_by"] = cell.more.blocked
    return told


def listed(summary: Summary) -> dict[str, Json]:
    """Return a line of the list of executions."""
    return {
        "id": long_id(summary),
        "execution_id": summary.execution_id,
        "workflow_id": summary.workflow_id,
        "name": summary.name,
        "status": summary.status.value,
        "revision": summary.revision,
        "created_at": moment(summary.created_at),
        "updated_at": moment(summary.updated_at),
        "ended_at": moment(summary.ended_at),
        "error_type": summary.error_type,
        "labels": summary.labels,
        "parent": summary.parent,
        "wake_at": moment(summary.wake_at),
        "priority": summary.priority,
        "needs_newer": summary.min_engine > codec.FORMAT,
    }


def told(moved: Moved, at: datetime) -> dict[str, Json]:
    """Return one commit of a history."""
    return {
        "revision": moved.after.revision,
        "at": moment(at),
        "facts": [_fact(fact) for fact in moved.facts],
    }


def moment(at: datetime | None) -> str | None:
    """Return a moment in UTC, to the millisecond."""
    return None if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _step(cell: StepRecord) -> dict[str, Json]:
    took = None
    if cell.started_at is not None and cell.ended_at is not None:
        took = (cell.ended_at - cell.started_at) / _SECOND
    return {
        "status": cell.status.value,
        "turn": cell.turn,
        "attempt": cell.attempt,
        "duration": took,
        "error": plain(cell.error),
    }


def _fact(fact: Any) -> dict[str, Json]:
    fields = {name: value for name, value in zip(fact._fields, fact, strict=True) if name != "at"}
    return {"fact": type(fact).__name__, **{name: _field(value) for name, value in fields.items()}}


def _field(value: Any) -> Json:
    if isinstance(value, datetime):
        return moment(value)
    return list(value) if isinstance(value, tuple) else plain(value)
