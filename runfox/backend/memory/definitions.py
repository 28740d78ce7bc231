"""Workflow definitions in memory."""

from datetime import datetime

from runfox.backend.protocols import Definition, DefinitionRow
from runfox.errors import DefinitionNotFound


class MemoryDefinitions:
    """Definitions in the order in which they were kept, and which is the active one of each name."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Definition, datetime]] = {}
        self._active: dict[str, str] = {}

    def keep(self, definition: Definition, at: datetime) -> bool:
        """Keep a definition; return whether it was new."""
        new = definition.workflow_id not in self._kept
        if new:
            self._kept[definition.workflow_id] = (definition, at)
        return new

    def get(self, workflow_id: str) -> Definition:
        """Return one by its id. Raises ``DefinitionNotFound``."""
        try:
            return self._kept[workflow_id][0]
        except KeyError:
            raise DefinitionNotFound(workflow_id) from None

    def rows(self, name: str | None) -> list[DefinitionRow]:
        """Return those of a name, or all, newest first."""
        return [
            DefinitionRow(kept, at, self._active.get(kept.name) == kept.workflow_id)
            for kept, at in reversed(list(self._kept.values()))
            if name in (None, kept.name)
        ]

    def activate(self, workflow_id: str) -> None:
        """Make one the active one of its name. Raises ``DefinitionNotFound``."""
        self._active[self.get(workflow_id).name] = workflow_id

    def active(self, name: str | None) -> list[Definition]:
        """Return the active ones, by name."""
        return [self.get(self._active[of]) for of in sorted(self._active) if name in (None, of)]

    def find(self, name: str, version: str | None) -> Definition | None:
        """Return the newest of a version; without that the active one; else the newest of the name."""
        if version is None and name in self._active:
            return self.get(self._active[name])
        for row in self.rows(name):
            if version in (None, row.definition.version):
                return row.definition
        return None
