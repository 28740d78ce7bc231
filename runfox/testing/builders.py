"""Values for tests of stores and runners: specs, executions and commits, made as runfox itself makes them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count

from runfox import graph, spec
from runfox.backend import records
from runfox.backend.catalog import Catalog
from runfox.backend.protocols import Claim, Commit, Definition, Start, Store
from runfox.graph import Fact, Parent, Plan, StepResult, Transition, WorkflowRecord, compile_plan
from runfox.graph.facts.endings import ResultIgnored
from runfox.results import TERMS, DispatchJob, Terms
from runfox.spec import Spec
from runfox.values import Json, canonical, parse

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)

_numbers = count(1)


def a_spec(
    *steps: str, name: str = "example", labels: Mapping[str, str] | None = None, attempts: int = 1
) -> Spec:
    """Return a workflow of steps that wait for nothing: of one step, "a", if none is named.

    With ``attempts`` a step that fails is tried again, a second later.
    """
    retry = {"max_attempts": attempts, "delay": "1s"}
    return spec.from_data(
        {
            "name": name,
            "labels": dict(labels or {}),
            "steps": [{"id": step, "retry": retry} for step in steps or ("a",)],
        }
    )


def a_chain(*steps: str, name: str = "chain") -> Spec:
    """Return a workflow in which each step waits for the one before it."""
    return spec.from_data(
        {
            "name": name,
            "steps": [
                {"id": step, "depends_on": [before] if before else []}
                for before, step in zip((None, *steps), steps, strict=False)
            ],
        }
    )


def a_definition(of: Spec) -> Definition:
    """Return a workflow as stores keep it."""
    return Definition(of.workflow_id, of.name, of.version, canonical(of.data))


def a_creation(
    execution_id: str = "x1",
    of: Spec | None = None,
    *,
    inputs: dict[str, Json] | None = None,
    now: datetime = NOW,
    caller: WorkflowRecord | None = None,
) -> Start:
    """Return what a store's ``create`` takes: the first commit of an execution, and its definition.

    With a ``caller`` it is what a commit of that execution starts.
    """
    kept = of or a_spec()
    begun = graph.start(
        compile_plan(kept),
        execution_id=execution_id,
        inputs=inputs or {},
        now=now,
        parent=None if caller is None else _called_by(caller),
    )
    return Start(_commit(begun, now), a_definition(kept))


def _called_by(caller: WorkflowRecord) -> Parent:
    above = caller.origin.parent
    root, depth = (caller.execution_id, 0) if above is None else (above.root, above.depth)
    return Parent(caller.origin.key, "a", 0, depth + 1, root)


def created(
    store: Store,
    execution_id: str = "x1",
    of: Spec | None = None,
    *,
    inputs: dict[str, Json] | None = None,
    now: datetime = NOW,
) -> WorkflowRecord:
    """Create an execution in a store, and return its record."""
    commit, definition = a_creation(execution_id, of, inputs=inputs, now=now)
    assert store.create(commit, definition), f"{execution_id} was taken"
    return commit.record


def a_record(execution_id: str = "x1", of: Spec | None = None) -> WorkflowRecord:
    """Return the record of an execution that was just created."""
    return a_creation(execution_id, of)[0].record


def a_commit(record: WorkflowRecord, *facts: Fact, now: datetime = NOW) -> Commit:
    """Return the next commit of an execution: these facts, or one that says nothing of interest."""
    number = next(_numbers)
    told = facts or (ResultIgnored("nobody", number, f"note {number}", now),)
    after = graph.fold(record, told, revision=record.revision + 1)
    return _commit(Transition(after, told, None), now)


def a_step(record: WorkflowRecord, *results: StepResult, now: datetime = NOW) -> Commit:
    """Return the commit of what follows from results: their facts, and the jobs of the steps that are ready."""
    return _commit(graph.step(record, results, now=now), now)


def _commit(transition: Transition, now: datetime) -> Commit:
    after = transition.record
    assert transition.facts, "nothing follows, so there is nothing to commit"
    return Commit(
        after.execution_id,
        after.revision,
        f"token-{next(_numbers)}",
        after,
        transition.facts,
        now,
        transition.jobs,
        transition.closed,
    )


def a_job(
    step: str = "a",
    run_id: int = 0,
    *,
    of: str | None = None,
    inputs: dict[str, Json] | None = None,
    terms: Terms = TERMS,
) -> DispatchJob:
    """Return a job of the execution ``of``, by its long id, as it is dispatched."""
    key = of or a_record().origin.key
    return DispatchJob(key, step, step, inputs or {}, run_id, terms=terms)


def a_claim(
    key: str = "k",
    step: str = "a",
    run_id: int = 0,
    *,
    most: int | None = None,
    rate: tuple[int, timedelta] | None = None,
) -> Claim:
    """Return the claim of a slot of a key that has so many, or gives so many in a time."""
    return Claim(key, step, run_id, most, *(rate or (None, None)))


def run_of(job: DispatchJob) -> tuple[str, str, int]:
    """Return what a job is known by."""
    return (job.workflow_execution_id, job.step_id, job.run_id)


def loaded(store: Store, execution_id: str, known: WorkflowRecord | None = None) -> WorkflowRecord:
    """Return the newest record of an execution, as runfox reads it: on top of a known one, or from nothing."""
    answer = store.load(execution_id, known=0 if known is None else known.revision)
    if known is None:
        return Catalog(store).fresh(execution_id)
    return records.record_of(answer, execution_id, known.plan, known)


def a_plan(of: Spec | None = None) -> Plan:
    """Return a workflow, compiled."""
    return compile_plan(of or a_spec())


def told(record: WorkflowRecord) -> tuple[Json, object]:
    """Return all that a record says, and all that it derives, in a form that can be compared."""
    return parse(records.record_text(record)), graph.derived(record)
