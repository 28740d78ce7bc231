"""Facts and records as text and back: the one door between values in memory and what stores keep.

A commit's facts are a JSON list of lists: the word of the fact, then its fields in order. The moment of a
commit is kept beside them, once. Other moments are integer milliseconds since 1970 in UTC. Words and fields
are never changed, only added, at the end: every history that was ever written still reads.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from runfox.backend.protocols import Commit, Loaded, Row
from runfox.errors import StoreCorrupt
from runfox.graph import (
    FACTS,
    Fact,
    Plan,
    StepRecord,
    WorkflowCreated,
    WorkflowRecord,
    blank,
    fold,
    rebuild,
)
from runfox.graph.persistent import EMPTY, Layers, flat, vector
from runfox.graph.record import FRESH
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import Json, digest, parse, text

FORMAT = 1
"""The format of the texts here. A record names it, and an engine that knows less leaves the record alone."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(moment: datetime) -> int:
    """Return a moment as stored: whole milliseconds since 1970 in UTC."""
    return round(moment.timestamp() * 1000)


def moment(ms: int) -> datetime:
    """Return the moment of a stored number."""
    return EPOCH + timedelta(milliseconds=ms)


# Facts ------------------------------------------------------------------------------------------------


class _Shape(NamedTuple):
    """How one kind of fact is written: its word, how many fields, and which of them are moments."""

    fact: Any
    word: str
    width: int
    moments: tuple[int, ...]
    names: tuple[int, ...]
    status: int | None


def _shape(fact: Any) -> _Shape:
    fields = fact._fields[:-1]  # the last one is `at`, kept once for the commit
    word = fact.__name__.removeprefix("Steps").removeprefix("Step").removeprefix("Workflow").lower()
    return _Shape(
        fact,
        word,
        len(fields),
        tuple(index for index, name in enumerate(fields) if name == "due"),
        tuple(index for index, name in enumerate(fields) if name in ("targets", "steps")),
        fields.index("status") if "status" in fields else None,
    )


_SHAPES = {fact: _shape(fact) for fact in FACTS}
_WORDS = {shape.word: shape for shape in _SHAPES.values()}


def facts_text(facts: Iterable[Fact]) -> str:
    """Return the facts of one commit as text."""
    return text([_written(fact) for fact in facts])


def _written(fact: Any) -> list[Json]:
    shape = _SHAPES[type(fact)]
    fields = [shape.word, *fact[: shape.width]]
    for index in shape.moments:
        fields[index + 1] = milliseconds(fields[index + 1])
    return fields


def facts(row: Row) -> list[Fact]:
    """Return the facts of a stored row. Raises ``StoreCorrupt``."""
    try:
        return [_read(fields, row.at) for fields in parse(row.facts)]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise StoreCorrupt(
            f"the facts of revision {row.revision} cannot be read: {error!r}"
        ) from error


def _read(fields: list[Any], at: datetime) -> Fact:
    shape = _WORDS[fields[0]]
    values = fields[1:]
    for index in shape.moments:
        values[index] = moment(values[index])
    if shape.status is not None:
        values[shape.status] = WorkflowStatus(values[shape.status])
    for index in shape.names:
        values[index] = tuple(values[index])
    read: Fact = shape.fact(*values, at)
    return read


# Records ----------------------------------------------------------------------------------------------


def record_text(record: WorkflowRecord) -> str:
    """Return a whole record as text, without what it derives."""
    steps = record.plan.steps
    return text(
        {
            "format": FORMAT,
            "execution_id": record.execution_id,
            "revision": record.revision,
            "created_at": milliseconds(record.origin.created_at),
            "inputs": record.inputs,
            "status": record.status,
            "state": dict(record.state),
            "steps": {
                steps[position].id: _cell_written(cell)
                for position, cell in enumerate(flat(record.cells))
                if cell is not FRESH
            },
            "ignored": dict(record.ignored),
            "outcome": record.outcome,
            "error": record.error,
            "started_at": _optional(record.started_at),
            "ended_at": _optional(record.ended_at),
        }
    )


def _cell_written(cell: StepRecord) -> list[Json]:
    fields: list[Json] = list(cell)
    fields[9:12] = [_optional(moment) for moment in cell[9:12]]
    return fields


def _optional(moment: datetime | None) -> int | None:
    return None if moment is None else milliseconds(moment)


def record_from(source: str, plan: Plan) -> WorkflowRecord:
    """Return the record of a text, at its revision, derived parts included. Raises ``StoreCorrupt``."""
    try:
        return rebuild(_record(parse(source), plan))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise StoreCorrupt(f"a record cannot be read: {error!r}") from error


def _record(data: dict[str, Any], plan: Plan) -> WorkflowRecord:
    origin = blank(
        plan,
        execution_id=data["execution_id"],
        inputs=data["inputs"],
        now=moment(data["created_at"]),
    )
    cells = [FRESH] * len(plan.steps)
    for step, fields in data["steps"].items():
        cells[plan.index[step]] = _cell(fields)
    return origin._replace(
        revision=data["revision"],
        status=WorkflowStatus(data["status"]),
        state=Layers(data["state"]) if data["state"] else EMPTY,
        cells=vector(cells),
        ignored=Layers(data["ignored"]) if data["ignored"] else EMPTY,
        outcome=data["outcome"],
        error=data["error"],
        started_at=_moment(data["started_at"]),
        ended_at=_moment(data["ended_at"]),
    )


def _cell(fields: list[Any]) -> StepRecord:
    fields[0] = StepStatus(fields[0])
    fields[9:12] = [_moment(ms) for ms in fields[9:12]]
    return StepRecord(*fields)


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
    if record is None:
        created = tail[0][1][0] if tail else None
        if not isinstance(created, WorkflowCreated):
            raise StoreCorrupt(
                f"the history of execution {execution_id!r} does not begin with its creation"
            )
        record = blank(plan, execution_id=execution_id, inputs=created.inputs, now=created.at)
    if not tail:
        return record
    told = (fact for _, row in tail for fact in row)
    return rebuild(fold(record, told, revision=loaded.revision))


# Headers ----------------------------------------------------------------------------------------------


class Identity(NamedTuple):
    """The columns that an execution is created with. Moments in milliseconds."""

    execution_id: str
    workflow_id: str
    name: str
    labels: str
    inputs_digest: str
    created_at: int


class Progress(NamedTuple):
    """The columns that each commit sets. ``min_engine``: an engine that knows less leaves it alone."""

    revision: int
    token: str
    status: str
    wake_at: int | None
    updated_at: int
    ended_at: int | None
    error_type: str | None
    min_engine: int


def identity(commit: Commit) -> Identity:
    """Return what stays searchable of an execution for good."""
    record, spec = commit.record, commit.record.plan.spec
    return Identity(
        record.execution_id,
        record.workflow_id,
        spec.name,
        text(spec.labels),
        digest(record.inputs),
        milliseconds(record.origin.created_at),
    )


def progress(commit: Commit) -> Progress:
    """Return what stays searchable of the record that a commit makes."""
    record = commit.record
    return Progress(
        commit.revision,
        commit.token,
        record.status,
        _optional(record.wake_at),
        milliseconds(commit.at),
        _optional(record.ended_at),
        _word(record.error["type"]) if record.error is not None else None,
        FORMAT,
    )


def _word(value: Json) -> str:
    """Return a value as a text that every database takes: an author's expression may have made it."""
    return str(value).encode("utf-8", "replace").decode()
