"""Messages in a SQLite database."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from runfox.backend.protocols import Message
from runfox.backend.sqlite.database import Database
from runfox.values import parse, text

_READ = "SELECT execution_id, key, kind, body, place FROM inbox WHERE execution_id = ?"


def put(connection: sqlite3.Connection, message: Message) -> bool:
    """Insert a message into the inbox, in the caller's transaction."""
    cursor = connection.execute(
        "INSERT OR IGNORE INTO inbox (execution_id, key, kind, body) VALUES (?, ?, ?, ?)",
        (message.execution_id, message.key, message.kind, text(message.body)),
    )
    return cursor.rowcount > 0


def put_if_there(connection: sqlite3.Connection, message: Message) -> None:
    """Insert a message, in the caller's transaction, if its execution exists."""
    connection.execute(
        "INSERT OR IGNORE INTO inbox (execution_id, key, kind, body)"
        " SELECT execution_id, ?, ?, ? FROM executions WHERE execution_id = ?",
        (message.key, message.kind, text(message.body), message.execution_id),
    )


def read(database: Database, execution_id: str, limit: int) -> list[Message]:
    """Return the oldest messages of an execution."""
    rows = database.rows(f"{_READ} ORDER BY place LIMIT ?", (execution_id, limit))
    return [_message(row) for row in rows]


def _message(row: Sequence[Any]) -> Message:
    execution, key, kind, body, place = row
    return Message(execution, key, kind, _body(body), place)


def waiting(connection: sqlite3.Connection, execution_id: str) -> list[Message]:
    """Return the messages of an execution, in the caller's transaction."""
    rows = connection.execute(f"{_READ} ORDER BY place", (execution_id,)).fetchall()
    return [_message(row) for row in rows]


def consume(connection: sqlite3.Connection, execution_id: str, place: int) -> bool:
    """Delete the messages up to a place, in the caller's transaction; return whether others wait."""
    connection.execute(
        "DELETE FROM inbox WHERE execution_id = ? AND place <= ?", (execution_id, place)
    )
    # Another driver may have been further by now: what is consumed stays consumed.
    row = connection.execute(
        "UPDATE executions SET consumed = max(consumed, ?) WHERE execution_id = ?"
        " RETURNING mail > consumed",
        (place, execution_id),
    ).fetchone()
    return row is not None and bool(row[0])


def _body(source: str) -> Any:
    """Return a body; None for what is no JSON, so that one bad message does not keep others from being read."""
    try:
        return parse(source)
    except ValueError:
        return None
