"""Executing in the process that drives."""

from collections.abc import Callable

from runfox.backend.clock import utc_now
from runfox.backend.memory import MemoryInbox, MemoryLedger
from runfox.backend.messages import result_message
from runfox.backend.protocols import Clock, Store
from runfox.backend.queue import QueueRunner
from runfox.execution import Executor, Mode, Pool, Secrets, from_environment, open_pool
from runfox.execution.call import Progress
from runfox.execution.pools import CrewPool, open_pool_here
from runfox.graph import StepResult
from runfox.results import DispatchJob


class InProcessRunner(QueueRunner):
    """A queue within one process, over the jobs that the store keeps.

    Give it to a ``Backend`` with a store: jobs are then queued in the commit that makes them. With a store
    that keeps no jobs it has a queue of its own, which a new driver fills again from the record.
    """

    def __init__(self, *, clock: Clock = utc_now) -> None:
        inbox = MemoryInbox()
        super().__init__(MemoryLedger(clock, _tell(inbox), inbox.answered), inbox, None, clock)

    def attach(self, store: Store) -> None:
        """Use the jobs that a store keeps, if it does."""
        ledger = getattr(store, "ledger", None)
        if ledger is not None:
            self.ledger = ledger
            self.inbox = store  # type: ignore[assignment] # a store with a ledger has an inbox
            self.database = store.database
            self.clock = store.now


def _tell(inbox: MemoryInbox) -> Callable[[DispatchJob, StepResult], None]:
    def lost(job: DispatchJob, failure: StepResult) -> None:
        inbox.put(result_message(job.execution_id, failure))

    return lost


class InProcessWorker:
    """Executes a runner's jobs in this process, when ``Workflow.run(worker=...)`` or a ``Backend`` asks.

    By default one job after another in the calling thread. ``concurrency`` more than 1 uses threads, or what
    ``mode`` says: "thread", "process", or "async" for executors that are coroutine functions. ``secrets``
    returns the value of a secret by its name; by default that is an environment variable.
    """

    def __init__(
        self,
        runner: QueueRunner,
        executor: Executor,
        *,
        concurrency: int = 1,
        mode: Mode | None = None,
        secrets: Secrets = from_environment,
    ) -> None:
        self.runner = runner
        self.executor = executor
        self.concurrency = concurrency
        self.mode: Mode = mode or ("inline" if concurrency == 1 else "thread")
        self.secrets = secrets

    def open(self, progress: Progress | None = None) -> Pool:
        """Return a pool that executes as this worker is set up to."""
        return open_pool(
            self.executor,
            concurrency=self.concurrency,
            mode=self.mode,
            progress=progress,
            secrets=self.secrets,
        )

    def open_here(self) -> CrewPool:
        """Return a pool for the event loop that runs here: coroutines are its tasks, the rest has threads."""
        return open_pool_here(
            self.executor, concurrency=self.concurrency, mode=self.mode, secrets=self.secrets
        )
