"""How jobs get from commits to workers: decided once, by how a store and a runner fit together.

A store that keeps jobs is the truth about them: they are part of its commits, and claimed there. A runner of
the same database adds nothing to that (``Shared``). One elsewhere is told of them, and what it tells in its turn
is a hint: whoever is told claims the job in the store (``Announced``). Beside a store that keeps no jobs they are
kept, and claimed, where the runner has them (``Handed``).
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Protocol

from runfox.backend.protocols import Ask, Commit, Hint, Hints, KeepsJobs, Runner, Store
from runfox.backend.queue import QueueRunner
from runfox.errors import RequestError
from runfox.results import DispatchJob
from runfox.values import MAX_INTEGER

logger = logging.getLogger("runfox")

HOLD = timedelta(seconds=30)
"""How long a job that was announced may wait for a worker before it is announced again."""


class Route(Protocol):
    """The way of jobs. ``queue`` is where they are claimed and results come in, None if that is not known here.

    ``kept``: jobs, claims and results are part of the store's commits. ``hold`` is ``Commit.announced``.
    """

    @property
    def queue(self) -> QueueRunner | None: ...
    @property
    def kept(self) -> bool: ...
    @property
    def hold(self) -> timedelta | None: ...

    def send(self, commits: Iterable[Commit]) -> None:
        """Tell others of what was committed: nobody relies on it."""

    def asked(self, ask: Ask) -> Ask | None:
        """Return what to ask the store for, after what a queue elsewhere tells; None: for nothing."""

    def take(self, ask: Ask) -> list[DispatchJob]:
        """Claim jobs for a worker, as ``JobSource.take``."""

    def announce(self, limit: int) -> int:
        """Tell again of jobs that nobody has taken, and return of how many."""


def route_of(store: Store, runner: Runner, hold: timedelta = HOLD) -> Route:
    """Return the route from a store to the workers of a runner. Raises ``RequestError`` where there is none."""
    if isinstance(store, KeepsJobs):
        database = getattr(runner, "database", None)
        if database is not None and database == store.database:
            return Shared(store, runner)
        return Announced(store, runner, hold)
    if isinstance(runner, Hints) and not isinstance(runner, QueueRunner):
        raise RequestError(
            f"{type(store).__name__} keeps no jobs, and {type(runner).__name__} only hints at them: nobody"
            " could claim one. Use a store that keeps jobs, or a runner that does."
        )
    return Handed(runner)


class Shared:
    """Store and queue are one database: whoever looks there finds the jobs of every commit."""

    kept = True
    hold = None

    def __init__(self, store: Store, runner: Runner) -> None:
        self.queue = runner if isinstance(runner, QueueRunner) else _queue_of(store)

    def send(self, commits: Iterable[Commit]) -> None:
        """Nothing: the commit was seen."""

    def asked(self, ask: Ask) -> Ask | None:
        return ask

    def take(self, ask: Ask) -> list[DispatchJob]:
        return self.queue.ledger.take(ask)

    def announce(self, limit: int) -> int:
        return 0


class Announced:
    """The store keeps the jobs, and a queue elsewhere carries their keys."""

    kept = True

    def __init__(self, store: Store, runner: Runner, hold: timedelta) -> None:
        self.queue = _queue_of(store)
        self._runner = runner
        self.hold = hold

    def send(self, commits: Iterable[Commit]) -> None:
        self._tell([job for commit in commits for job in _left(commit)])

    def asked(self, ask: Ask) -> Ask | None:
        # Who wants the jobs of one execution knows where they are kept, and need not be told of them.
        if ask.execution_id is not None or not isinstance(self._runner, Hints):
            return ask
        try:
            hints = self._runner.receive(ask.limit, ask.queues)
        except Exception:
            # Results must not wait for a queue: what nobody is told of now is announced again.
            logger.exception("a queue of hints could not be read; it will be asked again")
            return None
        runs = {hint.run for hint in hints if is_run(hint.run)}
        return ask._replace(runs=tuple(runs)) if runs else None

    def take(self, ask: Ask) -> list[DispatchJob]:
        asked = self.asked(ask)
        return [] if asked is None else self.queue.ledger.take(asked)

    def announce(self, limit: int) -> int:
        jobs = self.queue.ledger.unheard(limit, hold=self.hold)
        self._tell(jobs)
        return len(jobs)

    def _tell(self, jobs: list[DispatchJob]) -> None:
        """Announce jobs. What goes wrong is logged: they are kept, and are announced again."""
        try:
            if isinstance(self._runner, Hints):
                if jobs:
                    self._runner.hint([_hint(job) for job in jobs])
                return
            for key in dict.fromkeys(job.workflow_execution_id for job in jobs):
                mine = [job for job in jobs if job.workflow_execution_id == key]
                self._runner.dispatch(key, mine)
        except Exception:
            logger.exception(
                "a queue could not be told of %d jobs; it will be told again", len(jobs)
            )


class Handed:
    """The store keeps no jobs: the runner has them, and the record of an execution knows them all."""

    kept = False
    hold = None

    def __init__(self, runner: Runner) -> None:
        self.queue = runner if isinstance(runner, QueueRunner) else None
        self._runner = runner

    def send(self, commits: Iterable[Commit]) -> None:
        for commit in commits:
            key = commit.record.origin.key
            if commit.closed and self.queue is not None:
                self.queue.withdraw(key, commit.closed)
            if commit.jobs:
                self._runner.dispatch(key, commit.jobs)

    def asked(self, ask: Ask) -> Ask | None:
        return ask

    def take(self, ask: Ask) -> list[DispatchJob]:
        return [] if self.queue is None else self.queue.ledger.take(ask)

    def announce(self, limit: int) -> int:
        return 0


def _queue_of(store: Store) -> QueueRunner:
    """Return both sides of the queue that a store keeps."""
    assert isinstance(store, KeepsJobs)
    # It has an inbox, too.
    return QueueRunner(store.ledger, store, store.database, store.now)  # type: ignore[arg-type]


def _left(commit: Commit) -> tuple[DispatchJob, ...]:
    """Return the jobs of a commit that nobody took with it."""
    return commit.jobs if commit.taker is None else commit.jobs[commit.taker.places :]


def is_run(run: tuple[object, object, object]) -> bool:
    """Return whether this can be the key of a job: others may write to a queue, too, and whatever they like."""
    key, step, run_id = run
    if type(key) is not str or type(step) is not str or type(run_id) is not int:
        return False
    # Ids are words in ASCII: of other texts one alone may be more than a database takes.
    return (
        key.isprintable()
        and step.isprintable()
        and (key + step).isascii()
        and 0 <= run_id < MAX_INTEGER
    )


def _hint(job: DispatchJob) -> Hint:
    terms = job.terms
    return Hint(job.workflow_execution_id, job.step_id, job.run_id, terms.queue, terms.priority)
