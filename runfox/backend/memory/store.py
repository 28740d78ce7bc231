"""Executions in memory. Records are values, so keeping one is keeping a reference."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from threading import Condition, RLock, local

from runfox.backend import codec
from runfox.backend.clock import utc_now
from runfox.backend.memory.alarms import Alarms
from runfox.backend.memory.definitions import MemoryDefinitions
from runfox.backend.memory.execution import Execution, over
from runfox.backend.memory.inbox import MemoryInbox
from runfox.backend.memory.ledger import MemoryLedger
from runfox.backend.memory.slots import Holder, MemorySlots
from runfox.backend.messages import result_message, slot_message
from runfox.backend.protocols import (
    ANY,
    DEFAULT_LIMITS,
    REFUSALS,
    Ask,
    CacheEntry,
    Clock,
    Commit,
    Definition,
    DefinitionRow,
    Limits,
    Loaded,
    Message,
    Query,
    Row,
    Start,
    Summary,
    Verdict,
)
from runfox.errors import ExecutionNotFound, RevisionConflict, StaleDelivery
from runfox.graph import StepResult
from runfox.results import DispatchJob
from runfox.status import WorkflowStatus
from runfox.values import Json


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
        self._executions: dict[str, Execution] = {}
        self._definitions = MemoryDefinitions()
        self._slots = MemorySlots()
        self._alarms = Alarms()
        self._cache: dict[tuple[str, str, str], CacheEntry] = {}
        self._fired: dict[str, datetime] = {}
        self._noted: dict[str, datetime] = {}
        self.ledger = MemoryLedger(clock, self._lost, self._inbox.answered, self._lock)

    # Store ------------------------------------------------------------------------------------------

    def create(self, commit: Commit, definition: Definition) -> bool:
        with self._lock:
            if commit.execution_id in self._executions:
                return False
            starts = self._new(Start(commit, definition))
            if commit.alone:
                self._begin(starts)
            else:
                self._spread([start.commit for start in starts], starts)
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
            if commit.alone and not self._slots.concerns(commit.execution_id):
                self._keep(kept, commit)
            else:
                starts = self._new(*commit.starts)
                self._spread([commit, *(start.commit for start in starts)], starts, kept)
            return self._inbox.waits(commit.execution_id)

    def commit_all(
        self, commits: Sequence[Commit], ask: Ask | None = None
    ) -> tuple[list[Verdict], list[DispatchJob]]:
        with self._lock:
            verdicts = [self._verdict(commit) for commit in commits]
            return verdicts, [] if ask is None else self.ledger.take(ask)

    def _verdict(self, commit: Commit) -> Verdict:
        try:
            return self.commit(commit)
        except REFUSALS as refusal:
            return refusal

    def definition(self, workflow_id: str) -> Definition:
        return self._definitions.get(workflow_id)

    def _get(self, execution_id: str) -> Execution:
        try:
            return self._executions[execution_id]
        except KeyError:
            raise ExecutionNotFound(execution_id) from None

    def _keep(self, kept: Execution, commit: Commit) -> None:
        kept.commit = commit
        kept.facts.append((commit.at, commit.facts))
        if commit.consumed is not None:
            self._inbox.forget(commit.execution_id, commit.consumed)
        self._queue(commit)

    def _queue(self, commit: Commit) -> None:
        self._alarms.set(commit.execution_id, commit.record.wake_at)
        self.ledger.change(
            commit.record.origin.key,
            commit.jobs,
            commit.closed,
            commit.taker,
            commit.at,
            commit.announced,
        )
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

    # What a commit does beyond its execution --------------------------------------------------------

    def _new(self, *starts: Start) -> list[Start]:
        """Return those executions that do not exist yet, and all that begin to exist with them."""
        found: dict[str, Start] = {}
        left = list(starts)
        while left:
            start = left.pop(0)
            own = start.commit.execution_id
            if own not in self._executions and own not in found:
                found[own] = start
                left += start.commit.starts
        return list(found.values())

    def _begin(self, starts: Sequence[Start]) -> None:
        for commit, definition in starts:
            self._definitions.keep(definition, commit.at)
            self._executions[commit.execution_id] = Execution(commit)
            self._queue(commit)

    def _spread(
        self, commits: Sequence[Commit], starts: Sequence[Start], kept: Execution | None = None
    ) -> None:
        """Make a commit, and those of the executions that it starts, with all that they say to others."""
        self._slots.check(commits)  # all that can be refused, before anything is changed
        if kept is not None:
            self._keep(kept, commits[0])
        self._begin(starts)
        tell = [holder for commit in commits for holder in self._slots.change(commit, self._paused)]
        for number, (execution_id, key) in enumerate(tell):
            self._inbox.put(slot_message(execution_id, key, commits[0].token, number))
        for commit in commits:
            for message in commit.messages:
                if message.execution_id in self._executions:
                    self._inbox.put(message)
            for entry in commit.cached:
                self._cache[entry[:3]] = entry

    def _paused(self, execution_id: str) -> bool:
        return self._executions[execution_id].commit.record.status is WorkflowStatus.PAUSED

    # Inbox, Due -------------------------------------------------------------------------------------

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
            found = dict.fromkeys([*self._inbox.waiting(), *self._alarms.due(now)])
        return list(islice(found, limit))

    # Lists, Histories, Wakes ------------------------------------------------------------------------

    def executions(self, query: Query = ANY) -> list[Summary]:
        with self._lock:
            fitting = (kept for kept in reversed(self._executions.values()) if kept.fits(query))
            return [kept.summary() for kept in islice(fitting, query.limit)]

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

    def prune(self, before: datetime, limit: int = 100) -> list[str]:
        with self._lock:
            families = islice(over(self._executions, before), limit)
            gone = [execution_id for family in families for execution_id in family]
            for execution_id in gone:
                del self._executions[execution_id]
                self._inbox.drop(execution_id)
                self._alarms.set(execution_id, None)
            self.ledger.drop(set(gone))
            return gone

    # Slots, Caches, Definitions, Fired --------------------------------------------------------------

    def holders(self, key: str, limit: int = 100) -> list[Holder]:
        with self._lock:
            return self._slots.holders(key, limit)

    def recall(self, workflow_id: str, step: str, key: str) -> dict[str, Json] | None:
        entry = self._cache.get((workflow_id, step, key))
        if entry is None or (entry.until is not None and entry.until <= self.now()):
            return None
        return entry.output

    def keep_definition(self, definition: Definition) -> bool:
        with self._lock:
            return self._definitions.keep(definition, self.now())

    def definitions(self, name: str | None = None) -> list[DefinitionRow]:
        with self._lock:
            return self._definitions.rows(name)

    def activate(self, workflow_id: str) -> None:
        with self._lock:
            self._definitions.activate(workflow_id)

    def active(self, name: str | None = None) -> list[Definition]:
        with self._lock:
            return self._definitions.active(name)

    def find(self, name: str, version: str | None = None) -> Definition | None:
        with self._lock:
            return self._definitions.find(name, version)

    def fired(self, schedule: str) -> datetime | None:
        return self._fired.get(schedule)

    def fire(self, schedule: str, before: datetime | None, now: datetime) -> bool:
        with self._lock:
            if self._fired.get(schedule) != before:
                return False
            self._fired[schedule] = now
            return True

    def note(self, name: str) -> None:
        self._noted[name] = self.now()

    def noted(self, name: str) -> datetime | None:
        return self._noted.get(name)
