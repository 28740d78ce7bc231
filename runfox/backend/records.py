"""Whole records as text and back, for snapshots and for stores that keep nothing else.

Only what is not derived is written. What a format has is never changed, only added to: every text that was
ever written still reads.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from runfox.backend import codec
from runfox.backend.codec import UNREADABLE, facts, milliseconds, moment
from runfox.backend.protocols import Loaded
from runfox.errors import EngineTooOld, StoreCorrupt
from runfox.graph import (
    Fact,
    Plan,
    StepRecord,
    WorkflowCreated,
    WorkflowRecord,
    blank,
    fold,
    rebuild,
)
from runfox.graph.layout import Layout
from runfox.graph.persistent import EMPTY, Layers, flat, from_top, pushed, vector
from runfox.graph.places import undo_layout
from runfox.graph.record import FRESH, NOTHING, Ending, Frame, More, UndoEntry
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import Json, parse, text

_CELL = 13
"""How many fields of a step's record stand in a list; what most steps have nothing of follows as a mapping."""


_MOMENTS = ("deadline", "expires")


def record_text(record: WorkflowRecord) -> str:
    """Return a whole record as text, without what it derives."""
    steps = record.plan.steps
    origin = record.origin
    data: dict[str, Json] = {
        "format": codec.FORMAT,
        "execution_id": record.execution_id,
        "revision": record.revision,
        "created_at": milliseconds(origin.created_at),
        "inputs": record.inputs,
        "status": record.status,
        "state": dict(record.state),
        "steps": {
            steps[position].id: _cell_written(cell)
            for position, cell in enumerate(flat(record.frame.cells))
            if cell is not FRESH
        },
        "ignored": dict(record.ignored),
        "outcome": record.outcome,
        "error": record.error,
        "started_at": _optional(record.started_at),
        "ended_at": _optional(record.ended_at),
    }
    data.update({name: value for name, value in _rare(record) if value})
    return text(data)


def _rare(record: WorkflowRecord) -> Iterator[tuple[str, Json]]:
    """Yield what most records have nothing of."""
    origin = record.origin
    yield "labels", dict(origin.labels) if origin.labels != record.plan.spec.labels else None
    yield "parent", list(origin.parent) if origin.parent is not None else None
    yield "start_at", _optional(origin.start_at)
    yield "frame_error", record.frame.error
    yield "signals", {name: list(kept) for name, kept in record.signals.items() if kept}
    yield "known", list(record.known)
    yield "undos", [list(entry) for entry in from_top(record.undos)][::-1]
    yield "undo", None if record.undo is None else _frame_written(record.undo)
    yield "last", None if record.last is None else _frame_written(record.last)
    yield "ending", None if record.ending is None else list(record.ending)
    yield "blocked", record.blocked


def _cell_written(cell: StepRecord) -> list[Json]:
    fields: list[Json] = list(cell[:_CELL])
    fields[9:12] = [_optional(moment) for moment in cell[9:12]]
    if cell.more is not NOTHING:
        fields.append(_more_written(cell.more))
    return fields


def _more_written(more: More) -> dict[str, Json]:
    found = {
        name: value
        for name, value, usual in zip(More._fields, more, NOTHING, strict=True)
        if value != usual
    }
    for name in _MOMENTS:
        if name in found:
            found[name] = milliseconds(getattr(more, name))
    if more.inner is not None:
        found["inner"] = _frame_written(more.inner)
    return found


def _frame_written(frame: Frame) -> dict[str, Json]:
    found: dict[str, Json] = {
        "cells": {
            str(position): _cell_written(cell)
            for position, cell in enumerate(flat(frame.cells))
            if cell is not FRESH
        }
    }
    if frame.values:
        found["values"] = list(frame.values)
    if frame.error is not None:
        found["error"] = frame.error
    if frame.closed:
        found["closed"] = True
    return found


def _optional(moment: datetime | None) -> int | None:
    return None if moment is None else milliseconds(moment)


def record_from(source: str, plan: Plan) -> WorkflowRecord:
    """Return the record of a text, at its revision, derived parts included.

    Raises ``StoreCorrupt``, and ``EngineTooOld`` for one that a newer runfox wrote.
    """
    try:
        data = parse(source)
        if data["format"] > codec.FORMAT:
            raise EngineTooOld(data["execution_id"], data["format"], codec.FORMAT)
        return rebuild(_record(data, plan))
    except UNREADABLE as error:
        raise StoreCorrupt(f"a record cannot be read: {error!r}") from error


