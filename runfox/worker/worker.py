"""Take, execute, submit, decide: the loop of a worker."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic, sleep
from typing import Any

from runfox.backend import Backend
from runfox.backend.deciding import Decided
from runfox.backend.driver import POLL
from runfox.backend.holding import Holding
from runfox.backend.messages import result_message
from runfox.backend.protocols import Due, Inbox, Taker
from runfox.backend.sweeping import Sweeper
from runfox.errors import EngineTooOld, RequestError, RunfoxError, StoreUnavailable
from runfox.execution import Executor, Mode, Secrets, from_environment, open_pool
from runfox.execution.pools import Done
from runfox.graph import StepResult
from runfox.results import DispatchJob
from runfox.worker.alarms import Alarms

logger = logging.getLogger("runfox")

LOOK = 0.5
"""Seconds after which a worker looks by itself for work, and for what is due."""

PAUSE = 1.0
"""Seconds between two tries at a store that does not answer."""

TOGETHER = 20
"""How many executions are moved on in one write: what others wait for should be short."""

DUE = 100
"""How many executions that something is due for a worker moves on between two looks at its queue."""


class Worker:
    """Executes the jobs of a backend's queue, and decides what follows from their results.

    So executions move on with workers alone: those that a result starts, or reports to, and those whose time
    has come. With ``queues`` it takes the jobs of these only; "" is the queue of steps that name none. Jobs of
    a run that was paused meanwhile are executed: they were dispatched before. ``secrets`` returns the value of
    a secret by its name, by default that of an environment variable. ``on_job`` is told of each finished job
    and its result.
    """

    def __init__(
        self,
        backend: Backend,
        executor: Executor,
        *,
        concurrency: int = 1,
        mode: Mode | None = None,
        queues: Sequence[str] = (),
        secrets: Secrets = from_environment,
        on_job: Callable[[DispatchJob, StepResult], Any] | None = None,
    ) -> None:
        if isinstance(queues, str):
            raise RequestError(f"queues is a list of names: write [{queues!r}]")
        self.backend = backend
        self.concurrency = concurrency
        self.queues = tuple(queues)
        self._source = backend.queue.ledger
        self._executor = executor
        self._mode: Mode = mode or ("inline" if concurrency == 1 else "thread")
        self._secrets = secrets
        self._on_job = on_job
        self._lease = backend.lease if self._source.leased else None
        self._alarms = Alarms(backend.store.now)
        self._sweeper = Sweeper(backend)
        self._looked = monotonic()
        self._stops = 0

    def stop(self) -> None:
        """Take no more jobs and end when those taken are finished; called again, give them back and end now."""
        self._stops += 1

    def run(self, *, until_idle: bool = False) -> None:
        """Work until ``stop`` is called; with ``until_idle``, until there is nothing to do now.

        A store that does not answer is waited for: what was executed meanwhile is kept and recorded then.
        """
        pool = open_pool(
            self._executor, concurrency=self.concurrency, mode=self._mode, secrets=self._secrets
        )
        taker = Taker(self.backend.name, self._lease)
        with Holding(
            self._source,
            taker,
            pool,
            take=self.backend.route.take,
            queues=self.queues,
            max_deliveries=self.backend.max_deliveries,
        ) as holding:
            self._work(holding, until_idle=until_idle)

    def _work(self, holding: Holding, *, until_idle: bool) -> None:
        done: list[Done] = []
        while self._stops < 2 and not (self._stops and not holding.busy and not done):
            try:
                self._record(holding, done)
                done = []
                # Before the take: what is put back, and what is moved on, is then there to be taken, or taken
                # already, in the commit that made it.
                self._sweeper.sweep_at_times()
                moved = not self._stops and self._move_due(holding)
                self._take(holding)
                holding.look()
                if holding.busy:
                    # Who drains leaves what is due to others: for that it need not wake.
                    seconds = LOOK if self._stops else self._alarms.seconds(LOOK)
                    done = holding.finished(seconds)
                elif not moved and not self._stops:
                    if until_idle:
                        return
                    self._wait()
            except StoreUnavailable as error:
                logger.warning("the store does not answer, trying again: %s", error)
                holding.doubt()
                sleep(PAUSE)
        self._record(holding, done)

    def _places(self, holding: Holding) -> int:
        return 0 if self._stops else max(0, self.concurrency - holding.busy)

    def _take(self, holding: Holding) -> None:
        holding.take(self._places(holding))

    def _record(self, holding: Holding, done: list[Done]) -> None:
        """Apply results, and take as many of the next jobs as there are places: all in one write, if it can be."""
        by_execution: dict[str, list[Done]] = defaultdict(list)
        for job, result in done:
            by_execution[job.execution_id].append((job, result))
        moves = {own: [result for _, result in mine] for own, mine in by_execution.items()}
        others, failed = self._move(holding, moves)
        # What could not be recorded stays with this worker: given back, it would be executed again and again.
        holding.recorded([one for one in done if one[0].execution_id not in failed])
        if self._on_job is not None:
            for job, result in done:
                self._on_job(job, result)
        self._move_all(holding, others)

    def _move_all(self, holding: Holding, execution_ids: Iterable[str]) -> bool:
        """Move executions on, and those that this concerns in their turn; return whether any could be."""
        moved = False
        todo = dict.fromkeys(execution_ids)
        while todo:
            now = list(todo)[:TOGETHER]
            for execution_id in now:
                del todo[execution_id]
            follow, failed = self._move(holding, dict.fromkeys(now, ()))
            moved = moved or len(failed) < len(now)
            todo.update(dict.fromkeys(follow))
        return moved

    def _move(
        self, holding: Holding, moves: Mapping[str, Sequence[StepResult]]
    ) -> tuple[list[str], set[str]]:
        """Move executions on, and begin with jobs as far as there are places.

        Returns who has to follow, and who could not be moved, which may be due still.
        """
        if not moves:
            return [], set()
        failed: set[str] = set()
        places = self._places(holding)
        taker = None
        if self.backend.route.kept:
            taker = holding.taker._replace(places=places, queues=self.queues)
        follow: list[str] = []
        with holding.asking():
            found, jobs = self.backend.move_all(moves.items(), taker=taker, ask=holding.ask(places))
            for execution_id, decided in zip(moves, found, strict=True):
                if isinstance(decided, RunfoxError):
                    self._tell_of(execution_id, decided, moves[execution_id])
                    failed.add(execution_id)
                else:
                    follow += self._follow(holding, decided)
            holding.begin(jobs)
        return follow, failed

    def _follow(self, holding: Holding, decided: Decided) -> tuple[str, ...]:
        """Do what follows here from a decision, and return who has to follow elsewhere."""
        record = decided.transition.record
        holding.withdraw(record.origin.key, decided.transition.closed)
        holding.begin(decided.taken)
        self._alarms.set(record.execution_id, record.wake_at)
        return (*decided.begun, *decided.woken)

    def _tell_of(
        self, execution_id: str, error: RunfoxError, results: Sequence[StepResult]
    ) -> None:
        if isinstance(error, EngineTooOld):
            logger.warning("%s", error)
            self._leave_to_newer(execution_id, results)
        else:
            # It is gone, or cannot be read: nothing of it is of use to anybody, and others wait.
            logger.error("could not move %s on", execution_id, exc_info=error)

    def _leave_to_newer(self, execution_id: str, results: Iterable[StepResult]) -> None:
        """Put results where a newer process finds them."""
        store = self.backend.store
        if isinstance(store, Inbox):
            for result in results:
                store.put(result_message(execution_id, result))

    def _move_due(self, holding: Holding) -> bool:
        """Move on what has messages or a due timer, once it is time to look; return whether any was."""
        rung = self._alarms.rung()
        if holding.busy and not rung and monotonic() < self._looked + LOOK:
            return False
        self._looked = monotonic()
        store = self.backend.store
        found = store.due(DUE) if isinstance(store, Due) else rung
        return self._move_all(holding, found)

    def _wait(self) -> None:
        seconds = self._alarms.seconds(LOOK)
        waker = self.backend.waker
        if waker is not None:
            waker.wait(seconds)
        else:
            sleep(min(POLL, seconds))
