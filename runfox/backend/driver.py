"""Driving an execution, and those that it calls, to its end: decide, execute here or wait for others, again."""

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from math import inf
from time import monotonic, sleep

from runfox import graph
from runfox.backend.base import Backend
from runfox.backend.deciding import Decided
from runfox.backend.holding import MOST, Holding
from runfox.backend.ids import execution_id as id_of
from runfox.backend.protocols import Due, Taker, Wakes
from runfox.backend.sweeping import tidy
from runfox.execution import Pool
from runfox.execution.pools import Done
from runfox.graph import StepResult
from runfox.results import Dispatch, Ended, Pending

LOOK = 1.0
"""Seconds after which a driver looks again by itself, whatever it waits for."""

POLL = 0.05
"""Seconds between two looks at a store that cannot tell when something has changed."""


def follow(backend: Backend, key: str) -> Ended:
    """Bring an execution to its end while workers elsewhere execute, and return how it ended."""
    over = follow_for(backend, key, inf)
    assert over is not None
    return over


def follow_for(backend: Backend, key: str, seconds: float) -> Ended | None:
    """The same for so many seconds at most: None if it has not ended by then."""
    recover(backend, key)
    family = Family(backend, key, None)
    looked = monotonic()
    until = looked + seconds
    while True:
        over = family.move([])
        left = until - monotonic()
        if over is not None or left <= 0:
            return over
        wait(backend, min(left, family.seconds()))
        # The workers may all be gone, or hang: what is past its time fails nevertheless.
        if monotonic() >= looked + LOOK:
            looked = monotonic()
            tidy(backend)
        family.look_around()


def execute(backend: Backend, key: str, pool: Pool) -> Ended:
    """Bring an execution to its end, executing its jobs here, and return how it ended.

    Jobs that a dead process left behind are taken over. When this process is stopped in its turn, nothing is
    lost: execute again. Several processes may do so at once: each run is executed by one of them.
    """
    recover(backend, key)
    with holding_of(backend, pool) as holding:
        work = Work(backend, key, holding)
        done: list[Done] = []
        while True:
            over = work.move(done)
            if over is not None:
                return over
            done = []
            if holding.busy:
                done = holding.finished(work.seconds())
            else:
                wait(backend, work.seconds())
            work.look_around(done)


def holding_of(backend: Backend, pool: Pool) -> Holding:
    """Return what a driver of this backend is going to hold, executing in a pool."""
    source = backend.queue.ledger
    taker = Taker(backend.name, backend.lease if source.leased else None)
    return Holding(source, taker, pool, max_deliveries=backend.max_deliveries)


