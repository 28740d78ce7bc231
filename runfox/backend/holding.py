"""The jobs that a process has taken on: in its pool, or executed and not recorded yet."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from time import monotonic
from typing import Self, TypeAlias

from runfox.backend.heart import TICK, Heart
from runfox.backend.protocols import MAX_DELIVERIES, Ask, JobSource, Taker
from runfox.errors import StoreError
from runfox.execution import Pool
from runfox.execution.errand import is_timed
from runfox.execution.pools import Done
from runfox.results import DispatchJob

Run = tuple[str, str, int]

Take: TypeAlias = Callable[[Ask], list[DispatchJob]]

MOST = 1_000
"""How many jobs are taken on at once, beyond those that can be executed now."""


class _Hands:
    """What those share that hold jobs for one worker: several threads may, each its own.

    ``asking``: so many requests are under way that may bring jobs. ``doubtful``: the worker may hold more than any
    of them knows of. ``lock`` is for finding out what that is.
    """

    __slots__ = ("asking", "doubtful", "holdings", "lock")

    def __init__(self) -> None:
        self.asking = 0
        self.doubtful = False
        self.holdings: list[Holding] = []
        self.lock = Lock()


_hands: dict[str, _Hands] = {}
"""The workers of this process, by their names, as long as there is something to say of them."""

_joining = Lock()
"""Held by whoever comes to hold jobs for a worker, or is the last to leave: all of one worker share one entry."""


class Holding:
    """What a worker holds of a queue, from taking to recording. On leaving, it gives back what is left.

    A job whose time runs from its take must not wait here for others: as many are held as can begin at once,
    and the rest goes back to the queue.
    """

    def __init__(
        self,
        source: JobSource,
        taker: Taker,
        pool: Pool,
        *,
        take: Take | None = None,
        queues: Sequence[str] = (),
        max_deliveries: int = MAX_DELIVERIES,
    ) -> None:
        self._source = source
        self._take = take if take is not None else source.take
        self._max_deliveries = max_deliveries
        self._taker = taker
        self._pool = pool
        self._queues = tuple(queues)
        self._waiting: dict[Run, DispatchJob] = {}
        self._strange: frozenset[Run] = frozenset()
        self._executed: dict[Run, DispatchJob] = {}
        self._looked = monotonic()
        self._looking = Lock()
        self._heart = Heart(self.beat, self.look, taker.lease, source)
        self.behind = False
        """Whether jobs went back to the queue for want of a place, and may be there still."""
        pool.tell = lambda job: source.alive(taker, job)

    def __enter__(self) -> Self:
        with _joining:
            self._hands = _hands.setdefault(self._taker.worker, _Hands())
            self._hands.holdings.append(self)
        self._heart.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._heart.__exit__()
        self._pool.close()
        if kind is not None:
            self.doubt()
        left = [*self._waiting.values(), *self._executed.values()]
        self._hands.holdings.remove(self)
        try:
            if left:
                self._source.release(self._taker, left)
        except StoreError:
            self.doubt()
            raise
        finally:
            with _joining:
                if not self._hands.doubtful and not self._hands.holdings:
                    _hands.pop(self._taker.worker, None)

    def doubt(self) -> None:
        """Note that the queue may have this worker hold what nobody here knows of: an answer of it was lost.

        It is given back before anything else is taken, by whoever holds jobs for this worker then.
        """
        if self._taker.lease is not None:
            self._hands.doubtful = True

    @property
    def runs(self) -> list[Run]:
        """What is held here."""
        return [*self._waiting, *self._executed]

    @property
    def busy(self) -> int:
        """How many jobs are in the pool."""
        return self._pool.busy

    @property
    def room(self) -> int:
        """How many more jobs can be taken on."""
        return max(0, self._pool.places - self.busy) if self.behind else MOST

    @property
    def taker(self) -> Taker:
        """This worker, with as many places as it has left."""
        return self._taker._replace(places=self.room) if self.behind else self._taker

    def take(self, limit: int, execution_id: str | None = None) -> int:
        """Claim up to ``limit`` queued jobs, and those that dead workers left behind, and begin with them.

        Returns how many there were.
        """
        ask = self.ask(limit, execution_id)
        if ask is None:
            return 0
        if self._hands.doubtful:
            self._settle()
        with self.asking():
            jobs = self._take(ask)
            self.begin(jobs)
        return len(jobs)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While a request is under way that may bring jobs, those that nobody here knows of are not lost yet."""
        hands = self._hands
        with hands.lock:
            hands.asking += 1
        try:
            yield
        finally:
            with hands.lock:
                hands.asking -= 1

    def ask(self, limit: int, execution_id: str | None = None) -> Ask | None:
        """Return what this worker asks for, when it has so many places; None for nothing."""
        if limit <= 0:
            return None
        return Ask(self._taker, limit, execution_id, self._queues, (), self._max_deliveries)

    def begin(self, jobs: Iterable[DispatchJob]) -> None:
        """Begin with jobs that are this worker's already."""
        busy, places = self.busy, self._pool.places
        back: list[DispatchJob] = []
        mine: list[DispatchJob] = []
        for job in jobs:
            (back if is_timed(job) and busy + len(mine) >= places else mine).append(job)
        for job in mine:
            self._waiting[run_of(job)] = job
        self._pool.submit(mine)
        if back:
            self.behind = True
            self._source.release(self._taker, back)

    def finished(self, timeout: float) -> list[Done]:
        """Return what has been executed; waits for the first one, ``timeout`` seconds at most."""
        done = self._pool.finished(timeout)
        for job, _ in done:
            run = run_of(job)
            if self._waiting.get(run) is job:
                # In this order: whoever asks from another thread what is held here finds it at any moment.
                self._executed[run] = job
                self._waiting.pop(run, None)
        return done

    def recorded(self, done: Iterable[Done]) -> None:
        """Let go of jobs whose results are recorded."""
        for job, _ in done:
            self._executed.pop(run_of(job), None)

    def withdraw(self, key: str, runs: Iterable[tuple[str, int]]) -> None:
        """Let go of runs, as (step, run_id), that are closed: what is being executed is told so."""
        for step, run_id in runs:
            self._drop((key, step, run_id))

    def _drop(self, run: Run) -> None:
        job = self._waiting.pop(run, None)
        if job is not None:
            self._pool.withdraw(job)

    def beat(self) -> None:
        """Renew the lease, and let go of what others have withdrawn, or taken over."""
        # What is taken on meanwhile may be missing in the answer.
        mine = self.runs
        kept = self._source.beat(self._taker)
        for run in mine:
            if run not in kept:
                self._drop(run)
                self._executed.pop(run, None)
        self._return_strange(kept)

    def _return_strange(self, kept: frozenset[Run]) -> None:
        """Give back what the queue has us hold, and we never heard of: the answer to a commit was lost.

        What is on its way to us just now, however long it takes, is strange, too.
        """
        with self._hands.lock:
            strange = frozenset() if self._hands.asking else kept.difference(*self._known())
            lost = strange & self._strange
            self._strange = strange - lost
            self._return(lost)

    def _settle(self) -> None:
        """Give back at once what the queue has us hold, and nobody here knows of."""
        with self._hands.lock:
            if not self._hands.asking:
                self._return(self._source.beat(self._taker).difference(*self._known()))
                self._hands.doubtful = False

    def _known(self) -> list[list[Run]]:
        """Return the runs that are known to be this worker's."""
        return [one.runs for one in list(self._hands.holdings)]

    def _return(self, lost: frozenset[Run]) -> None:
        if lost:
            self._source.release(self._taker, [_unknown(run) for run in lost])

    def look(self) -> int:
        """Fail what is past its time in the queue, once a second at most; return how many were."""
        with self._looking:
            if monotonic() < self._looked + TICK:
                return 0
            self._looked = monotonic()
        if self._taker.lease is None and self._waiting:
            self.beat()
        return self._source.expire()


def _unknown(run: Run) -> DispatchJob:
    """Return a job of which nothing is known but what it is known by, which is what a release asks for."""
    key, step, run_id = run
    return DispatchJob(key, step, "", {}, run_id)


def run_of(job: DispatchJob) -> Run:
    """Return what a job is known by."""
    return (job.workflow_execution_id, job.step_id, job.run_id)
