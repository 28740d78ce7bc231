"""A store and a runner, and all that is done with them: the door that programs come in by."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from runfox import graph
from runfox.backend.attempts import Wish
from runfox.backend.carrying import Carrying
from runfox.backend.deciding import Decided, Decider
from runfox.backend.ids import execution_id as id_of
from runfox.backend.inprocess import InProcessRunner, InProcessWorker
from runfox.backend.lifting import Lift
from runfox.backend.memory import InMemoryStore
from runfox.backend.observe import OnEnd, OnStateChange, observers_of
from runfox.backend.protocols import MAX_DELIVERIES, Ask, Runner, Store, Taker, Wakes
from runfox.backend.queue import LEASE, QueueRunner
from runfox.backend.routes import HOLD, is_run, route_of
from runfox.backend.shelf import Shelf
from runfox.backend.verbs import Verbs
from runfox.backend.watching import Watching
from runfox.errors import RequestError, RunfoxError
from runfox.execution import Executor, Secrets, from_environment
from runfox.graph import Event, StepResult, Transition, WorkflowRecord
from runfox.results import DispatchJob, Halt, Pending


class Backend(Carrying, Shelf, Verbs, Watching):
    """A store and a runner, and what is done with them. Safe for use from many threads.

    Without arguments everything is in memory. ``executor`` alone makes the all-default form, in which
    ``Workflow.run()`` executes the steps in the calling thread. ``on_state_change`` is told after each commit,
    once per result that changed ``state``, and ``on_end`` after the one that ended a run; again only if an
    operator reopened it and it ended anew. Both are told in the committing process, and may raise without harm.
    ``secrets`` returns the value of a secret by its name, for ``executor``; by default that is an environment
    variable. ``lease`` is how long a worker that gives no sign of life keeps its jobs. ``hold`` is how long a
    job that a queue apart from the store was told of may wait for a worker before that is told again. A job that
    was given to workers ``max_deliveries`` times and never answered fails as ``LeaseLost``.
    """

    def __init__(  # noqa: PLR0913 - each is a choice of its own, and most callers make none
        self,
        store: Store | None = None,
        runner: Runner | None = None,
        *,
        executor: Executor | None = None,
        on_state_change: OnStateChange | None = None,
        on_end: OnEnd | None = None,
        lease: timedelta = LEASE,
        hold: timedelta = HOLD,
        max_deliveries: int = MAX_DELIVERIES,
        secrets: Secrets = from_environment,
    ) -> None:
        self.store: Store = store if store is not None else InMemoryStore()
        self.runner: Runner = runner if runner is not None else InProcessRunner()
        if isinstance(self.runner, InProcessRunner):
            self.runner.attach(self.store)
        self.route = route_of(self.store, self.runner, hold)
        self.worker: InProcessWorker | None = None
        if executor is not None:
            self.worker = InProcessWorker(self.queue, executor, secrets=secrets)
        self.decider = Decider(self.store, self.route)
        self.catalog = self.decider.catalog
        self.observers = self.decider.observers
        self.observers += observers_of(on_state_change, on_end)
        self.lift = Lift(self.store)
        self.lease = lease
        self.max_deliveries = max_deliveries

    @property
    def name(self) -> str:
        """What this process is called as a worker."""
        return self.decider.name

    @property
    def waker(self) -> Wakes | None:
        """What tells a worker that there may be work: the queue, if that is apart from the store."""
        found = self.store if self.route.hold is None else self.runner
        return found if isinstance(found, Wakes) else None

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
        return self.decider.decide(self._step(key, events, taker))

    def move_all(
        self,
        moves: Iterable[tuple[str, Iterable[Event]]],
        *,
        taker: Taker | None = None,
        ask: Ask | None = None,
    ) -> tuple[list[Decided | RunfoxError], list[DispatchJob]]:
        """Move several executions on, in one write where the store can, and take other jobs with it.

        ``moves`` are keys of executions, no two of one, with what happened to each. ``ask`` is for as many jobs
        as there are places: those that ``taker`` gets of the commits count. Returns for each what ``move`` would
        return or raise, and the other jobs. ``StoreUnavailable`` is raised for all.
        """
        wishes = [self._step(key, events, taker) for key, events in moves]
        return self.decider.decide_all(wishes, ask)

    def _step(self, key: str, events: Iterable[Event], taker: Taker | None) -> Wish:
        now = self.store.now
        mine = tuple(events)
        return Wish(
            id_of(key),
            lambda record, told, outside: graph.step(record, told, now=now(), outside=outside),
            mine,
            taker,
            fresh=not mine,
        )

    def on_step_result(self, key: str, result: StepResult) -> Halt | Pending | None:
        """Apply one result, and dispatch nothing: ``Halt``, ``Pending`` if it is tried again, else None."""
        now = self.store.now
        wish = Wish(
            id_of(key),
            lambda record, _, outside: graph.on_step_result(
                record, result, now=now(), outside=outside
            ),
            (result,),
            mail=False,
            fresh=False,
        )
        transition = self.decider.decide(wish).transition
        assert transition.decision is None or isinstance(transition.decision, Halt | Pending)
        return transition.decision

    def ask(self, key: str, event: Event) -> Transition:
        now = self.store.now
        wish = Wish(
            self.load(key).execution_id,
            lambda record, told, outside: graph.step(
                record, told, now=now(), outside=outside, asked=event
            ),
            once=True,
        )
        return self.decider.decide(wish).transition

    @property
    def queue(self) -> QueueRunner:
        """Where jobs are claimed and results come in. Raises ``RequestError`` where only a runner knows that."""
        if self.route.queue is None:
            raise RequestError(
                f"{type(self.runner).__name__} only dispatches: its workers and results are its own"
            )
        return self.route.queue

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
        """Give jobs to the runner. Those that are queued, as ``advance()`` has queued them, change nothing."""
        self.runner.dispatch(workflow_execution_id, jobs)

    def gather(self, workflow_execution_id: str) -> list[StepResult]:
        """Return the results that wait for an execution; the next ``advance()`` applies them."""
        return self.queue.gather(workflow_execution_id)

    def list_pending_jobs(self) -> list[DispatchJob]:
        """Return the jobs that nobody has taken."""
        return self.queue.list_pending_jobs()

    def take_pending_jobs(self, limit: int = 100) -> list[DispatchJob]:
        """Claim jobs to execute them here."""
        taker = self.queue.hand(self.lease)
        return self.route.take(Ask(taker, limit, max_deliveries=self.max_deliveries))

    def claim(self, workflow_execution_id: str, step_id: str, run_id: int) -> DispatchJob | None:
        """Claim the job that a message of a queue names, to execute it here; None: nobody has to any more.

        For the handler of a queue that may deliver twice, late, or to several: of all that are told of a job,
        one gets it, and of what is no job at all, nobody.
        """
        run = (workflow_execution_id, step_id, run_id)
        if not is_run(run):
            return None
        taker = self.queue.hand(self.lease)
        ask = Ask(taker, runs=(run,), max_deliveries=self.max_deliveries)
        return next(iter(self.queue.ledger.take(ask)), None)

    def submit_work_result(
        self, workflow_execution_id: str, step_id: str, output: object, run_id: int | None = None
    ) -> None:
        """Report what a run answered, for a driver to apply."""
        self.queue.submit_work_result(workflow_execution_id, step_id, output, run_id)

    def submit_work_error(
        self,
        workflow_execution_id: str,
        step_id: str,
        type: str,
        message: str,
        run_id: int | None = None,
    ) -> None:
        """Report that a run failed, for a driver to apply."""
        self.queue.submit_work_error(workflow_execution_id, step_id, type, message, run_id)
