"""The commit of most decisions as one statement: an execution moves on, and with it its facts, jobs and inbox.

It is one round trip, and one transaction. What it does not do (fences, slots, other executions) finds no row in
``moved``, and is for the longer way.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from runfox.backend import codec, keys
from runfox.backend.postgres.jobs import WIDTH, insertion
from runfox.backend.postgres.taking import NEXT, Asked, taking
from runfox.backend.postgres.workers import register
from runfox.backend.protocols import Commit

PROGRESS = """
    revision = $1::bigint, token = $2::text, status = $3::text, wake_at = $4::bigint, updated_at = $5::bigint,
    ended_at = $6::bigint, error_type = $7::text, min_engine = $8::bigint, tail_bytes = tail_bytes + $9::bigint
"""
"""What each commit sets, from ``progress_of``; the last is the length of its facts."""

UPDATE = f"""
    UPDATE executions SET {PROGRESS} WHERE execution_id = $10::text AND revision = $1::bigint - 1
    RETURNING number, tail_bytes, snapshot_bytes, slotted
"""

_FACTS = """
    INSERT INTO facts (execution, revision, at, facts)
    SELECT number, $1::bigint, $5::bigint, $11::text FROM moved
"""

FIXED = 11
"""Those, the id of the execution, and its facts."""


def progress_of(commit: Commit) -> tuple[Any, ...]:
    """Return the columns that a commit sets."""
    progress = codec.progress(commit)
    error = progress.error_type
    return progress._replace(
        status=str(progress.status), error_type=None if error is None else keys.written(error)
    )


class Parts(NamedTuple):
    """What a commit has beside facts. ``taken``: jobs that its taker has at once; ``asked``: others for it.

    ``closed`` and ``jobs`` are how many there are: none, one, or 2 for more.
    """

    closed: int
    consumed: bool
    jobs: int
    taken: bool
    asked: Asked | None


class Places(NamedTuple):
    """Where the parameters of the parts begin."""

    closed: int
    consumed: int
    jobs: int
    taker: int


def places_of(parts: Parts) -> Places:
    """Return where the parameters of each part begin: they follow one another in this order."""
    closed = FIXED + 1
    consumed = closed + 2 * bool(parts.closed)
    jobs = consumed + parts.consumed
    return Places(closed, consumed, jobs, jobs + WIDTH * bool(parts.jobs))


@lru_cache
def statement(parts: Parts) -> str:
    """Return the statement of a commit that has those parts."""
    at = places_of(parts)
    moved = UPDATE.replace("RETURNING", "AND NOT slotted RETURNING")
    steps = [
        f"moved AS ({moved})",
        f"told AS ({_FACTS})",
    ]
    runs = _runs(parts, at.closed)
    if parts.closed:
        steps.append(
            f"closed AS (DELETE FROM jobs USING moved, {runs} AS run (step, run_id)"
            " WHERE (jobs.execution_id, jobs.step, jobs.run_id) = ($10::text, run.step, run.run_id))"
        )
    waits = "SELECT 1 FROM inbox WHERE execution_id = $10::text"
    if parts.consumed:
        steps.append(
            "used AS (DELETE FROM inbox USING moved"
            f" WHERE execution_id = $10::text AND place <= ${at.consumed}::bigint)"
        )
        waits += f" AND place > ${at.consumed}::bigint"
    if parts.jobs:
        steps.append(f"made AS ({insertion(at.jobs, 'moved,', one=parts.jobs == 1)})")
    if parts.taken and parts.asked is None:
        steps.append(f"me AS ({register(at.taker, 'EXISTS (SELECT 1 FROM moved)')})")
    columns, source = "", "moved"
    if parts.asked is not None:
        given = "AND EXISTS (SELECT 1 FROM moved)"
        if parts.closed:
            given += (
                f" AND (execution_id, step, run_id) NOT IN (SELECT $10::text, * FROM {runs} AS run)"
            )
        known = "EXISTS (SELECT 1 FROM moved)" if parts.taken else NEXT
        steps.append(taking(at.taker, parts.asked, given, known))
        columns, source = ", taken.*", "moved LEFT JOIN taken ON TRUE"
    return (
        f"WITH {', '.join(steps)} SELECT moved.number, tail_bytes, snapshot_bytes, EXISTS ({waits})"
        f"{columns} FROM {source}"
    )


def _runs(parts: Parts, first: int) -> str:
    if parts.closed == 1:
        return f"(VALUES (${first}::text, ${first + 1}::bigint))"
    return f"unnest(${first}::text[], ${first + 1}::bigint[])"


def fixed(commit: Commit, facts: str) -> list[Any]:
    """Return the parameters that each commit has."""
    return [*progress_of(commit), len(facts), commit.execution_id, facts]


def closed(commit: Commit) -> list[Any]:
    """Return the parameters of what it closes."""
    if len(commit.closed) == 1:
        return [*commit.closed[0]]
    return [[step for step, _ in commit.closed], [run_id for _, run_id in commit.closed]]
