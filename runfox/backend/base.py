"""The shell around the pure core: load, decide, one atomic commit, then the messages. No rule lives here."""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import count
from os import urandom
from time import sleep
from typing import Any, TypeAlias

from runfox import graph
from runfox.backend import codec
from runfox.backend.catalog import Catalog
from runfox.backend.ids import WorkerName, new_execution_id
from runfox.backend.ids import execution_id as id_of
from runfox.backend.inprocess import InProcessRunner, InProcessWorker
from runfox.backend.mail import Mail
from runfox.backend.memory import InMemoryStore
from runfox.backend.observe import Observer, OnStateChange, observer_of, tell
from runfox.backend.protocols import Commit, Histories, Lists, Row, Runner, Store, Summary, Taker
from runfox.backend.queue import LEASE, QueueRunner
from runfox.errors import (
    ExecutionExists,
    InputsInvalid,
    RequestError,
    RevisionConflict,
    StaleDelivery,
    StoreUnavailable,
)
from runfox.execution import Executor
from runfox.graph import StepResult, Transition, WorkflowRecord
from runfox.results import DispatchJob, Halt, Pending
from runfox.spec import Spec
from runfox.status import WorkflowStatus
from runfox.values import Json, NotJson, TooBig, checked, digest

logger = logging.getLogger("runfox")

MAX_CONFLICTS = 1_000
"""How often one decision is made again because another process was faster."""
MAX_UNAVAILABLE = 3

Decide: TypeAlias = Callable[[WorkflowRecord, list[StepResult]], Transition]


