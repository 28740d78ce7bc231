"""Finding executions in a PostgreSQL database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from runfox.backend import keys
from runfox.backend.codec import milliseconds, moment
from runfox.backend.postgres.database import Database
from runfox.backend.protocols import ANY, Query, Summary
from runfox.status import WorkflowStatus
from runfox.values import parse, text

_COLUMNS = (
    "execution_id, workflow_id, name, status, revision, created_at, updated_at, ended_at, error_type,"
    " labels, parent, wake_at, priority, min_engine"
)

PAGE = 1_000
"""How many rows are asked for at once: labels are looked at again here."""


class PostgresLists:
    """``Lists`` of a store."""

    _database: Database

    def executions(self, query: Query = ANY) -> list[Summary]:
        conditions, values = _conditions(query)
        found: list[Summary] = []
        last = 2**62
        while len(found) < query.limit:
            asked = [*values, last, min(PAGE, query.limit - len(found))]
            where = " AND ".join([*conditions, f"number < ${len(asked) - 1}"])
            sql = f"SELECT {_COLUMNS}, number FROM executions WHERE {where}"
            sql += f" ORDER BY number DESC LIMIT ${len(asked)}"
            rows = self._database.rows(sql, asked)
            # The text that was looked for may also stand inside a label, or across two.
            found += [
                summary
                for summary in map(_summary, rows)
                if query.labels.items() <= summary.labels.items()
            ]
            if len(rows) < asked[-1]:
                break
            last = rows[-1][-1]
        return found


def _conditions(query: Query) -> tuple[list[str], list[Any]]:
    asked: list[tuple[str, Any]] = [
        ("starts_with(execution_id, {}::text)", query.prefix or None),
        ("status = {}", query.status),
        ("name = {}", None if query.name is None else keys.written(query.name)),
        ("parent = {}", query.parent),
        ("updated_at >= {}", _optional(query.since)),
        ("updated_at < {}", _optional(query.before)),
    ]
    asked += [
        ("strpos(labels, {}::text) > 0", text({key: query.labels[key]})[1:-1])
        for key in query.labels
    ]
    asked = [(condition, value) for condition, value in asked if value is not None]
    conditions = [condition.format(f"${n}") for n, (condition, _) in enumerate(asked, 1)]
    values = [str(value) if isinstance(value, str) else value for _, value in asked]
    return [*conditions, *(["parent IS NULL"] if query.roots else [])], values


def _optional(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)


def _summary(row: Sequence[Any]) -> Summary:
    stored: Any = Summary._make(row[:-1])
    summary: Summary = stored._replace(
        name=keys.read(stored.name),
        status=WorkflowStatus(stored.status),
        created_at=moment(stored.created_at),
        updated_at=moment(stored.updated_at),
        ended_at=None if stored.ended_at is None else moment(stored.ended_at),
        error_type=None if stored.error_type is None else keys.read(stored.error_type),
        labels=parse(stored.labels),
        wake_at=None if stored.wake_at is None else moment(stored.wake_at),
    )
    return summary
