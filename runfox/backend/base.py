"""A store and a runner, and all that is done with them: the door that programs come in by."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from time import monotonic, sleep

from runfox import graph
from runfox.backend import codec
from runfox.backend.deciding import Decided, Decider
from runfox.backend.explaining import explained
from runfox.backend.ids import execution_id as id_of
from runfox.backend.ids import new_execution_id
from runfox.backend.inprocess import InProcessRunner, InProcessWorker
from runfox.backend.inputs import checked_inputs
from runfox.backend.memory import InMemoryStore
from runfox.backend.observe import OnStateChange, observer_of
from runfox.backend.protocols import (
    NO_LABELS,
    Commit,
    DefinitionRow,
    Definitions,
    Histories,
    Lists,
    Row,
    Runner,
    Store,
    Summary,
    Taker,
    Wakes,
)
from runfox.backend.queue import LEASE, QueueRunner
from runfox.errors import ExecutionExists, RequestError
from runfox.execution import Executor, Secrets, from_environment
from runfox.graph import (
    CancelAsked,
    Event,
    PauseAsked,
    RerunAsked,
    ResumeAsked,
    RetryAsked,
    SignalSent,
    SkipAsked,
    StepResult,
    Transition,
    WorkflowRecord,
)
from runfox.results import DispatchJob, Ended, Halt, Pending
from runfox.spec import Spec
from runfox.status import WorkflowStatus
from runfox.values import Json, checked, digest

LOOK = 1.0
"""Seconds after which whoever waits looks again by itself."""

POLL = 0.05
"""Seconds between two looks at a store that cannot tell when something has changed."""


class Backend:
    """A store and a runner, and what is done with them. Safe for use from many threads.

    Without arguments everything is in memory. ``executor`` alone makes the all-default form, in which
    ``Workflow.run()`` executes the steps in the calling thread. ``on_state_change`` is told after each commit,
    once per result that changed ``state``, in the committing process; it may raise without harm. ``secrets``
    returns the value of a secret by its name, for ``executor``; by default that is an environment variable.
    """

    def __init__(
        self,
        store: Store | None = None,
        runner: Runner | None = None,
        *,
        executor: Executor | None = None,
        on_state_change: OnStateChange | None = None,
        lease: timedelta = LEASE,
        secrets: Secrets = from_environment,
    ) -> None:
        self.store: Store = store if store is not None else InMemoryStore()
        self.runner: Runner = runner if runner is not None else InProcessRunner()
        if isinstance(self.runner, InProcessRunner):
            self.runner.attach(self.store)
        self.worker: InProcessWorker | None = None
        if executor is not None:
            self.worker = InProcessWorker(self._queue, executor, secrets=secrets)
        self.decider = Decider(self.store, self.runner)
        self.catalog = self.decider.catalog
        self.observers = self.decider.observers
        self.shared = self.decider.shared
        if on_state_change is not None:
            self.observers.append(observer_of(on_state_change))
        self.lease = lease

    @property
    def name(self) -> str:
        """What this process is called as a worker."""
        return self.decider.name

    # Executions -------------------------------------------------------------------------------------

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

    def load(self, key: str) -> WorkflowRecord:
        """Return the newest record of an execution, by its long or short id. Raises ``ExecutionNotFound``."""
        return self.catalog.fresh_by_key(key)

    def executions(
        self,
        *,
        status: WorkflowStatus | None = None,
        name: str | None = None,
        prefix: str = "",
        labels: Mapping[str, str] = NO_LABELS,
        parent: str | None = None,
        roots: bool = False,
        limit: int = 100,
    ) -> list[Summary]:
        """Return what executions there are, newest first. ``roots``: only those that no other called."""
        if not isinstance(self.store, Lists):
            raise RequestError(f"{type(self.store).__name__} cannot list its executions")
        return self.store.executions(
            status=status,
            name=name,
            prefix=prefix,
            labels=labels,
            parent=parent,
            roots=roots,
            limit=limit,
        )

    def history(self, key: str, *, after: int = 0) -> list[Row]:
        """Return the facts of each commit beyond revision ``after``; ``codec.facts`` reads a row."""
        if not isinstance(self.store, Histories):
            raise RequestError(f"{type(self.store).__name__} keeps no history")
        return self.store.history(self.load(key).execution_id, after=after)

    def record_at(self, key: str, revision: int) -> WorkflowRecord:
        """Return the record as it was at a revision. Raises ``RequestError`` if there was none such."""
        now = self.load(key)
        if not 1 <= revision <= now.revision:
            raise RequestError(f"no revision {revision}: there are 1 to {now.revision}")
        rows = [row for row in self.history(key) if row.revision <= revision]
        told = [fact for row in rows for fact in codec.facts(row)]
        created = told[0]
        assert isinstance(created, graph.WorkflowCreated)
        blank = graph.blank(now.origin.plan, execution_id=now.execution_id, created=created)
        return graph.rebuild(graph.fold(blank, told, revision=revision))

    def explain(self, key: str) -> dict[str, str]:
        """Return, for each step that has not ended, why it is not running, or who is at it until when.

        What holds the whole execution up stands under "". Empty when it is over.
        """
        return explained(self.load(key), self.store, getattr(self.runner, "ledger", None))

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
        token = self.decider.token()
        commit = Commit(own, 1, token, transition.record, transition.facts, now)
        if not self.store.create(commit, self.catalog.definition_of(used)):
            raise ExecutionExists(own, "another run")
        self.catalog.keep(transition.record)
        return transition.record.origin.key

    def wait(
        self, keys: Sequence[str], *, any: bool = False, timeout: timedelta | None = None
    ) -> dict[str, Ended]:
        """Wait until all executions, or ``any`` of them, have ended, and return how those did that have.

        Nothing is driven: workers and drivers elsewhere bring them to their end. After ``timeout`` it returns
        what there is.
        """
        until = None if timeout is None else monotonic() + timeout.total_seconds()
        over: dict[str, Ended] = {}
        while True:
            for key in keys:
                record = self.load(key)
                if record.status.ended:
                    over[key] = graph.ended(record)
            if len(over) == len(keys) or (any and over):
                return over
            left = LOOK if until is None else min(LOOK, until - monotonic())
            if left <= 0:
                return over
            if isinstance(self.store, Wakes):
                self.store.wait(left)
            else:
                sleep(min(POLL, left))

    # Definitions ------------------------------------------------------------------------------------

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

    # Decisions --------------------------------------------------------------------------------------

    def step(
        self, key: str, results: Iterable[StepResult] = (), *, taker: Taker | None = None
    ) -> Transition:
        """Apply results, and what waits in the inbox, then dispatch what is ready: all in one commit.

        With a ``taker`` the new jobs are that worker's at once, as far as it has places for them.
        """
        return self.move(key, results, taker=taker).transition

    def move(
        self, key: str, events: Iterable[Event] = (), *, taker: Taker | None = None
    ) -> Decided:
        """As ``step``, and tell which other executions have to be moved on because of it."""
        now = self.store.now
        mine = list(events)
        return self.decider.decide(
            id_of(key),
            lambda record, told, outside: graph.step(record, told, now=now(), outside=outside),
            mine,
            taker=taker,
            fresh=not mine,
        )

    def on_step_result(self, key: str, result: StepResult) -> Halt | Pending | None:
        """Apply one result, and dispatch nothing: ``Halt``, ``Pending`` if it is tried again, else None."""
        now = self.store.now
        transition = self.decider.decide(
            id_of(key),
            lambda record, _, outside: graph.on_step_result(
                record, result, now=now(), outside=outside
            ),
            (result,),
            mail=False,
            fresh=False,
        ).transition
        assert transition.decision is None or isinstance(transition.decision, Halt | Pending)
        return transition.decision

    def ask(self, key: str, event: Event) -> Transition:
        """Do what somebody wants of an execution, and dispatch what is ready then.

        Raises ``VerbRefused`` and ``SignalRefused``; then nothing has happened.
        """
        now = self.store.now
        return self.decider.decide(
            self.load(key).execution_id,
            lambda record, told, outside: graph.step(
                record, told, now=now(), outside=outside, asked=event
            ),
        ).transition

    # Verbs ------------------------------------------------------------------------------------------

    def signal(
        self, key: str, name: str, data: Json = None, *, to: Json = None, id: str = ""
    ) -> None:
        """Send a signal. ``to`` addresses it to the wait of that ``key``; one of an ``id`` counts once."""
        self.ask(key, SignalSent(name, checked(data, limit=self.store.limits.max_inputs), to, id))

    def cancel(self, key: str) -> None:
        """End an execution as cancelled, its ``finally`` run first; again, without the rest of that."""
        self.ask(key, CancelAsked())

    def pause(self, key: str) -> None:
        """Dispatch nothing more of an execution until it is resumed."""
        self.ask(key, PauseAsked())

    def resume(self, key: str) -> None:
        """Let a paused execution go on."""
        self.ask(key, ResumeAsked())

    def retry(self, key: str, *steps: str) -> None:
        """Try what failed again, keeping what succeeded: all, or these steps."""
        self.ask(key, RetryAsked(steps))

    def rerun(self, key: str, step: str, *, input: dict[str, Json] | None = None) -> None:
        """Run a step, and all behind it, again; with another ``input``, if one is given."""
        given = None if input is None else checked(input, limit=self.store.limits.max_inputs)
        self.ask(key, RerunAsked(step, given))

    def skip(self, key: str, step: str, *, output: dict[str, Json] | None = None) -> None:
        """Let a step not run in this turn: skipped, or complete with ``output``."""
        given = None if output is None else checked(output, limit=self.store.limits.max_inputs)
        self.ask(key, SkipAsked(step, given))

    @property
    def _queue(self) -> QueueRunner:
        """The runner, if it has a worker's side. Raises ``RequestError`` for one that only dispatches."""
        if not isinstance(self.runner, QueueRunner):
            raise RequestError(
                f"{type(self.runner).__name__} only dispatches: its workers and results are its own"
            )
        return self.runner

    # Names and pass-throughs ------------------------------------------------------------------------

    def workflow_execution_id(self, record: WorkflowRecord) -> str:
        """Return the long id of a record's execution."""
        return record.origin.key

    def step_key(self, workflow_execution_id: str, step_id: str) -> str:
        """Return the id of a step of an execution."""
        return f"{workflow_execution_id}#{step_id}"

    def step_run_key(self, workflow_execution_id: str, step_id: str, run_id: int) -> str:
        """Return the id of one run of a step."""
        return f"{workflow_execution_id}#{step_id}#{run_id}"

    def dispatch(self, workflow_execution_id: str, jobs: Sequence[DispatchJob]) -> None:
        """Queue jobs. Those that are queued already, as ``advance()`` has queued them, change nothing."""
        self.runner.dispatch(workflow_execution_id, jobs)

    def gather(self, workflow_execution_id: str) -> list[StepResult]:
        """Return the results that wait for an execution; the next ``advance()`` applies them."""
        return self._queue.gather(workflow_execution_id)

    def list_pending_jobs(self) -> list[DispatchJob]:
        """Return the jobs that nobody has taken."""
        return self._queue.list_pending_jobs()

    def take_pending_jobs(self, limit: int = 100) -> list[DispatchJob]:
        """Claim jobs to execute them here."""
        return self._queue.take_pending_jobs(limit)

    def submit_work_result(
        self, workflow_execution_id: str, step_id: str, output: object, run_id: int | None = None
    ) -> None:
        """Report what a run answered, for a driver to apply."""
        self._queue.submit_work_result(workflow_execution_id, step_id, output, run_id)

    def submit_work_error(
        self,
        workflow_execution_id: str,
        step_id: str,
        type: str,
        message: str,
        run_id: int | None = None,
    ) -> None:
        """Report that a run failed, for a driver to apply."""
        self._queue.submit_work_error(workflow_execution_id, step_id, type, message, run_id)
