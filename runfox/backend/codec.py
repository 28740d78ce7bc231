"""Facts and records as text and back: the one door between values in memory and what stores keep.

A commit's facts are a JSON list of lists: the word of the fact, then its fields in order. The moment of a
commit is kept beside them, once. Other moments are integer milliseconds since 1970 in UTC. Words and fields
are never changed, only added, at the end: every history that was ever written still reads.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from runfox.backend.protocols import Commit, Row
from runfox.errors import IllegalMove, StoreCorrupt
from runfox.graph import FACTS, Fact
from runfox.status import WorkflowStatus
from runfox.values import Json, digest, parse, text

FORMAT = 2
"""The format of the texts here. A record names it, and an engine that knows less leaves the record alone."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    IllegalMove,
)
"""What comes of reading a text that is not what its format says: each of them is a ``StoreCorrupt``."""


def milliseconds(moment: datetime) -> int:
    """Return a moment as stored: whole milliseconds since 1970 in UTC."""
    return round(moment.timestamp() * 1000)


def moment(ms: int) -> datetime:
    """Return the moment of a stored number."""
    return EPOCH + timedelta(milliseconds=ms)


def _optional(moment: datetime | None) -> int | None:
    return None if moment is None else milliseconds(moment)


# Facts ------------------------------------------------------------------------------------------------


class _Shape(NamedTuple):
    """How one kind of fact is written: its word, where ``at`` stands in it, and the fields of a special kind.

    Fields are counted without ``at``, which is kept once for the commit. ``usual`` are the values of those
    after it, which are left out at the end of a row where they are usual.
    """

    fact: Any
    word: str
    at: int
    usual: tuple[Any, ...]
    moments: tuple[int, ...]
    lists: tuple[int, ...]
    pairs: tuple[int, ...]
    status: int | None


def _shape(fact: Any) -> _Shape:
    at = fact._fields.index("at")
    fields = [*fact._fields[:at], *fact._fields[at + 1 :]]
    word = fact.__name__.removeprefix("Steps").removeprefix("Step").removeprefix("Workflow").lower()
    return _Shape(
        fact,
        _WORDS_OF.get(fact.__name__, word),
        at,
        tuple(fact._field_defaults[name] for name in fact._fields[at + 1 :]),
        tuple(index for index, name in enumerate(fields) if name in ("due", "start_at")),
        tuple(index for index, name in enumerate(fields) if name in _LISTS),
        tuple(index for index, name in enumerate(fields) if name in _PAIRS),
        fields.index("status") if "status" in fields else None,
    )


_LISTS = ("targets", "steps", "by", "items", "parent")
_PAIRS = ("signals",)
_WORDS_OF = {"StepsReopened": "tryagain", "WorkflowResumed": "unpaused", "WorkflowBlocked": "held"}
"""Words of facts whose own would be those of others."""

_SHAPES = {fact: _shape(fact) for fact in FACTS}
_WORDS = {shape.word: shape for shape in _SHAPES.values()}


def facts_text(facts: Iterable[Fact]) -> str:
    """Return the facts of one commit as text."""
    return text([_written(fact) for fact in facts])


def _written(fact: Any) -> list[Json]:
    shape = _SHAPES[type(fact)]
    at = shape.at
    fields = [shape.word, *fact[:at]]
    later = fact[at + 1 :]
    if later and later != shape.usual:
        while later and later[-1] == shape.usual[len(later) - 1]:
            later = later[:-1]
        fields += later
    for index in shape.moments:
        if index + 1 < len(fields) and fields[index + 1] is not None:
            fields[index + 1] = milliseconds(fields[index + 1])
    return fields


def facts(row: Row) -> list[Fact]:
    """Return the facts of a stored row. Raises ``StoreCorrupt``."""
    try:
        return [_read(fields, row.at) for fields in parse(row.facts)]
    except UNREADABLE as error:
        raise StoreCorrupt(
            f"the facts of revision {row.revision} cannot be read: {error!r}"
        ) from error


def _read(fields: list[Any], at: datetime) -> Fact:
    shape = _WORDS[fields[0]]
    values = fields[1:]
    for index in shape.moments:
        if index < len(values) and values[index] is not None:
            values[index] = moment(values[index])
    if shape.status is not None:
        values[shape.status] = WorkflowStatus(values[shape.status])
    for index in shape.lists:
        if index < len(values) and type(values[index]) is list:
            values[index] = tuple(values[index])
    for index in shape.pairs:
        values[index] = tuple([tuple(pair) for pair in values[index]])
    read: Fact = shape.fact(*values[: shape.at], at, *values[shape.at :])
    return read


# Headers ----------------------------------------------------------------------------------------------


class Identity(NamedTuple):
    """The columns that an execution is created with. Moments in milliseconds.

    ``parent`` is the execution that called it, ``root`` the first of those that called each other.
    """

    execution_id: str
    workflow_id: str
    name: str
    labels: str
    inputs_digest: str
    created_at: int
    parent: str | None
    root: str | None
    priority: int


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
    parent = record.origin.parent
    return Identity(
        record.execution_id,
        record.workflow_id,
        spec.name,
        text(record.origin.labels),
        digest(record.inputs),
        milliseconds(record.origin.created_at),
        None if parent is None else parent.key.rpartition("#")[2],
        None if parent is None else parent.root,
        spec.priority,
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
