"""A runner over a ledger of jobs and an inbox of results: what the runners of this package are made of."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from runfox.backend.clock import utc_now
from runfox.backend.codec import EPOCH
from runfox.backend.ids import WorkerName, give_up_with
from runfox.backend.ids import execution_id as id_of
from runfox.backend.messages import RESULT, result_message
from runfox.backend.protocols import Ask, Clock, Inbox, JobSource, Ledger, Message, Taker
from runfox.execution import failure, result_from
from runfox.graph import StepResult
from runfox.results import DispatchJob
from runfox.values import Json

LEASE = timedelta(seconds=60)

HANDS = 4
"""How many names a process has that takes jobs by hand. When one is used again, its lease has long run out."""

_SOONEST = timedelta(milliseconds=1)


class Jobs(JobSource, Ledger, Protocol):
    """A ledger with both of its sides."""


class QueueRunner:
    """The producer's and the worker's side of one queue."""

    def __init__(
        self, ledger: Jobs, inbox: Inbox, database: str | None, clock: Clock = utc_now
    ) -> None:
        self.ledger = ledger
        self.inbox = inbox
        self.database = database
        self.clock = clock
        self._worker = WorkerName()
        self._taken_from: Jobs | None = None

    def hand(self, lease: timedelta) -> Taker:
        """Return the worker as which this process takes jobs by hand now.

        Each take renews the lease of a worker, for all that it has. Of one job that its taker has forgotten, or
        never heard of, nobody tells: it would be held for as long as others are taken. So this is a worker of
        another name after each half of a lease, and what it took as one that is used no more comes back.
        """
        if self._taken_from is not self.ledger:
            self._taken_from = self.ledger
            give_up_with(self, self._worker, self.ledger)
        half = max(lease / 2, _SOONEST)
        turn = (self.clock() - EPOCH) // half % HANDS
        return Taker(f"{self._worker}-{turn}", lease)

    def dispatch(self, workflow_execution_id: str, jobs: Sequence[DispatchJob]) -> None:
        """Queue jobs. Those that are known already change nothing."""
        self.ledger.queue(jobs)

    def withdraw(self, workflow_execution_id: str, runs: Sequence[tuple[str, int]]) -> None:
        """Drop runs, as (step, run_id), that are answered or not wanted any longer."""
        self.ledger.forget(workflow_execution_id, runs)

    def gather(self, workflow_execution_id: str) -> list[StepResult]:
        """Return the results that wait for an execution. They stay until a commit has used them."""
        messages = self.inbox.read(id_of(workflow_execution_id), 1_000)
        return [result_of(message) for message in messages if message.kind == RESULT]

    def list_pending_jobs(self) -> list[DispatchJob]:
        """Return the jobs that nobody has taken."""
        return self.ledger.pending()

    def take_pending_jobs(
        self, limit: int = 100, *, lease: timedelta = LEASE, queues: Sequence[str] = ()
    ) -> list[DispatchJob]:
        """Claim up to ``limit`` jobs, oldest first; at once, and empty when there are none.

        One that is not answered before the lease runs out may be claimed by another, or here again; that can
        be half a lease later where more is taken meanwhile. Without ``queues`` they may be of any; "" is the
        default one.
        """
        return self.ledger.take(Ask(self.hand(lease), limit, queues=tuple(queues)))

    def submit_work_result(
        self, workflow_execution_id: str, step_id: str, output: object, run_id: int | None = None
    ) -> None:
        """Report what a run answered. Durable on return; a driver applies it. Reporting twice is harmless.

        Without ``run_id`` it answers the newest run of the step that is in flight.
        """
        self._submit(workflow_execution_id, result_from(step_id, run_id, output))

    def submit_work_error(
        self,
        workflow_execution_id: str,
        step_id: str,
        type: str,
        message: str,
        run_id: int | None = None,
    ) -> None:
        """Report that a run failed."""
        self._submit(workflow_execution_id, failure(step_id, run_id, type, message))

    def _submit(self, workflow_execution_id: str, result: StepResult) -> None:
        execution_id = id_of(workflow_execution_id)
        if result.run_id is None:
            newest = self.ledger.newest(workflow_execution_id, result.step_id)
            result = result._replace(run_id=newest)
        self.inbox.put(result_message(execution_id, result))


def result_of(message: Message) -> StepResult:
    """Return the result that a message carries, checked as if an executor had just returned it.

    A worker that speaks SQL wrote it, perhaps: what it got wrong is a failure of its run, and says so.
    """
    body = message.body if isinstance(message.body, dict) else {}
    step, error = body.get("step"), body.get("error")
    run, delivery = _number(body.get("run_id")), _number(body.get("delivery"))
    if error is not None:
        told = error if isinstance(error, dict) else {"message": error}
        kind, text = told.get("type", "Error"), told.get("message", "")
        return failure(str(step), run, str(kind), str(text), delivery=delivery)
    return result_from(str(step), run, body.get("output"), delivery=delivery)


def _number(value: Json) -> int | None:
    """Return a number as it is; None, which stands for the newest, if it was left out; -1, which is none, else."""
    return value if value is None or type(value) is int else -1
