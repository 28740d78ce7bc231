"""Executions that begin with the commit of their caller."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from runfox import graph
from runfox.backend.catalog import Catalog
from runfox.backend.inputs import checked_inputs
from runfox.backend.offering import offered, remaining
from runfox.backend.protocols import Commit, Start, Store, Taker
from runfox.errors import RequestError
from runfox.graph import NOWHERE, ChildStart, Plan, Transition, WorkflowRecord
from runfox.graph.facts import Error
from runfox.results import DispatchJob
from runfox.spec import Spec
from runfox.values import Json


class Births(NamedTuple):
    """The executions that begin with a transition.

    Attributes:
        starts: Their first commits, and what they are executions of.
        refused: Those that cannot be created, with the error: the transition has to be decided again.
        jobs: Their first jobs, by their long ids.
    """

    starts: tuple[Start, ...] = ()
    refused: dict[str, Error] = {}
    jobs: dict[str, tuple[DispatchJob, ...]] = {}

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of those that begin, in the short form."""
        return tuple(start.commit.execution_id for start in self.starts)

    @property
    def commits(self) -> tuple[Commit, ...]:
        """The first commits of those that begin."""
        return tuple(start.commit for start in self.starts)


NO_BIRTHS = Births()


def births_of(
    catalog: Catalog,
    store: Store,
    caller: WorkflowRecord,
    transition: Transition,
    taker: Taker | None,
    token: Callable[[], str],
    hold: timedelta | None,
) -> Births:
    """Return the executions that begin with a transition of ``caller``."""
    found: list[Start] = []
    refused: dict[str, Error] = {}
    jobs: dict[str, tuple[DispatchJob, ...]] = {}
    now = transition.facts[0].at
    if transition.record.status.ended:
        taker = None  # its decision is how it ended, and tells nobody of jobs
    # One worker takes the jobs of all of them, in this order: those of the caller, and of each that begins.
    taker = remaining(taker, transition.jobs)
    for start in transition.elsewhere.starts:
        spec = _spec(catalog, caller, start.workflow)
        try:
            inputs = checked_inputs(spec, start.inputs, store.limits)
            plan = catalog.plan_of(spec)
        except RequestError as error:
            message = f"{start.workflow}: {error}"
            refused[start.execution_id] = {"type": "ChildFailed", "message": message}
            continue
        begun = _begun(plan, start, inputs, now)
        own, mine = offered(begun.jobs, taker)
        taker = remaining(taker, begun.jobs)
        commit = Commit(
            start.execution_id,
            1,
            token(),
            begun.record,
            begun.facts,
            now,
            own,
            taker=mine,
            announced=hold,
        )
        if begun.jobs:
            jobs[begun.record.origin.key] = begun.jobs
        found.append(Start(commit, catalog.definition_of(spec)))
    return Births(tuple(found), refused, jobs)


def _begun(plan: Plan, start: ChildStart, inputs: dict[str, Json], now: datetime) -> Transition:
    """Return the creation of an execution, with what it begins with, unless that concerns others in its turn."""
    begun = graph.start(
        plan,
        execution_id=start.execution_id,
        inputs=inputs,
        now=now,
        parent=start.parent,
    )
    first = graph.advance(begun.record, now=now)
    if first.elsewhere is not NOWHERE or first.record.status.ended:
        return begun
    record = first.record._replace(revision=1)
    return first._replace(record=record, facts=(*begun.facts, *first.facts))


def _spec(catalog: Catalog, caller: WorkflowRecord, workflow: str) -> Spec:
    own = caller.plan.spec
    if workflow == "self":
        return own
    local = own.workflows.get(workflow)
    if local is not None:
        return local
    found = catalog.find(workflow)
    assert found is not None, f"{workflow} was there a moment ago"
    return found
