"""The one store of a simulation, which is watched, and the way to it that each process has of its own."""

from runfox.backend import InMemoryStore, codec
from runfox.backend.memory import MemoryLedger
from runfox.backend.protocols import Loaded, Row
from runfox.errors import RevisionConflict
from tests.simulation.clockwork import process_now


class WatchedLedger(MemoryLedger):
    """A ledger whose workers are processes of their own, so that they need a lease."""

    leased = True

    def __init__(self, *args, checks):
        super().__init__(*args)
        self.checks = checks

    def _reclaim(self, *, but=None):
        found = super()._reclaim(but=but)
        self.checks.reclaimed(found)
        for key in found:
            if key in self._line:
                self.checks.requeued(key)
        return found

    def change(self, execution, jobs, closed, taker, at, announced=None):
        super().change(execution, jobs, closed, taker, at, announced)
        if taker is not None:
            for job in jobs[: taker.places]:
                self.checks.delivered(job)

    def take(self, ask):
        found = super().take(ask)
        for job in found:
            self.checks.delivered(job)
        return found

    def rows(self, key):
        """Return the runs of an execution that jobs exist for, queued or taken."""
        return {run[1:] for run in self.rows_left() if run[0] == key}

    def rows_left(self):
        """Return all runs that jobs exist for."""
        return [*self._held, *self._line.keys()]

    def size(self):
        return len(self.rows_left())


class WatchedStore(InMemoryStore):
    """Shows every execution and every revision to the checks as it becomes durable."""

    def __init__(self, clock, checks):
        super().__init__(clock=clock)
        self.checks = checks
        self.ledger = WatchedLedger(
            clock, self._lost, self._inbox.answered, self._lock, checks=checks
        )
        self.listeners = []
        put = self._inbox.put

        def told(message):
            new = put(message)
            checks.told(message, new)
            return new

        self._inbox.put = told
        checks.store = self

    def commit(self, commit):
        try:
            waits = super().commit(commit)
        except RevisionConflict:
            self.checks.refused(commit, self._executions[commit.execution_id].commit)
            raise
        self.checks.settled(commit)
        return waits

    def _keep(self, kept, commit):
        self.checks.committing(kept.commit, commit)
        super()._keep(kept, commit)

    def _begin(self, starts):
        for start in starts:
            self.checks.created(start.commit, self._executions)
        super()._begin(starts)

    def _wake(self):
        super()._wake()
        for tell in self.listeners:
            tell()

    def as_text(self, execution_id, known):
        """What a store that keeps texts has of an execution beyond a revision."""
        kept = self._get(execution_id)
        record = kept.commit.record
        rows = [
            Row(revision, at, codec.facts_text(facts))
            for revision, (at, facts) in enumerate(kept.facts[known:], known + 1)
        ]
        return Loaded(record.workflow_id, record.revision, tail=rows)


READS = (
    *("read", "due", "executions", "history", "holders", "recall", "definition", "definitions"),
    *("active", "find", "fired", "noted"),
)
WRITES = (
    *("create", "commit", "commit_all", "put", "forget", "keep_definition", "activate", "fire"),
    *("note", "prune"),
)
LEDGER_READS = ("newest", "pending", "leases", "workers", "depths", "oldest")
LEDGER_WRITES = (
    *("queue", "forget", "unheard", "take", "beat", "alive", "expire", "reclaim", "release"),
)


class LedgerLink:
    """A process's way to the ledger."""

    leased = True

    def __init__(self, scene, ledger):
        self.scene = scene
        self.ledger = ledger

    def gone(self, worker):
        return False


class Link:
    """A process's way to the store. All that it asks for is an operation that faults may meet."""

    def __init__(self, scene, store, *, texts):
        self.scene = scene
        self.store = store
        self.limits = store.limits
        self.database = store.database
        self.now = store.now
        self.ledger = LedgerLink(scene, store.ledger)
        self._texts = texts

    def load(self, execution_id, *, known=0):
        store = self.store
        if self._texts:
            return self.scene.read("load", lambda: store.as_text(execution_id, known))
        return self.scene.read("load", lambda: store.load(execution_id, known=known))

    def wait(self, timeout):
        self.scene.wait(self, timeout)


def _read(name, inner):
    def read(self, *args, **kwargs):
        method = getattr(getattr(self, inner), name)
        return self.scene.read(name, lambda: method(*args, **kwargs))

    return read


def _write(name, inner):
    def write(self, *args, **kwargs):
        method = getattr(getattr(self, inner), name)
        return self.scene.write(name, lambda: method(*args, **kwargs))

    return write


for _kind, _names, _make, _inner in (
    (Link, READS, _read, "store"),
    (Link, WRITES, _write, "store"),
    (LedgerLink, LEDGER_READS, _read, "ledger"),
    (LedgerLink, LEDGER_WRITES, _write, "ledger"),
):
    for _name in _names:
        setattr(_kind, _name, _make(_name, _inner))


class HintLink:
    """A process's way to a queue that only hints."""

    def __init__(self, scene, queue):
        self.scene = scene
        self.queue = queue

    def hint(self, hints):
        self.scene.hinted(hints)
        return self.scene.write("hint", lambda: self.queue.hint(hints))

    def receive(self, limit, queues=()):
        return self.scene.write("receive", lambda: self.queue.receive(limit, queues))

    def dispatch(self, workflow_execution_id, jobs):
        raise AssertionError(f"{process_now()} dispatched to a queue that takes hints")

    def wait(self, timeout):
        self.scene.wait(self, timeout)
