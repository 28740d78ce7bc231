"""Carrying a run from one store to another: its ids, revisions and times stay, and an open one goes on there."""

from datetime import datetime
from typing import NamedTuple

from runfox import graph
from runfox.backend import codec
from runfox.backend.creating import Creating
from runfox.backend.messages import slot_message
from runfox.backend.parcel import Carried, Parcel, packed, unpacked
from runfox.backend.protocols import Commit, Definition, Histories, Inbox, Query, Row
from runfox.errors import ExecutionExists, ExecutionNotFound, RequestError, VerbRefused
from runfox.graph import WorkflowCreated, WorkflowRecord
from runfox.graph.places import walk
from runfox.values import Json, digest

MOST = 100_000
"""How many executions that one called, and messages of one, are carried."""


class Quiet(WorkflowRecord):
    """A record that is never due: nobody moves on what is not all there yet."""

    __slots__ = ()
    wake_at = None


class _Step(NamedTuple):
    """One commit of a history, and the record after it."""

    row: Row
    facts: list[graph.Fact]
    record: WorkflowRecord


class Carrying(Creating):
    """What a backend does with runs that come from elsewhere, or go there."""

    def export(self, key: str) -> dict[str, Json]:
        """Return a run, and all that it called, as JSON for ``import_run``.

        The run stays here, and goes on here, if it is open and nobody pauses it. Raises ``VerbRefused`` for one
        that another called.
        """
        record = self.load(key)
        if record.origin.parent is not None:
            raise VerbRefused(
                f"{record.execution_id} was called by {record.origin.parent.key}: export the first of them,"
                f" {record.origin.parent.root}"
            )
        records = [record, *self._called(record.execution_id)]
        ids = dict.fromkeys(one.workflow_id for one in records)
        definitions = tuple(self.store.definition(workflow_id) for workflow_id in ids)
        return packed(Parcel(codec.FORMAT, definitions, tuple(map(self._carried, records))))

    def _called(self, execution_id: str) -> list[WorkflowRecord]:
        found: list[WorkflowRecord] = []
        for summary in self.executions(Query(parent=execution_id, limit=MOST)):
            found += [self.load(summary.execution_id), *self._called(summary.execution_id)]
        return found

    def _carried(self, record: WorkflowRecord) -> Carried:
        own = record.execution_id
        rows = tuple(self.history(own)[: record.revision])
        store = self.store
        messages = tuple(store.read(own, MOST)) if isinstance(store, Inbox) else ()
        return Carried(own, record.workflow_id, rows, messages)

    def import_run(self, data: Json) -> str:
        """Take in a run that was exported, and return its long id. Again, it changes nothing.

        It has the ids, revisions and times that it had. Jobs that were in flight are queued anew, so they may be
        executed a second time. Stopped in the middle, call it again: until the end nothing of the run is done.
        Raises ``ParcelRefused``, and ``ExecutionExists`` where another execution has one of its ids.
        """
        parcel = unpacked(data)
        definitions = {one.workflow_id: one for one in parcel.definitions}
        histories = [self._steps(one, definitions[one.workflow_id]) for one in parcel.executions]
        have = [self._have(one) for one in parcel.executions]
        for carried, steps, there in zip(parcel.executions, histories, have, strict=True):
            self._enter(carried, definitions[carried.workflow_id], steps[:-1], there)
        # Callers first: what the called ones report finds them there.
        for carried, steps, there in zip(parcel.executions, histories, have, strict=True):
            if there < len(steps):
                self._finish(carried, definitions[carried.workflow_id], steps[-1])
        return histories[0][-1].record.origin.key

    def _steps(self, carried: Carried, definition: Definition) -> list[_Step]:
        plan = self.catalog.plan_in(definition)
        found: list[_Step] = []
        record: WorkflowRecord | None = None
        for row in carried.rows:
            facts = codec.facts(row)
            if record is None:
                created = facts[0]
                if not isinstance(created, WorkflowCreated):
                    raise RequestError(f"the history of {carried.execution_id} has no beginning")
                record = graph.blank(plan, execution_id=carried.execution_id, created=created)
            record = graph.fold(record, facts, revision=row.revision)
            found.append(_Step(row, facts, record))
        return [*found[:-1], found[-1]._replace(record=graph.rebuild(found[-1].record))]

    def _have(self, carried: Carried) -> int:
        """Return how many commits of an execution are here already. Raises ``ExecutionExists`` for another one."""
        try:
            known = self.store.load(carried.execution_id)
        except ExecutionNotFound:
            return 0
        rows = self.store.history(carried.execution_id) if isinstance(self.store, Histories) else []
        alike = all(
            _told(one) == _told(other) for one, other in zip(rows, carried.rows, strict=False)
        )
        if known.workflow_id != carried.workflow_id or not rows or not alike:
            raise ExecutionExists(carried.execution_id, "another history")
        return len(rows)

    def _enter(
        self, carried: Carried, definition: Definition, steps: list[_Step], there: int
    ) -> None:
        for step in steps[there:]:
            self._write(carried, definition, step, Quiet._make(step.record))

    def _finish(self, carried: Carried, definition: Definition, step: _Step) -> None:
        """Make the last commit, with which the run is all there, and say again what nobody had heard."""
        commit = self._write(carried, definition, step, step.record, last=True)
        self.route.send([commit])
        self.catalog.keep(step.record)
        store = self.store
        if isinstance(store, Inbox):
            for message in carried.messages:
                store.put(message._replace(place=0))
            # Nobody here knows that it waits for places: it asks for them again.
            for number, key in enumerate(_blocked(step.record)):
                store.put(slot_message(carried.execution_id, key, commit.token, number))

    def _write(
        self,
        carried: Carried,
        definition: Definition,
        step: _Step,
        record: WorkflowRecord,
        *,
        last: bool = False,
    ) -> Commit:
        commit = Commit(
            carried.execution_id,
            step.row.revision,
            f"import-{digest([carried.execution_id, step.row.revision, step.row.facts])}",
            record,
            tuple(step.facts),
            step.row.at,
            jobs=graph.in_flight(step.record) if last else (),
            announced=self.route.hold,
        )
        if commit.revision > 1:
            self.store.commit(commit)
        elif not self.store.create(commit, definition):
            raise ExecutionExists(carried.execution_id, "another history")
        return commit


def _told(row: Row) -> tuple[int, datetime, list[graph.Fact]]:
    # Not the text: an older runfox may have written the same facts in other words.
    return (row.revision, row.at, codec.facts(row))


def _blocked(record: WorkflowRecord) -> list[str]:
    """Return the keys of the limits that a run waits for places in."""
    if record.status.ended:
        return []
    waits = [cell.more.blocked for _, _, cell in walk(record)]
    return list(dict.fromkeys(key for key in (record.blocked, *waits) if key is not None))
