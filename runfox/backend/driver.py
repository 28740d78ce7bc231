"""Driving one execution to its end: decide, execute here or wait for others, decide again."""

from datetime import timedelta

from runfox import graph
from runfox.backend.base import Backend
from runfox.backend.heart import Heart
from runfox.backend.protocols import Ask, Taker, Wakes
from runfox.backend.queue import QueueRunner
from runfox.errors import RequestError
from runfox.execution import Pool
from runfox.graph import StepResult, Transition, WorkflowRecord
from runfox.results import Dispatch, DispatchJob, Ended, Pending

LOOK = 1.0
"""Seconds after which a driver looks again by itself, whatever it waits for."""

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
    recover(backend, key)
    hands = _Hands(backend, key, pool)
    try:
        with Heart(hands.beat, hands.taker.lease):
            return hands.work()
    finally:
        hands.put_down()


class _Hands:
    """The jobs of one execution that this process has taken on."""

    def __init__(self, backend: Backend, key: str, pool: Pool) -> None:
        if not isinstance(backend.runner, QueueRunner):
            raise RequestError(
                f"{type(backend.runner).__name__} hands its jobs to workers of its own: run without a worker"
            )
        self.backend = backend
        self.key = key
        self.pool = pool
        self.source = backend.runner.ledger
        self.taker = Taker(backend.name, backend.lease if self.source.leased else None)

    def work(self) -> Ended:
        results: list[StepResult] = []
        while True:
            transition = self._decide(results)
            match transition.decision:
                case Dispatch(jobs) if self.backend.shared:
                    self.pool.submit(jobs)
                case Dispatch() | Pending() | None:
                    pass
                case over:
                    return over
            results = self._next(transition.record)

    def _decide(self, results: list[StepResult]) -> Transition:
        taker = self.taker if self.backend.shared else None
        return self.backend.step(self.key, results, taker=taker)

    def _next(self, record: WorkflowRecord) -> list[StepResult]:
        """Return what has been executed meanwhile; nothing, after a while, if it is time to look around."""
        if not self.pool.busy:
            self.pool.submit(self._left_behind(record))
        if self.pool.busy:
            done = self.pool.finished(seconds_until_due(self.backend, record))
            return [result for _, result in done]
        wait(self.backend, record)
        return []

    def _left_behind(self, record: WorkflowRecord) -> list[DispatchJob]:
        return self.source.take(Ask(self.taker, MOST, record.execution_id))

    def beat(self) -> None:
        self.source.beat(self.taker)

    def put_down(self) -> None:
        """Give back what was taken on and not begun."""
        jobs = self.pool.close()
        if jobs:
            self.source.release(self.taker, jobs)


def recover(backend: Backend, key: str) -> None:
    """Send the jobs in flight again where a crash may have come between the commit and the queue."""
    if not backend.shared:
        record = backend.load(key)
        backend.runner.dispatch(record.origin.key, graph.in_flight(record))


def wait(backend: Backend, record: WorkflowRecord) -> None:
    """Return when something may have changed, or the next timer is due."""
    if isinstance(backend.store, Wakes):
        backend.store.wait(seconds_until_due(backend, record))


def seconds_until_due(backend: Backend, record: WorkflowRecord) -> float:
    """Return for how long nothing happens by itself, ``LOOK`` at most."""
    if record.wake_at is None:
        return LOOK
    return min(LOOK, max(0.0, (record.wake_at - backend.store.now()) / timedelta(seconds=1)))
