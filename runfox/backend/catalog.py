"""Records and plans that this process knows, so that neither is read or compiled twice."""

from typing import Generic, TypeVar

from runfox.backend import codec, records
from runfox.backend.ids import execution_id as id_of
from runfox.backend.needs import check_needs
from runfox.backend.protocols import Definition, Definitions, Store
from runfox.errors import EngineTooOld, ExecutionNotFound
from runfox.graph import Plan, WorkflowRecord, compile_plan
from runfox.spec import Spec, build
from runfox.values import canonical, parse

T = TypeVar("T")

MAX_PLANS = 256
MAX_RECORDS = 1_000


class _Recent(Generic[T]):
    """Values by key, up to a number of them: the one that came first makes way."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[str, T] = {}

    def get(self, key: str) -> T | None:
        return self._values.get(key)

    def put(self, key: str, value: T) -> None:
        values = self._values
        values[key] = value
        if len(values) > self._most:
            # Two threads may choose the same one: it is gone either way.
            values.pop(next(iter(values)), None)


class Catalog:
    """What is known of a store's definitions and executions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._plans: _Recent[Plan] = _Recent(MAX_PLANS)
        self._records: _Recent[WorkflowRecord] = _Recent(MAX_RECORDS)

    def plan_of(self, spec: Spec) -> Plan:
        """Return the plan of a spec, compiled once for each content.

        Raises ``RequestError`` if the store cannot do what the spec asks for.
        """
        plan = self._plans.get(spec.workflow_id)
        if plan is None:
            check_needs(spec, self._store)
            plan = compile_plan(spec)
            self._plans.put(spec.workflow_id, plan)
        return plan

    def definition_of(self, spec: Spec) -> Definition:
        """Return a spec as stores keep it."""
        return Definition(spec.workflow_id, spec.name, spec.version, canonical(spec.data))

    def find(self, name: str) -> Spec | None:
        """Return the workflow that is called ``name``, or ``name@version``, or None."""
        if not isinstance(self._store, Definitions):
            return None
        name, _, version = name.partition("@")
        found = self._store.find(name, version or None)
        return None if found is None else self._plan(found.workflow_id).spec

    def _plan(self, workflow_id: str) -> Plan:
        plan = self._plans.get(workflow_id)
        return self.plan_in(self._store.definition(workflow_id)) if plan is None else plan

    def plan_in(self, definition: Definition) -> Plan:
        """Return the plan of a spec as stores keep it."""
        return self.plan_of(build(parse(definition.text)))

    def keep(self, record: WorkflowRecord) -> None:
        """Remember a record that was just committed."""
        self._records.put(record.execution_id, record)

    def known(self, execution_id: str) -> WorkflowRecord:
        """Return the last record that this process saw, which may be old by now; loaded if it saw none."""
        return self._records.get(execution_id) or self.fresh(execution_id)

    def fresh(self, execution_id: str) -> WorkflowRecord:
        """Return the newest record that the store has. Raises ``ExecutionNotFound``."""
        known = self._records.get(execution_id)
        loaded = self._store.load(execution_id, known=known.revision if known is not None else 0)
        if known is not None and known.revision == loaded.revision:
            return known
        if loaded.min_engine > codec.FORMAT:
            raise EngineTooOld(execution_id, loaded.min_engine, codec.FORMAT)
        plan = known.plan if known is not None else self._plan(loaded.workflow_id)
        record = loaded.record
        if record is None:
            record = records.record_of(loaded, execution_id, plan, known)
        self.keep(record)
        return record

    def fresh_by_key(self, key: str) -> WorkflowRecord:
        """Return the newest record by a long or short id. A long one must name the right workflow too."""
        record = self.fresh(id_of(key))
        if "#" in key and record.origin.key != key:
            raise ExecutionNotFound(key)
        return record
