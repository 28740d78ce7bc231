"""Finding executions in a SQLite database."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from itertools import islice
from typing import Any

from runfox.backend.codec import milliseconds, moment
from runfox.backend.protocols import ANY, Query, Summary
from runfox.backend.sqlite.database import Database
from runfox.status import WorkflowStatus
from runfox.values import parse, text

_COLUMNS = (
    "execution_id, workflow_id, name, status, revision, created_at, updated_at, ended_at, error_type,"
    " labels, parent, wake_at, priority, min_engine"
)


class SqliteLists:
    """``Lists`` of a store."""

    _database: Database

    def executions(self, query: Query = ANY) -> list[Summary]:
        asked: list[tuple[str, object]] = [
            ("substr(execution_id, 1, ?) = ?", query.prefix),
            ("status = ?", query.status),
            ("name = ?", query.name),
            ("parent = ?", query.parent),
            ("updated_at >= ?", _optional(query.since)),
            ("updated_at < ?", _optional(query.before)),
        ]
        asked += [
            ("instr(labels, ?)", text({key: query.labels[key]})[1:-1]) for key in query.labels
        ]
        where = [condition for condition, value in asked if value is not None]
        values = [value for _, value in asked if value is not None]
        if query.roots:
            where.append("parent IS NULL")
        sql = f"SELECT {_COLUMNS} FROM executions WHERE {' AND '.join(where)} ORDER BY number DESC"  # noqa: S608
        with self._database.reading() as connection:
            try:
                cursor = connection.execute(sql, (len(query.prefix), *values))
            except UnicodeEncodeError:
                return []  # a text that is none: no row has such
            with closing(cursor):
                return list(islice(_fitting(cursor, query.labels), query.limit))


def _optional(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)


def _fitting(rows: Iterator[Sequence[Any]], labels: Mapping[str, str]) -> Iterator[Summary]:
    for row in rows:
        summary = _summary(row)
        # The text that was looked for may also stand inside a label, or across two.
        if labels.items() <= summary.labels.items():
            yield summary


def _summary(row: Sequence[Any]) -> Summary:
    stored: Any = Summary._make(row)
    summary: Summary = stored._replace(
        status=WorkflowStatus(stored.status),
        created_at=moment(stored.created_at),
        updated_at=moment(stored.updated_at),
        ended_at=None if stored.ended_at is None else moment(stored.ended_at),
        labels=parse(stored.labels),
        wake_at=None if stored.wake_at is None else moment(stored.wake_at),
    )
    return summary
