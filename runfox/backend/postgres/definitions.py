"""Workflow definitions in a PostgreSQL database."""

from typing import Any

from runfox.backend import keys
from runfox.backend.codec import milliseconds, moment
from runfox.backend.postgres.database import Connection, Database, fetched
from runfox.backend.protocols import Clock, Definition, DefinitionRow
from runfox.errors import DefinitionNotFound

_COLUMNS = "workflow_id, name, version, spec"

KEEP = """
    INSERT INTO definitions (workflow_id, name, version, spec, created_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING RETURNING workflow_id
"""


def definition_row(definition: Definition) -> tuple[str, str, str | None, str]:
    """Return a definition as a row."""
    workflow_id, name, version, spec = definition
    return (
        workflow_id,
        keys.written(name),
        None if version is None else keys.written(version),
        spec,
    )


class PostgresDefinitions:
    """What a store does with definitions."""

    _database: Database
    now: Clock

    def definition(self, workflow_id: str) -> Definition:
        (row,) = self._one("workflow_id = $1", workflow_id) or (None,)
        if row is None:
            raise DefinitionNotFound(workflow_id)
        return row

    def keep_definition(self, definition: Definition) -> bool:
        row = (*definition_row(definition), milliseconds(self.now()))
        return bool(self._database.run(lambda connection: fetched(connection, KEEP, row)))

    def definitions(self, name: str | None = None) -> list[DefinitionRow]:
        rows = self._database.rows(
            f"SELECT {_COLUMNS}, created_at, active FROM definitions"
            " WHERE $1::text IS NULL OR name = $1 ORDER BY created_at DESC, number DESC",
            (None if name is None else keys.written(name),),
        )
        return [DefinitionRow(_definition(row), moment(row[4]), row[5]) for row in rows]

    def activate(self, workflow_id: str) -> None:
        name = keys.written(self.definition(workflow_id).name)

        def activate(connection: Connection) -> None:
            # In one order, whoever else does so: the rows of one name, then their flags.
            connection.execute(
                "SELECT 1 FROM definitions WHERE name = $1 ORDER BY number FOR UPDATE", (name,)
            )
            connection.execute(
                "UPDATE definitions SET active = FALSE WHERE name = $1 AND active", (name,)
            )
            connection.execute(
                "UPDATE definitions SET active = TRUE WHERE workflow_id = $1", (workflow_id,)
            )

        self._database.write(activate)

    def active(self, name: str | None = None) -> list[Definition]:
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM definitions WHERE active AND ($1::text IS NULL OR name = $1)",
            (None if name is None else keys.written(name),),
        )
        return sorted(map(_definition, rows), key=lambda found: found.name)

    def find(self, name: str, version: str | None = None) -> Definition | None:
        if version is not None:
            found = self._one(
                "name = $1 AND version = $2 ORDER BY number DESC",
                keys.written(name),
                keys.written(version),
            )
        else:
            # The active one is first, if there is one.
            found = self._one("name = $1 ORDER BY active DESC, number DESC", keys.written(name))
        return found[0] if found else None

    def _one(self, where: str, *values: str) -> list[Definition]:
        sql = f"SELECT {_COLUMNS} FROM definitions WHERE {where} LIMIT 1"
        return [_definition(row) for row in self._database.rows(sql, values)]


def _definition(row: Any) -> Definition:
    workflow_id, name, version, spec = row[:4]
    return Definition(
        workflow_id, keys.read(name), None if version is None else keys.read(version), spec
    )
