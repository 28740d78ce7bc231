"""Jobs as rows of a PostgreSQL database, and the statements that change them."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from runfox.backend import keys
from runfox.backend.reckoning import PLAIN, reckoned, terms_of
from runfox.results import TERMS, DispatchJob
from runfox.values import parse, text

FOREVER = 2**62

_NAMES = (
    "workflow_execution_id",
    "step",
    "fn",
    "inputs",
    "run_id",
    "attempt",
    "turn",
    "delivery",
    "terms",
)
COLUMNS = ", ".join(_NAMES)
"""What ``job_of`` reads, in this order. Rows may have more."""

COLUMNS_OF_JOBS = ", ".join(f"jobs.{name}" for name in _NAMES)


class NewJob(NamedTuple):
    """A row to insert, taken if there is a worker. The names are those of the columns, the types of arrays."""

    execution_id: str
    step: str
    run_id: int
    workflow_execution_id: str
    number: int
    fn: str
    inputs: str
    attempt: int
    turn: int
    delivery: int
    worker: str | None
    queue: str
    terms: str | None
    wait_ms: int | None
    attempt_ms: int | None
    heartbeat_ms: int | None
    taken_at: int | None
    expires_at: int | None


_NUMBERS = {
    "run_id",
    "number",
    "attempt",
    "turn",
    "delivery",
    "wait_ms",
    "attempt_ms",
    "heartbeat_ms",
    "taken_at",
    "expires_at",
}


def insertion(first: int, source: str = "", *, one: bool = False, given: str = "") -> str:
    """Return the statement that inserts jobs, whose columns are the parameters from a number on.

    Behind them come the moments at which they are queued, and announced, and the engine. ``source`` is what
    else has to have a row, ``given`` what has to hold. For ``one`` job, as most commits have, the parameters are
    its fields: arrays cost more.
    """
    fields = ", ".join(
        f"${number}::{'bigint' if name in _NUMBERS else 'text'}{'' if one else '[]'}"
        for number, name in enumerate(NewJob._fields, first)
    )
    rows = f"(VALUES ({fields}))" if one else f"unnest({fields})"
    names = ", ".join(NewJob._fields)
    behind = ", ".join(f"${first + len(NewJob._fields) + place}::bigint" for place in range(3))
    return (
        f"INSERT INTO jobs ({names}, queued_at, announce_at, engine)"
        f" SELECT new.*, {behind}"
        f" FROM {source} {rows} AS new ({names}) {given} ON CONFLICT DO NOTHING"
    )


WIDTH = len(NewJob._fields) + 3
"""How many parameters an insertion has."""

INSERT = insertion(1)


def columns(rows: Iterable[NewJob]) -> list[list[Any]]:
    """Return rows as the parameters of an insertion."""
    return [list(column) for column in zip(*rows, strict=True)]


def new_job(
    execution_id: str, job: DispatchJob, number: int, worker: str | None, now: int
) -> NewJob:
    """Return the row of a job that is new at that time."""
    taken, plain = worker is not None, job.terms is TERMS
    return NewJob(
        execution_id,
        job.step_id,
        job.run_id,
        job.workflow_execution_id,
        number,
        keys.written(job.fn),
        text(job.inputs),
        job.attempt,
        job.turn,
        1 if taken else 0,
        worker,
        "" if plain else keys.written(job.terms.queue),
        None if plain else text(job.terms),
        *(PLAIN if plain else reckoned(job.terms, now, taken=taken)),
    )


def job_of(row: Sequence[Any]) -> DispatchJob:
    """Return the job of a row."""
    key, step, fn, inputs, run_id, attempt, turn, delivery, terms = row[:9]
    kept = terms_of(terms)
    return DispatchJob(
        key, step, keys.read(fn), parse(inputs), run_id, attempt, turn, delivery, kept
    )
