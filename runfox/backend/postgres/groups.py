"""Many plain commits as one statement: each moves on, or finds no row and is for the longer way."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from runfox.backend import codec
from runfox.backend.postgres.commits import progress_of
from runfox.backend.postgres.jobs import WIDTH, insertion
from runfox.backend.postgres.workers import register
from runfox.backend.protocols import Commit

_COLUMNS = (
    ("revision", "bigint"),
    ("token", "text"),
    ("status", "text"),
    ("wake_at", "bigint"),
    ("updated_at", "bigint"),
    ("ended_at", "bigint"),
    ("error_type", "text"),
    ("min_engine", "bigint"),
    ("bytes", "bigint"),
    ("execution_id", "text"),
    ("facts", "text"),
    ("consumed", "bigint"),
)
_NAMES = ", ".join(name for name, _ in _COLUMNS)
_ARRAYS = ", ".join(f"${place}::{kind}[]" for place, (_, kind) in enumerate(_COLUMNS, 1))
_SET = ", ".join(f"{name} = new.{name}" for name, _ in _COLUMNS[:8])

_MOVED = f"""
    new AS MATERIALIZED (SELECT * FROM unnest({_ARRAYS}) AS new ({_NAMES})),
    moved AS (
      UPDATE executions AS own SET {_SET}, tail_bytes = tail_bytes + new.bytes FROM new
      WHERE own.execution_id = new.execution_id AND own.revision = new.revision - 1 AND NOT own.slotted
      RETURNING own.number, own.execution_id, own.tail_bytes, own.snapshot_bytes, new.revision, new.updated_at,
        new.facts, new.consumed
    ),
    told AS (
      INSERT INTO facts (execution, revision, at, facts) SELECT number, revision, updated_at, facts FROM moved
    ),
    used AS (
      DELETE FROM inbox USING moved
      WHERE inbox.execution_id = moved.execution_id AND inbox.place <= moved.consumed
    )
"""

_ANSWER = """
    SELECT execution_id, number, tail_bytes, snapshot_bytes, EXISTS (
      SELECT 1 FROM inbox WHERE inbox.execution_id = moved.execution_id AND place > coalesce(consumed, -1)
    ) FROM moved
"""


class Parts(NamedTuple):
    """What commits of a group have beside facts. ``taken``: jobs that their taker has at once."""

    closed: bool
    jobs: bool
    taken: bool


@lru_cache
def statement(parts: Parts) -> str:
    """Return the statement of a group. A row of its answer is the id of one that moved, and what a commit says."""
    at = len(_COLUMNS) + 1
    steps = [_MOVED]
    if parts.closed:
        runs = f"unnest(${at}::text[], ${at + 1}::text[], ${at + 2}::bigint[])"
        steps.append(
            f"closed AS (DELETE FROM jobs USING moved, {runs} AS run (execution_id, step, run_id)"
            " WHERE run.execution_id = moved.execution_id AND (jobs.execution_id, jobs.step, jobs.run_id)"
            " = (run.execution_id, run.step, run.run_id))"
        )
        at += 3
    if parts.jobs:
        given = "WHERE new.execution_id = moved.execution_id"
        steps.append(f"made AS ({insertion(at, 'moved,', given=given)})")
        at += WIDTH
    if parts.taken:
        steps.append(f"me AS ({register(at, 'EXISTS (SELECT 1 FROM moved)')})")
    return f"WITH {', '.join(steps)} {_ANSWER}"


def columns(commits: Sequence[Commit]) -> list[Any]:
    """Return the parameters that each group has, in the order in which the rows are locked."""
    rows = []
    for commit in commits:
        facts = codec.facts_text(commit.facts)
        rows.append((*progress_of(commit), len(facts), commit.execution_id, facts, commit.consumed))
    return [list(column) for column in zip(*rows, strict=True)]


def closed(commits: Sequence[Commit]) -> list[Any]:
    """Return the parameters of what a group closes; empty for nothing."""
    runs = [(commit.execution_id, *run) for commit in commits for run in commit.closed]
    return [list(column) for column in zip(*runs, strict=True)]


def uniform(commits: Sequence[Commit]) -> bool:
    """Return whether one statement can make commits: for one worker, if for any, announced alike."""
    takers = {commit.taker._replace(places=0) for commit in commits if commit.taker is not None}
    return len(takers) <= 1 and len({commit.announced for commit in commits}) == 1