class Family:
    """An execution and those that it called, on their way. Their ids begin with its own."""

    def __init__(self, backend: Backend, key: str, holding: Holding | None) -> None:
        self.root = id_of(key)
        self._backend = backend
        self._holding = holding
        self._restless: dict[str, list[StepResult]] = {self.root: []}
        self._wakes: dict[str, datetime] = {}
        self._looked = monotonic()

    def has(self, execution_id: str) -> bool:
        """Whether an execution belongs to the family."""
        return execution_id == self.root or execution_id.startswith(f"{self.root[:80]}.")

    def move(self, done: list[Done]) -> Ended | None:
        """Move on all that have something to be decided, and return how the first of them ended, if it has."""
        over: Ended | None = None
        todo, self._restless = self._restless, {}
        for job, result in done:
            todo.setdefault(job.execution_id, []).append(result)
        if self._wakes and self.seconds() == 0:
            now = self._backend.store.now()
            todo.update((one, todo.get(one, [])) for one, due in self._wakes.items() if due <= now)
        while todo:
            execution_id, results = todo.popitem()
            with self._asking():
                decided = self._backend.move(execution_id, results, taker=self._taker)
                ended = self._take_note(execution_id, decided)
            if ended is not None and execution_id == self.root:
                over = ended
            if decided.begun or decided.woken:
                others = filter(self.has, (*decided.begun, *decided.woken))
                todo.update((one, todo.get(one, [])) for one in others)
        return over

    def _asking(self) -> AbstractContextManager[None]:
        return nullcontext() if self._holding is None else self._holding.asking()

    @property
    def _taker(self) -> Taker | None:
        """Who takes the jobs of the next commit. Where a commit cannot hand them out, they are claimed later."""
        holding = self._holding
        return holding.taker if holding is not None and self._backend.route.kept else None

    def _take_note(self, execution_id: str, decided: Decided) -> Ended | None:
        """Begin with the jobs of a decision, and remember when the execution wakes; return how it ended."""
        transition = decided.transition
        if self._holding is not None and transition.closed:
            self._holding.withdraw(transition.record.origin.key, transition.closed)
        wake_at = transition.record.wake_at
        if wake_at is not None:
            self._wakes[execution_id] = wake_at
        elif self._wakes:
            self._wakes.pop(execution_id, None)
        match transition.decision:
            case Dispatch():
                if self._holding is not None and decided.taken:
                    self._holding.begin(decided.taken)
            case Pending() | None:
                pass
            case ended:
                return ended
        return None

    def seconds(self) -> float:
        """Return for how long nothing of the family happens by itself, ``LOOK`` at most."""
        if not self._wakes:
            return LOOK
        left = min(self._wakes.values()) - self._backend.store.now()
        return min(LOOK, max(0.0, left / timedelta(seconds=1)))

    def look_around(self) -> None:
        """Note who has something to be decided that others brought about, or whose time has come."""
        self._looked = monotonic()
        self._restless = {self.root: []}
        store = self._backend.store
        if isinstance(store, Due):
            self._restless.update((one, []) for one in store.due(MOST) if self.has(one))

    def look_around_at_times(self) -> None:
        """The same if it was not done for a while: who is busy must hear of others, too."""
        if monotonic() >= self._looked + LOOK:
            self.look_around()

    def take(self) -> None:
        """Claim jobs of the family that nobody has, as many as there is room for."""
        holding, ledger = self._holding, self._backend.queue.ledger
        assert holding is not None
        if not holding.room:
            return
        holding.take(holding.room, self.root)
        if holding.room and holding.busy < MOST:
            waiting = dict.fromkeys(job.execution_id for job in ledger.pending())
            for execution_id in waiting:
                if execution_id != self.root and self.has(execution_id):
                    holding.take(holding.room, execution_id)
        # What there is room for still is not there: all that went back has been taken.
        holding.behind = holding.behind and not holding.room


class Work:
    """A family whose jobs are executed here: what is done between one wait and the next."""

    def __init__(self, backend: Backend, key: str, holding: Holding) -> None:
        self._family = Family(backend, key, holding)
        self._holding = holding
        self._expired = 0

    def move(self, done: list[Done]) -> Ended | None:
        """Record what was executed, and begin with what is ready then; return how the execution ended, if so."""
        family, holding = self._family, self._holding
        over = family.move(done)
        if done:
            holding.recorded(done)
        if over is None:
            # After the commit, so that what has failed here as past its time is not found to be so again.
            self._expired = holding.look()
            if not holding.busy or holding.behind:
                family.take()
        return over

    def seconds(self) -> float:
        """Return for how long nothing happens by itself, ``LOOK`` at most."""
        return self._family.seconds()

    def look_around(self, done: list[Done]) -> None:
        """Note what others brought about: at times, and when nothing was executed in a while."""
        if self._expired or not done:
            self._family.look_around()
        else:
            self._family.look_around_at_times()


def recover(backend: Backend, key: str) -> None:
    """Send the jobs in flight again where a crash may have come between the commit and the queue."""
    if not backend.route.kept:
        record = backend.load(key)
        backend.runner.dispatch(record.origin.key, graph.in_flight(record))


def wait(backend: Backend, seconds: float) -> None:
    """Return when something may have changed, or the time is over."""
    if isinstance(backend.store, Wakes):
        backend.store.wait(seconds)
    else:
        sleep(min(POLL, seconds))
