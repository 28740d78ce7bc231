"""Messages in a PostgreSQL database."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from runfox.backend import keys
from runfox.backend.postgres.database import Connection, Database, fetched
from runfox.backend.protocols import Message
from runfox.values import parse, text

_PUT = """
    INSERT INTO inbox (execution_id, key, kind, body) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING RETURNING place
"""

_PUT_KNOWN = """
    INSERT INTO inbox (execution_id, key, kind, body)
    SELECT execution_id, $2, $3, $4 FROM executions WHERE execution_id = $1
    ON CONFLICT DO NOTHING RETURNING place
"""

# In the order of their locks, so that two who tell the same ones do not wait for each other.
_PUT_ALL = """
    INSERT INTO inbox (execution_id, key, kind, body)
    SELECT execution_id, key, kind, body
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY
      AS new (execution_id, key, kind, body, place)
    JOIN executions USING (execution_id)
    ORDER BY hashtext(execution_id) & 1023, new.place
    ON CONFLICT DO NOTHING
"""

_READ = """
    SELECT execution_id, key, kind, body, place FROM inbox WHERE execution_id = $1 ORDER BY place LIMIT $2
"""

_OF_ALL = """
    SELECT execution_id, key, kind, body, place FROM inbox WHERE execution_id = ANY ($1::text[]) ORDER BY place
"""

FORGET = "DELETE FROM inbox WHERE execution_id = $1 AND place <= $2"


def put(database: Database, message: Message, *, known: bool) -> bool:
    """Keep a message, whoever it is for; or with ``known`` only if its execution is here.

    Returns whether it was new.
    """
    rows = database.rows(_PUT_KNOWN if known else _PUT, _row(message))
    return bool(rows)


def put_all(connection: Connection, messages: Sequence[Message], *, known: bool = True) -> None:
    """Keep messages, in the caller's transaction, of those executions that exist, or of any."""
    if not messages:
        return
    sql = _PUT_ALL if known else _PUT_ALL.replace("JOIN executions USING (execution_id)", "")
    columns = zip(*map(_row, messages), strict=True)
    connection.execute(sql, [list(column) for column in columns])


def _row(message: Message) -> tuple[str, str, str, str]:
    return (
        message.execution_id,
        keys.written(message.key),
        keys.written(message.kind),
        text(message.body),
    )


def read(database: Database, execution_id: str, limit: int) -> list[Message]:
    """Return the oldest messages of an execution."""
    rows = database.rows(_READ, (execution_id, limit))
    return [_message(row) for row in rows]


def messages_of(
    connection: Connection, execution_ids: Sequence[str]
) -> Mapping[str, list[Message]]:
    """Return the messages that wait for executions, in the caller's transaction."""
    found: dict[str, list[Message]] = defaultdict(list)
    for row in fetched(connection, _OF_ALL, (list(set(execution_ids)),)):
        found[row[0]].append(_message(row))
    return found


def _message(row: Sequence[Any]) -> Message:
    execution, key, kind, body, place = row
    return Message(execution, _key(key), _key(kind), _body(body), place)


def forget(database: Database, execution_id: str, place: int) -> None:
    """Delete the messages of an execution up to a place."""
    database.run(lambda connection: connection.execute(FORGET, (execution_id, place)))


def waits(connection: Connection, execution_id: str) -> bool:
    """Return whether messages wait for an execution."""
    sql = "SELECT EXISTS (SELECT 1 FROM inbox WHERE execution_id = $1)"
    return bool(fetched(connection, sql, (execution_id,))[0][0])


def _key(stored: str) -> str:
    try:
        return keys.read(stored)
    except ValueError:
        # Of a worker that speaks SQL, and escapes nothing.
        return stored


def _body(source: str) -> Any:
    """Return a body; None for what is no JSON, so that one bad message does not keep others from being read."""
    try:
        return parse(source)
    except ValueError:
        return None