def _record(data: dict[str, Any], plan: Plan) -> WorkflowRecord:
    created = WorkflowCreated(
        plan.workflow_id,
        data["inputs"],
        moment(data["created_at"]),
        data.get("labels"),
        tuple(data["parent"]) if "parent" in data else None,
        _moment(data.get("start_at")),
    )
    origin = blank(plan, execution_id=data["execution_id"], created=created)
    cells = [FRESH] * len(plan.steps)
    for step, fields in data["steps"].items():
        position = plan.index[step]
        cells[position] = _cell(fields, plan.layout, position)
    undos = None
    for entry in data.get("undos", ()):
        undos = pushed(undos, UndoEntry(*entry))
    ending = data.get("ending")
    return origin._replace(
        revision=data["revision"],
        status=WorkflowStatus(data["status"]),
        state=_layers(data["state"]),
        frame=Frame(vector(cells), error=data.get("frame_error")),
        ignored=_layers(data["ignored"]),
        outcome=data["outcome"],
        error=data["error"],
        started_at=_moment(data["started_at"]),
        ended_at=_moment(data["ended_at"]),
        signals=_layers({name: tuple(kept) for name, kept in data.get("signals", {}).items()}),
        known=_layers(dict.fromkeys(data.get("known", ()), True)),
        undos=undos,
        undo=_frame(data["undo"], undo_layout(plan, undos)) if "undo" in data else None,
        last=_frame(data["last"], plan.last) if "last" in data and plan.last is not None else None,
        ending=None
        if ending is None
        else Ending(ending[0], WorkflowStatus(ending[1]), ending[2], ending[3]),
        blocked=data.get("blocked"),
    )


def _layers(items: dict[str, Any]) -> Layers:
    return Layers(items) if items else EMPTY


def _frame(data: dict[str, Any], layout: Layout) -> Frame:
    values = tuple(data.get("values", ()))
    size = len(layout.steps) if layout.items is None else len(values)
    # Of a frame whose numbers go on from an earlier one every record is written.
    cells = [FRESH] * size
    for position, fields in data["cells"].items():
        cells[int(position)] = _cell(fields, layout, int(position))
    return Frame(
        vector(cells), values=values, error=data.get("error"), closed=data.get("closed", False)
    )


def _cell(fields: list[Any], layout: Layout, position: int) -> StepRecord:
    fields[0] = StepStatus(fields[0])
    fields[9:12] = [_moment(ms) for ms in fields[9:12]]
    if len(fields) > _CELL:
        fields[_CELL] = _more(fields[_CELL], layout, position)
    return StepRecord(*fields)


def _more(data: dict[str, Any], layout: Layout, position: int) -> More:
    for name in ("by", "held", "failures"):
        if name in data:
            data[name] = tuple(data[name])
    if "signals" in data:
        data["signals"] = tuple(tuple(one) for one in data["signals"])
    for name in _MOMENTS:
        if name in data:
            data[name] = moment(data[name])
    if "inner" in data:
        data["inner"] = _frame(data["inner"], layout.inside(position))
    return More(**data)


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else moment(ms)


def record_of(
    loaded: Loaded, execution_id: str, plan: Plan, known: WorkflowRecord | None = None
) -> WorkflowRecord:
    """Return the record that a store's answer tells, on top of ``known`` where it was asked for with that."""
    if loaded.record is not None:
        return loaded.record
    record = known if loaded.snapshot is None else record_from(loaded.snapshot, plan)
    tail = [(row, facts(row)) for row in loaded.tail]
    told = [fact for _, row in tail for fact in row]
    if not tail and record is not None:
        return record
    return folded(told, execution_id, plan, revision=loaded.revision, onto=record)


def folded(
    told: list[Fact],
    execution_id: str,
    plan: Plan,
    *,
    revision: int,
    onto: WorkflowRecord | None = None,
) -> WorkflowRecord:
    """Return what facts that were stored make of a record, or of none: the first is its creation then.

    Raises ``StoreCorrupt`` where they do not fit it, or each other.
    """
    try:
        if onto is None:
            onto = _begun(told, execution_id, plan)
        return rebuild(fold(onto, told, revision=revision))
    except UNREADABLE as error:
        raise StoreCorrupt(
            f"the history of execution {execution_id!r} does not fold up to revision {revision}: {error!r}"
        ) from error


def _begun(told: list[Fact], execution_id: str, plan: Plan) -> WorkflowRecord:
    if not told or not isinstance(told[0], WorkflowCreated):
        raise StoreCorrupt(
            f"the history of execution {execution_id!r} does not begin with its creation"
        )
    return blank(plan, execution_id=execution_id, created=told[0])
