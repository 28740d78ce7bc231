"""Why an execution is not moving: its record, and what the store and the queue know beside it."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from runfox import graph
from runfox.backend import Backend
from runfox.backend.protocols import Inbox, Slots
from runfox.backend.queue import QueueRunner
from runfox.cli.reasons import reasons, run_reasons
from runfox.cli.records import moment
from runfox.cli.texts import count, since
from runfox.graph import WorkflowRecord
from runfox.graph.places import walk
from runfox.values import Json

MOST_MESSAGES = 100


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
    whole = list(run_reasons(record, now=now))
    if not record.status.ended:
        whole += [*_jobs(backend, record), *_inbox(backend, record), *_limits(backend, record)]
    return Explanation(
        id=key,
        status=record.status.value,
        moved=f"{ago} (revision {record.revision})",
        last_commit=moment(last),
        whole=tuple(whole),
        steps=reasons(record, now=now),
    )


def _jobs(backend: Backend, record: WorkflowRecord) -> Iterator[str]:
    """Yield where the jobs are: queued, or with workers."""
    runs = {(job.step_id, job.run_id) for job in graph.in_flight(record)}
    if not runs or not isinstance(backend.runner, QueueRunner):
        return
    queued = [
        job
        for job in backend.runner.ledger.pending(record.execution_id)
        if (job.step_id, job.run_id) in runs
    ]
    if taken := len(runs) - len(queued):
        yield f"{count(taken, 'job')} taken by workers"
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


def _limits(backend: Backend, record: WorkflowRecord) -> Iterator[str]:
    """Yield who has the places that are waited for."""
    keys = {} if record.blocked is None else {record.blocked: None}
    for _, _, cell in walk(record):
        if cell.more.blocked is not None and not cell.status.ended:
            keys[cell.more.blocked] = None
    if not isinstance(backend.store, Slots):
        return
    for key in keys:
        holders = backend.store.holders(key, 6)
        shown = ", ".join(_holder(*holder) for holder in holders[:5])
        more = ", ..." if len(holders) > 5 else ""
        yield f"places in the limit {key!r} are held by: {shown or 'nobody now'}{more}"


def _holder(execution_id: str, step: str, _run_id: int) -> str:
    return f"{execution_id} {step}" if step else execution_id
