"""Workflow definitions in a SQLite database."""

import sqlite3

from runfox.backend.codec import milliseconds, moment
from runfox.backend.protocols import Clock, Definition, DefinitionRow
from runfox.backend.sqlite.database import Database
from runfox.errors import DefinitionNotFound

_COLUMNS = "workflow_id, name, version, spec"

_KEEP = """
    INSERT OR IGNORE INTO definitions (workflow_id, name, version, spec, created_at, number)
    VALUES (?1, ?2, ?3, ?4, ?5, 1 + coalesce((SELECT max(number) FROM definitions WHERE name = ?2), 0))
"""


def keep(connection: sqlite3.Connection, definition: Definition, at: int) -> bool:
    """Keep a definition, in the caller's transaction; return whether it was new."""
    return connection.execute(_KEEP, (*definition, at)).rowcount > 0


class SqliteDefinitions:
    """What a store does with definitions."""

    _database: Database
    now: Clock

    def definition(self, workflow_id: str) -> Definition:
        (row,) = self._one("workflow_id = ?", workflow_id) or (None,)
        if row is None:
            raise DefinitionNotFound(workflow_id)
        return row

    def keep_definition(self, definition: Definition) -> bool:
        with self._database.writing() as connection:
            return keep(connection, definition, milliseconds(self.now()))

    def definitions(self, name: str | None = None) -> list[DefinitionRow]:
        rows = self._database.rows(
            f"SELECT {_COLUMNS}, created_at, active FROM definitions"  # noqa: S608
            " WHERE ?1 IS NULL OR name = ?1 ORDER BY created_at DESC, number DESC",
            (name,),
        )
        return [DefinitionRow(Definition(*row[:4]), moment(row[4]), bool(row[5])) for row in rows]

    def activate(self, workflow_id: str) -> None:
        name = self.definition(workflow_id).name
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE definitions SET active = 0 WHERE name = ? AND active", (name,)
            )
            connection.execute(
                "UPDATE definitions SET active = 1 WHERE workflow_id = ?", (workflow_id,)
            )

    def active(self, name: str | None = None) -> list[Definition]:
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM definitions"  # noqa: S608
            " WHERE active AND (?1 IS NULL OR name = ?1) ORDER BY name",
            (name,),
        )
        return [Definition(*row) for row in rows]

    def find(self, name: str, version: str | None = None) -> Definition | None:
        if version is not None:
            found = self._one("name = ? AND version = ? ORDER BY number DESC", name, version)
        else:
            # The active one is first, if there is one.
            found = self._one("name = ? ORDER BY active DESC, number DESC", name)
        return found[0] if found else None

    def _one(self, where: str, *values: str) -> list[Definition]:
        sql = f"SELECT {_COLUMNS} FROM definitions WHERE {where} LIMIT 1"  # noqa: S608
        return [Definition(*row) for row in self._database.rows(sql, values)]
