"""Why an execution is not moving, on one page: what ``Backend.explain`` says, and what waits around it."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from runfox import graph
from runfox.backend import Backend
from runfox.backend.protocols import Inbox
from runfox.backend.queue import QueueRunner
from runfox.cli.records import moment
from runfox.cli.texts import count, since, ticking
from runfox.graph import WorkflowRecord
from runfox.status import WorkflowStatus
from runfox.values import Json

MOST_MESSAGES = 100

_SECOND = timedelta(seconds=1)


class Explanation(NamedTuple):
    """``moved`` says when the execution moved last, ``whole`` what holds all of it, ``steps`` what holds each."""

    id: str
    status: str
    moved: str
    last_commit: str | None
    whole: tuple[str, ...]
    steps: dict[str, str]

    def as_json(self) -> dict[str, Json]:
        """Return it for programs."""
        return {
            "id": self.id,
            "status": self.status,
            "last_commit": self.last_commit,
            "run": list(self.whole),
            "steps": dict(self.steps),
        }


def explanation(backend: Backend, key: str) -> Explanation:
    """Return why an execution is not moving. Reads only."""
    record = backend.load(key)
    now = backend.store.now()
    rows = backend.history(key, after=record.revision - 1)
    last = rows[-1].at if rows else None
    ago = f"moved last {since(last, now)} ago" if last is not None else "never moved"
    steps = backend.explain(key)
    told = steps.pop(graph.RUN, None)
    return Explanation(
        id=key,
        status=record.status.value,
        moved=f"{ago} (revision {record.revision})",
        last_commit=moment(last),
        whole=(*([told] if told else []), *_around(backend, record, now)),
        steps=steps,
    )


def _around(backend: Backend, record: WorkflowRecord, now: datetime) -> Iterator[str]:
    if record.status.ended:
        yield f"it is over: {record.status.value}"
        return
    start = record.origin.start_at
    begins = start is None or start <= now
    if record.status is WorkflowStatus.PENDING and record.blocked is None and begins:
        yield "nobody has moved it yet: workers do, and 'runfox resume'"
    if record.deadline is not None:
        left = (record.deadline - now) / _SECOND
        when = f"{ticking(left)} from now" if left > 0 else "which is over"
        yield f"its timeout comes at {moment(record.deadline)}, {when}"
    yield from _queued(backend, record)
    yield from _inbox(backend, record)


def _queued(backend: Backend, record: WorkflowRecord) -> Iterator[str]:
    """Yield which queues have jobs of it."""
    if not isinstance(backend.runner, QueueRunner):
        return
    queued = backend.queue.ledger.pending(record.execution_id)
    for queue, number in Counter(job.terms.queue for job in queued).items():
        name = f"the queue {queue!r}" if queue else "the queue"
        yield f"{count(number, 'job')} in {name}, which no worker has taken"


def _inbox(backend: Backend, record: WorkflowRecord) -> Iterator[str]:
    if not isinstance(backend.store, Inbox):
        return
    found = backend.store.read(record.execution_id, MOST_MESSAGES)
    if found:
        more = " or more" if len(found) == MOST_MESSAGES else ""
        told = f"{count(len(found), 'message')}{more} in its inbox, which nobody has applied"
        yield f"{told}: workers do, and 'runfox resume'"
