"""Why an execution is not moving: what its record says, and what the queue and the store know beside it."""

from datetime import datetime

from runfox import graph
from runfox.backend.protocols import Lease, Leases, Slots, Store
from runfox.backend.queue import QueueRunner
from runfox.graph import WorkflowRecord
from runfox.graph.places import walk
from runfox.status import StepStatus

MOST_HOLDERS = 5
"""How many of those who have the places of a limit are named."""


def explained(record: WorkflowRecord, store: Store, queue: QueueRunner | None) -> dict[str, str]:
    """Return, for each step that has not ended, why it is not running, or who is at it until when."""
    now = store.now()
    found = graph.explain(record, now=now)
    if not found:
        return found
    ledger: object = None if queue is None else queue.ledger
    leases = ledger.leases(record.execution_id) if isinstance(ledger, Leases) else []
    taken = {(lease.step, lease.run_id): lease for lease in leases}
    for path, _, cell in walk(record):
        if path not in found:
            continue
        lease = taken.get((path, cell.run_id))
        if lease is not None and cell.status is StepStatus.IN_PROGRESS:
            found[path] = _at_work(lease, cell.run_id, cell.attempt, now)
        elif cell.more.blocked is not None:
            found[path] += _held(store, cell.more.blocked)
    if record.blocked is not None and graph.RUN in found:
        found[graph.RUN] += _held(store, record.blocked)
    return found


def _at_work(lease: Lease, run_id: int, attempt: int, now: datetime) -> str:
    where = "in this process" if lease.host is None else f"on {lease.host} (process {lease.pid})"
    told = f"run {run_id} (attempt {attempt}) is with worker {lease.worker} {where}"
    if not lease.alive:
        return f"{told}, which is dead: the next worker that looks takes it over"
    if lease.until is None:
        return told
    if lease.until <= now:
        return f"{told}, whose lease has run out: the next worker that looks takes it over"
    return f"{told}, whose lease ends at {lease.until.isoformat(timespec='seconds')}"


def _held(store: Store, key: str) -> str:
    if not isinstance(store, Slots):
        return ""
    holders = store.holders(key, MOST_HOLDERS + 1)
    shown = [f"{execution} {step}".strip() for execution, step, _ in holders[:MOST_HOLDERS]]
    more = ", ..." if len(holders) > MOST_HOLDERS else ""
    return f", held by {', '.join(shown)}{more}" if shown else ""
