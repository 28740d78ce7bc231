"""Executions in memory. Records are values, so keeping one is keeping a reference."""

from datetime import datetime
from itertools import islice
from threading import Condition, RLock, local

from runfox.backend import codec
from runfox.backend.clock import utc_now
from runfox.backend.memory.inbox import MemoryInbox
from runfox.backend.memory.ledger import MemoryLedger
from runfox.backend.messages import result_message
from runfox.backend.protocols import (
    DEFAULT_LIMITS,
    Clock,
    Commit,
    Definition,
    Limits,
    Loaded,
    Message,
    Row,
    Summary,
)
from runfox.errors import DefinitionNotFound, ExecutionNotFound, RevisionConflict, StaleDelivery
from runfox.graph import Fact, StepResult
from runfox.results import DispatchJob
from runfox.status import WorkflowStatus


class _Execution:
    """All that is kept of one execution."""

    __slots__ = ("commit", "facts")

    def __init__(self, commit: Commit) -> None:
        self.commit = commit
        self.facts: list[tuple[datetime, tuple[Fact, ...]]] = [(commit.at, commit.facts)]


class InMemoryStore:
    """A store and a queue in this process. The facts are kept too, so histories read as on a database."""

    def __init__(self, *, clock: Clock = utc_now, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self.database: str | None = f"memory:{id(self)}"
        self.now = clock
        self._lock = RLock()
        self._changed = Condition(self._lock)
        self._waiting = 0
        self._version = 0
        self._seen = local()
        self._inbox = MemoryInbox()
        self._executions: dict[str, _Execution] = {}
        self._definitions: dict[str, Definition] = {}
        self.ledger = MemoryLedger(clock, self._lost, self._lock)

    def create(self, commit: Commit, definition: Definition) -> bool:
        with self._lock:
            if commit.execution_id in self._executions:
                return False
            self._definitions.setdefault(definition.workflow_id, definition)
            self._executions[commit.execution_id] = _Execution(commit)
            self._queue(commit)
            return True

    def load(self, execution_id: str, *, known: int = 0) -> Loaded:
        record = self._get(execution_id).commit.record
        return Loaded(record.workflow_id, record.revision, record)

    def commit(self, commit: Commit) -> bool:
        with self._lock:
            kept = self._get(commit.execution_id)
            if kept.commit.revision != commit.revision - 1:
                if kept.commit.token == commit.token:
                    return self._inbox.waits(commit.execution_id)
                raise RevisionConflict(commit.execution_id, commit.revision - 1)
            if commit.fences:
                self._check_fences(commit)
            kept.commit = commit
            kept.facts.append((commit.at, commit.facts))
            if commit.consumed is not None:
                self._inbox.forget(commit.execution_id, commit.consumed)
            self._queue(commit)
            return self._inbox.waits(commit.execution_id)

    def definition(self, workflow_id: str) -> Definition:
        try:
            return self._definitions[workflow_id]
        except KeyError:
            raise DefinitionNotFound(workflow_id) from None

    def put(self, message: Message) -> bool:
        with self._lock:
            self._get(message.execution_id)
            new = self._inbox.put(message)
            self._wake()
            return new

    def read(self, execution_id: str, limit: int) -> list[Message]:
        return self._inbox.read(execution_id, limit)

    def forget(self, execution_id: str, place: int) -> None:
        self._inbox.forget(execution_id, place)

    def due(self, limit: int) -> list[str]:
        now = self.now()
        with self._lock:
            found = dict.fromkeys(self._inbox.waiting())
            for execution_id, kept in self._executions.items():
                if _wakes(kept.commit, now):
                    found[execution_id] = None
        return list(islice(found, limit))

    def executions(
        self,
        *,
        status: WorkflowStatus | None = None,
        name: str | None = None,
        prefix: str = "",
        limit: int = 100,
    ) -> list[Summary]:
        with self._lock:
            found = [
                _summary(kept.commit)
                for execution_id, kept in self._executions.items()
                if execution_id.startswith(prefix)
                and status in (None, kept.commit.record.status)
                and name in (None, kept.commit.record.plan.spec.name)
            ]
        return found[::-1][:limit]

    def history(self, execution_id: str, *, after: int = 0) -> list[Row]:
        with self._lock:
            kept = self._get(execution_id).facts[after:]
        return [
            Row(revision, at, codec.facts_text(facts))
            for revision, (at, facts) in enumerate(kept, after + 1)
        ]

    def wait(self, timeout: float) -> None:
        seen = self._seen
        with self._changed:
            if self._version == getattr(seen, "version", None):
                self._waiting += 1
                self._changed.wait(timeout)
                self._waiting -= 1
            seen.version = self._version

    def _get(self, execution_id: str) -> _Execution:
        try:
            return self._executions[execution_id]
        except KeyError:
            raise ExecutionNotFound(execution_id) from None

    def _queue(self, commit: Commit) -> None:
        self.ledger.change(commit.record.origin.key, commit.jobs, commit.closed, commit.taker)
        self._wake()

    def _wake(self) -> None:
        self._version += 1
        if self._waiting:
            self._changed.notify_all()

    def _check_fences(self, commit: Commit) -> None:
        key = commit.record.origin.key
        stale = [
            (step, run_id, delivery)
            for step, run_id, delivery in commit.fences
            if self.ledger.delivery((key, step, run_id)) not in (None, delivery)
        ]
        if stale:
            raise StaleDelivery(stale)

    def _lost(self, job: DispatchJob, failure: StepResult) -> None:
        self.put(result_message(job.execution_id, failure))


def _wakes(commit: Commit, now: datetime) -> bool:
    wake_at = commit.record.wake_at
    return wake_at is not None and wake_at <= now


def _summary(commit: Commit) -> Summary:
    record = commit.record
    return Summary(
        record.execution_id,
        record.workflow_id,
        record.plan.spec.name,
        record.status,
        record.revision,
        record.origin.created_at,
        commit.at,
        record.ended_at,
        str(record.error["type"]) if record.error is not None else None,
        dict(record.plan.spec.labels),
    )