class Backend:
    """A store and a runner, and what is done with them. Safe for use from many threads.

    Without arguments everything is in memory. ``executor`` alone makes the all-default form, in which
    ``Workflow.run()`` executes the steps in the calling thread. ``on_state_change`` is told after each commit,
    once per result that changed ``state``, in the committing process; it may raise without harm.
    """

    def __init__(
        self,
        store: Store | None = None,
        runner: Runner | None = None,
        *,
        executor: Executor | None = None,
        on_state_change: OnStateChange | None = None,
        lease: timedelta = LEASE,
    ) -> None:
        self.store: Store = store if store is not None else InMemoryStore()
        self.runner: Runner = runner if runner is not None else InProcessRunner()
        if isinstance(self.runner, InProcessRunner):
            self.runner.attach(self.store)
        self.worker = InProcessWorker(self._queue, executor) if executor is not None else None
        self.observers: list[Observer] = []
        if on_state_change is not None:
            self.observers.append(observer_of(on_state_change))
        self.catalog = Catalog(self.store)
        self.mail = Mail(self.store, self.runner)
        database = getattr(self.runner, "database", None)
        # T: a commit makes its jobs visible to workers. S: they are dispatched after it.
        self.shared = database is not None and database == self.store.database
        self._name = WorkerName()
        self.lease = lease
        self._tokens = count()

    # Executions -------------------------------------------------------------------------------------

    def create(
        self, spec: Spec, inputs: dict[str, Json] | None = None, *, execution_id: str | None = None
    ) -> str:
        """Create an execution and return its id in the long form. Nothing is dispatched yet.

        With an ``execution_id`` of the caller's own it is idempotent: the same spec and inputs again return
        the first. Raises ``InputsInvalid``, ``InvalidId``, ``ExecutionExists``.
        """
        now = self.store.now()
        own = id_of(execution_id) if execution_id is not None else new_execution_id(now)
        plan = self.catalog.plan_of(spec)
        kept = self._checked_inputs(inputs)
        transition = graph.start(plan, execution_id=own, inputs=kept, now=now)
        commit = Commit(own, 1, self._token(), transition.record, transition.facts, now)
        if self.store.create(commit, self.catalog.definition_of(spec)):
            self.catalog.keep(transition.record)
            return transition.record.origin.key
        return self._same(own, spec, kept)

    def _checked_inputs(self, inputs: dict[str, Json] | None) -> dict[str, Json]:
        if inputs is not None and type(inputs) is not dict:
            raise InputsInvalid(
                f"inputs must be a dict of JSON values, not {type(inputs).__name__}"
            )
        try:
            kept: dict[str, Json] = checked(inputs or {}, limit=self.store.limits.max_inputs)
        except NotJson as error:
            raise InputsInvalid(f"inputs{error}") from None
        except TooBig as error:
            raise InputsInvalid(
                f"inputs are over the limit max_inputs ({error.limit} bytes); pass a reference instead"
            ) from None
        return kept

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
        limit: int = 100,
    ) -> list[Summary]:
        """Return what executions there are, newest first."""
        if not isinstance(self.store, Lists):
            raise RequestError(f"{type(self.store).__name__} cannot list its executions")
        return self.store.executions(status=status, name=name, prefix=prefix, limit=limit)

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
        origin = now.origin
        blank = graph.blank(
            origin.plan,
            execution_id=origin.execution_id,
            inputs=origin.inputs,
            now=origin.created_at,
        )
        told = (fact for row in rows for fact in codec.facts(row))
        return graph.rebuild(graph.fold(blank, told, revision=revision))

    # Decisions --------------------------------------------------------------------------------------

    def step(
        self, key: str, results: Iterable[StepResult] = (), *, taker: Taker | None = None
    ) -> Transition:
        """Apply results, and what waits in the inbox, then dispatch what is ready: all in one commit.

        With a ``taker`` the new jobs are that worker's at once, as far as it has places for them.
        """
        now = self.store.now
        return self._decide(
            id_of(key), lambda record, told: graph.step(record, told, now=now()), results, taker
        )

    def on_step_result(self, key: str, result: StepResult) -> Halt | Pending | None:
        """Apply one result, and dispatch nothing: ``Halt``, ``Pending`` if it is tried again, else None."""
        now = self.store.now
        transition = self._decide(
            id_of(key),
            lambda record, _: graph.on_step_result(record, result, now=now()),
            (result,),
            None,
            mail=False,
        )
        assert transition.decision is None or isinstance(transition.decision, Halt | Pending)
        return transition.decision

    def _decide(
        self,
        execution_id: str,
        decide: Decide,
        results: Iterable[StepResult],
        taker: Taker | None,
        *,
        mail: bool = True,
    ) -> Transition:
        """Decide until a commit fits. What is decided from a record that was not asked for again is only
        believed if there is something to write: then the compare-and-set says whether it was the newest.
        """
        mine = list(results)
        fresh = not mine
        stale: set[tuple[str, int, int]] = set()
        for trial in range(MAX_CONFLICTS):
            record = self.catalog.fresh(execution_id) if fresh else self.catalog.known(execution_id)
            letters = self.mail.read(execution_id, look=fresh) if mail else []
            told = [*(letter.result for letter in letters), *mine]
            if stale:
                told = [one for one in told if not one.error or _run(one) not in stale]
            transition = decide(record, told)
            if not transition.facts and not fresh:
                fresh = True
                continue
            try:
                self._write(record, transition, letters, told, taker)
            except RevisionConflict:
                fresh = True
                if trial:
                    sleep(urandom(1)[0] / 255 * min(0.05, 0.001 * trial))  # apart from the others
            except StaleDelivery as refused:
                stale.update(refused.runs)
            else:
                return transition
        raise StoreUnavailable(
            f"execution {execution_id!r} was moved on by others {MAX_CONFLICTS} times in a row; try again"
        )

    def _write(
        self,
        record: WorkflowRecord,
        transition: Transition,
        letters: list[Any],
        told: list[StepResult],
        taker: Taker | None,
    ) -> None:
        execution_id = record.execution_id
        place = letters[-1].place if letters else None
        if not transition.facts:
            if place is not None:
                self.mail.forget(execution_id, place)
            return
        after = transition.record
        commit = Commit(
            execution_id,
            after.revision,
            self._token(),
            after,
            transition.facts,
            transition.facts[0].at,
            # What a queue elsewhere keeps, the store must not keep too: workers would be given it twice.
            transition.jobs if self.shared else (),
            transition.closed if self.shared else (),
            taker,
            place if self.mail.shared else None,
            _fences(told) if self.shared else (),
        )
        self.mail.expect(execution_id, waits=self._commit(commit))
        self.catalog.keep(after)
        if place is not None and not self.mail.shared:
            self.mail.forget(execution_id, place)
        if not self.shared:
            self._send(transition)
        if self.observers:
            tell(self.observers, record, transition)

    def _send(self, transition: Transition) -> None:
        """Tell a queue apart from the store what a commit made of its jobs."""
        key = transition.record.origin.key
        if transition.closed and isinstance(self.runner, QueueRunner):
            self.runner.withdraw(key, transition.closed)
        if transition.jobs:
            self.runner.dispatch(key, transition.jobs)

    def _commit(self, commit: Commit) -> bool:
        """Commit; when no answer came, again with the same token, which tells whether it was written."""
        for trial in range(MAX_UNAVAILABLE):
            try:
                return self.store.commit(commit)
            except StoreUnavailable:
                if trial == MAX_UNAVAILABLE - 1:
                    raise
                sleep(0.05 * (trial + 1))
        raise AssertionError

    @property
    def name(self) -> str:
        """What this process is called as a worker."""
        return str(self._name)

    def _token(self) -> str:
        return f"{self.name}-{next(self._tokens)}"

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


def _fences(results: list[StepResult]) -> tuple[tuple[str, int, int], ...]:
    return tuple([_run(result) for result in results if result.error and result.delivery])


def _run(result: StepResult) -> tuple[str, int, int]:
    return (result.step_id, result.run_id or 0, result.delivery or 0)
