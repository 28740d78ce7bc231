"""Driving one execution to its end: decide, execute here or wait for others, decide again."""

from datetime import timedelta
from time import sleep

from runfox import graph
from runfox.backend.base import Backend
from runfox.backend.holding import Holding
from runfox.backend.protocols import Taker, Wakes
from runfox.backend.queue import QueueRunner
from runfox.errors import RequestError
from runfox.execution import Pool
from runfox.execution.pools import Done
from runfox.graph import WorkflowRecord
from runfox.results import Dispatch, Ended, Pending

LOOK = 1.0
"""Seconds after which a driver looks again by itself, whatever it waits for."""

POLL = 0.05
"""Seconds between two looks at a store that cannot tell when something has changed."""

MOST = 1_000
"""How many jobs that others left behind a driver takes on at once."""


def follow(backend: Backend, key: str) -> Ended:
    """Bring an execution to its end while workers elsewhere execute, and return how it ended."""
    recover(backend, key)
    while True:
        transition = backend.step(key)
        match transition.decision:
            case Dispatch() | Pending() | None:
                wait(backend, transition.record)
            case over:
                return over


def execute(backend: Backend, key: str, pool: Pool) -> Ended:
    """Bring an execution to its end, executing its jobs here, and return how it ended.

    Jobs that a dead process left behind are taken over. When this process is stopped in its turn, nothing is
    lost: execute again. Several processes may do so at once: each run is executed by one of them.
    """
    if not isinstance(backend.runner, QueueRunner):
        raise RequestError(
            f"{type(backend.runner).__name__} hands its jobs to workers of its own: run without a worker"
        )
    source = backend.runner.ledger
    recover(backend, key)
    taker = Taker(backend.name, backend.lease if source.leased else None)
    with Holding(source, taker, pool) as holding:
        return _work(backend, key, holding)


def _work(backend: Backend, key: str, holding: Holding) -> Ended:
    # Where a commit cannot hand jobs out as taken, they are claimed from the queue afterwards.
    taker = holding.taker if backend.shared else None
    done: list[Done] = []
    while True:
        transition = backend.step(key, [result for _, result in done], taker=taker)
        if done:
            holding.recorded(done)
        match transition.decision:
            case Dispatch(jobs) if taker is not None:
                holding.begin(jobs)
            case Dispatch() | Pending() | None:
                pass
            case over:
                return over
        done = _next(backend, holding, transition.record)


def _next(backend: Backend, holding: Holding, record: WorkflowRecord) -> list[Done]:
    """Return what has been executed meanwhile; nothing, after a while, if it is time to look around."""
    if not holding.busy:
        holding.take(MOST, record.execution_id)
    if holding.busy:
        return holding.finished(seconds_until_due(backend, record))
    wait(backend, record)
    return []


def recover(backend: Backend, key: str) -> None:
    """Send the jobs in flight again where a crash may have come between the commit and the queue."""
    if not backend.shared:
        record = backend.load(key)
        backend.runner.dispatch(record.origin.key, graph.in_flight(record))


def wait(backend: Backend, record: WorkflowRecord) -> None:
    """Return when something may have changed, or the next timer is due."""
    seconds = seconds_until_due(backend, record)
    if isinstance(backend.store, Wakes):
        backend.store.wait(seconds)
    else:
        sleep(min(POLL, seconds))


def seconds_until_due(backend: Backend, record: WorkflowRecord) -> float:
    """Return for how long nothing happens by itself, ``LOOK`` at most."""
    if record.wake_at is None:
        return LOOK
    return min(LOOK, max(0.0, (record.wake_at - backend.store.now()) / timedelta(seconds=1)))
