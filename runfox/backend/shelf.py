"""Workflows that are kept before anybody runs them, by their names."""

from runfox.backend.catalog import Catalog
from runfox.backend.protocols import DefinitionRow, Definitions, Store
from runfox.errors import RequestError
from runfox.spec import Spec


class Shelf:
    """What a backend does with the workflows that its store keeps."""

    store: Store
    catalog: Catalog

    def keep(self, spec: Spec, *, active: bool = True) -> str:
        """Keep a workflow in the store, by default as the active one of its name, and return its id."""
        store = self._definitions
        store.keep_definition(self.catalog.definition_of(spec))
        if active:
            store.activate(spec.workflow_id)
        return spec.workflow_id

    def definitions(self, name: str | None = None) -> list[DefinitionRow]:
        """Return the workflows that are kept, of a name or of all, newest first."""
        return self._definitions.definitions(name)

    def activate(self, workflow_id: str) -> None:
        """Make a workflow the one that its name stands for. Runs that have begun keep theirs."""
        self._definitions.activate(workflow_id)

    def find(self, name: str) -> Spec:
        """Return the workflow of a ``name``, or ``name@version``. Raises ``RequestError`` if none is kept."""
        found = self.catalog.find(name)
        if found is None:
            known = ", ".join(dict.fromkeys(row.definition.name for row in self.definitions()))
            raise RequestError(f"no workflow is called {name!r} here; there are: {known or 'none'}")
        return found

    @property
    def _definitions(self) -> Definitions:
        if not isinstance(self.store, Definitions):
            raise RequestError(f"{type(self.store).__name__} keeps no workflows by name")
        return self.store
