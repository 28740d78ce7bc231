"""Executions that begin: by a caller, or where another one stood."""

from collections.abc import Mapping
from datetime import timedelta

from runfox import graph
from runfox.backend import codec
from runfox.backend.deciding import Decider
from runfox.backend.ids import execution_id as id_of
from runfox.backend.ids import new_execution_id
from runfox.backend.inputs import checked_inputs
from runfox.backend.protocols import NO_LABELS, Commit
from runfox.backend.reading import Reading
from runfox.backend.weighing import check_beginning
from runfox.errors import ExecutionExists
from runfox.spec import Spec
from runfox.values import Json, digest


class Creating(Reading):
    """What a backend does to create executions."""

    decider: Decider

    def create(
        self,
        spec: Spec,
        inputs: dict[str, Json] | None = None,
        *,
        execution_id: str | None = None,
        labels: Mapping[str, str] = NO_LABELS,
        delay: timedelta | None = None,
    ) -> str:
        """Create an execution and return its id in the long form. Nothing is dispatched yet.

        ``labels`` are added to those of the file. With a ``delay`` it begins that much later. With an
        ``execution_id`` of the caller's own it is idempotent: the same spec and inputs again return the first.
        Raises ``InputsInvalid``, ``InvalidId``, ``ExecutionExists``.
        """
        now = self.store.now()
        own = id_of(execution_id) if execution_id is not None else new_execution_id(now)
        plan = self.catalog.plan_of(spec)
        kept = checked_inputs(spec, inputs, self.store.limits)
        transition = graph.start(
            plan,
            execution_id=own,
            inputs=kept,
            now=now,
            labels={**spec.labels, **labels} if labels else None,
            start_at=None if delay is None else now + delay,
        )
        check_beginning(transition, self.store.limits.max_facts)
        token = self.decider.token()
        commit = Commit(own, 1, token, transition.record, transition.facts, now)
        if self.store.create(commit, self.catalog.definition_of(spec)):
            self.catalog.keep(transition.record)
            return transition.record.origin.key
        return self._same(own, spec, kept)

    def _same(self, execution_id: str, spec: Spec, inputs: dict[str, Json]) -> str:
        record = self.catalog.fresh(execution_id)
        if record.workflow_id != spec.workflow_id:
            raise ExecutionExists(execution_id, "another spec")
        if digest(record.inputs) != digest(inputs):
            raise ExecutionExists(execution_id, "other inputs")
        return record.origin.key

    def fork(
        self,
        key: str,
        at: int,
        *,
        spec: Spec | None = None,
        execution_id: str | None = None,
    ) -> str:
        """Create an execution that begins where another stood at a revision, and return its long id.

        With another ``spec`` it goes on by that. Raises ``VerbRefused`` where finished steps would change.
        """
        source = self.record_at(key, at)
        now = self.store.now()
        own = id_of(execution_id) if execution_id is not None else new_execution_id(now)
        used = source.plan.spec if spec is None else spec
        plan = source.plan if spec is None else self.catalog.plan_of(spec)
        rows = [row for row in self.history(key) if row.revision <= at]
        told = [fact for row in rows for fact in codec.facts(row)]
        transition = graph.fork(source, told, plan, execution_id=own, now=now)
        check_beginning(transition, self.store.limits.max_facts)
        token = self.decider.token()
        commit = Commit(own, 1, token, transition.record, transition.facts, now)
        if not self.store.create(commit, self.catalog.definition_of(used)):
            raise ExecutionExists(own, "another run")
        self.catalog.keep(transition.record)
        return transition.record.origin.key
