"""Where jobs are executed. Every pool takes jobs at once and gives results as they come."""

from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from time import monotonic
from typing import Literal, Protocol, TypeAlias

from runfox.errors import ExecutorError
from runfox.execution.call import (
    Executor,
    Progress,
    is_async,
    perform,
    perform_async,
    takes_context,
)
from runfox.execution.desk import LINGER, Crew, Desk, Done, Listener
from runfox.execution.errand import Errand, Place, place_of
from runfox.execution.secrets import Secrets, from_environment
from runfox.execution.threads import Threads
from runfox.graph import StepResult
from runfox.results import TERMS, DispatchJob

__all__ = ["LINGER", "Done", "Mode", "Pool", "open_pool"]

Mode: TypeAlias = Literal["inline", "thread", "process", "async"]

Tell: TypeAlias = Callable[[DispatchJob], None]


class Pool(Protocol):
    """Executes jobs, and fails those that are past their time as soon as they are.

    ``places`` is how many it executes at once. ``tell`` is called, from any thread, with the job of which an
    executor has given a sign of life.
    """

    places: int
    tell: Tell | None

    def submit(self, jobs: Iterable[DispatchJob]) -> None:
        """Take jobs on. Never blocks."""

    def withdraw(self, job: DispatchJob) -> None:
        """Nobody waits for a job any longer: drop it if it has not begun, else let its executor know."""

    def finished(self, timeout: float | None) -> list[Done]:
        """Return what has finished since the last call: waits for the first one, for ``timeout`` seconds."""

    @property
    def busy(self) -> int:
        """How many jobs were taken on and not returned."""

    def close(self) -> list[DispatchJob]:
        """Stop, and return the jobs that had not begun."""


def open_pool(
    executor: Executor,
    *,
    concurrency: int = 1,
    mode: Mode = "inline",
    progress: Progress | None = None,
    secrets: Secrets = from_environment,
) -> Pool:
    """Return a pool. ``inline`` executes one job after another in the thread that asks for results.

    In ``process`` mode the executor must be importable from its module (a function, not a lambda), and a
    child that dies costs its own job alone.

    What is past its time fails then. A process is killed, with all that it has started; a task of ``async``
    is cancelled; a thread cannot be ended, so it goes on, unheard, and another takes its place. ``inline``
    nobody is there to do so: what an executor returns late counts, unless somebody else looked meanwhile.
    """
    if concurrency < 1:
        raise ExecutorError(f"concurrency must be 1 or more, not {concurrency}")
    match mode:
        case "inline":
            return InlinePool(executor, progress, secrets)
        case "thread":
            return thread_pool(executor, concurrency, progress, secrets)
        case "process":
            return process_pool(executor, concurrency, progress, secrets)
        case "async":
            return async_pool(executor, concurrency, progress, secrets)
    raise ExecutorError(f"no mode {mode!r}: use inline, thread, process or async")


def open_pool_here(
    executor: Executor, *, concurrency: int = 1, mode: Mode = "inline", secrets: Secrets
) -> "CrewPool":
    """Return a pool for the event loop that runs here, which no executor but a coroutine is to block.

    A coroutine, or whatever is executed in the mode ``async``, is a task of this loop; what would be executed
    ``inline`` has a thread.
    """
    import asyncio

    from runfox.execution.loop import Tasks

    if mode == "process":
        return process_pool(executor, concurrency, None, secrets)
    if mode != "async" and not is_async(executor):
        return thread_pool(executor, concurrency, None, secrets)

    async def work(errand: Errand) -> StepResult:
        return await perform_async(executor, errand, None, secrets)

    desk = Desk()
    return CrewPool(concurrency, desk, Tasks(desk, work, concurrency, asyncio.get_running_loop()))


class InlinePool:
    """One job after another, in the caller's thread, between two looks at the clock."""

    places = 1

    def __init__(self, executor: Executor, progress: Progress | None, secrets: Secrets) -> None:
        self.tell: Tell | None = None
        self._perform = partial(perform, executor, progress=progress, secrets=secrets)
        self._asks = takes_context(executor)
        self._jobs: deque[DispatchJob] = deque()
        self._wanted: set[Place] = set()
        self._current: Errand | None = None

    def submit(self, jobs: Iterable[DispatchJob]) -> None:
        for job in jobs:
            self._wanted.add(place_of(job))
            self._jobs.append(job)

    def withdraw(self, job: DispatchJob) -> None:
        place, current = place_of(job), self._current
        if current is not None and place_of(current.job) == place:
            current.withdrawn = True
        else:
            self._wanted.discard(place)

    def finished(self, timeout: float | None) -> list[Done]:
        done: list[Done] = []
        until = monotonic() + LINGER
        while self._jobs:
            job = self._jobs[0]
            place = place_of(job)
            if place in self._wanted:
                done.append((job, self._executed(job)))
            # Only now: an interrupt in the executor leaves the job among those that had not begun.
            self._jobs.popleft()
            self._wanted.discard(place)
            if monotonic() >= until:
                break
        return done

    def _executed(self, job: DispatchJob) -> StepResult:
        if job.terms is TERMS and not self._asks:
            return self._perform(job)  # which nobody times, and which asks nothing
        errand = self._current = Errand(job, self.tell)
        errand.begin()
        try:
            return self._perform(job, errand=errand)
        finally:
            self._current = None

    @property
    def busy(self) -> int:
        return len(self._wanted)

    def close(self) -> list[DispatchJob]:
        return [job for job in self._jobs if place_of(job) in self._wanted]


class CrewPool:
    """Jobs that a crew executes in other threads, tasks or processes: results arrive whoever finishes first."""

    def __init__(self, places: int, desk: Desk, crew: Crew) -> None:
        self.places = places
        self.tell: Tell | None = None
        self._desk = desk
        self._crew = crew

    def submit(self, jobs: Iterable[DispatchJob]) -> None:
        for job in jobs:
            errand = Errand(job, self.tell)
            self._desk.enter(errand)
            self._crew.start(errand)

    def withdraw(self, job: DispatchJob) -> None:
        errand = self._desk.find(job)
        if errand is not None:
            errand.withdrawn = True
            if errand.began is None:
                self._desk.strike(errand)
            else:
                self._crew.withdraw(errand)

    def finished(self, timeout: float | None) -> list[Done]:
        until = None if timeout is None else monotonic() + timeout
        while True:
            for errand in self._desk.overdue():
                self._crew.leave(errand)
            done = self._desk.fetch(self._left(until))
            if done or (until is not None and monotonic() >= until):
                return done

    def _left(self, until: float | None) -> float | None:
        """Return for how long nothing needs to be done but to wait; None: for as long as it takes."""
        left = self._desk.patience
        if until is not None:
            left = min(left, max(0.0, until - monotonic()))
        return None if left == float("inf") else left

    def listen(self, listener: Listener) -> None:
        """Have somebody told when there may be a result, for those who do not wait in ``finished``."""
        self._desk.listener = listener

    @property
    def patience(self) -> float:
        """For how many seconds nothing needs to be done but to wait for results."""
        return self._desk.patience

    @property
    def busy(self) -> int:
        return self._desk.busy

    def close(self) -> list[DispatchJob]:
        waiting = self._desk.clear()
        self._crew.stop()
        return waiting


def thread_pool(
    executor: Executor, concurrency: int, progress: Progress | None, secrets: Secrets
) -> CrewPool:
    """Return a pool of threads."""

    def work(errand: Errand) -> StepResult:
        return perform(executor, errand.job, progress, secrets=secrets, errand=errand)

    desk = Desk()
    return CrewPool(concurrency, desk, Threads(desk, work, concurrency))


def process_pool(
    executor: Executor, concurrency: int, progress: Progress | None, secrets: Secrets
) -> CrewPool:
    """Return a pool of child processes, each fed by a thread that sees it die."""
    from runfox.execution.children import Children, Feeders

    desk = Desk()
    children = Children(executor, progress, secrets)
    return CrewPool(concurrency, desk, Feeders(desk, children, concurrency))


def async_pool(
    executor: Executor, concurrency: int, progress: Progress | None, secrets: Secrets
) -> CrewPool:
    """Return a pool of tasks in one event loop, which runs in a thread of its own."""
    from runfox.execution.loop import Loop

    async def work(errand: Errand) -> StepResult:
        return await perform_async(executor, errand, progress, secrets)

    desk = Desk()
    return CrewPool(concurrency, desk, Loop(desk, work, concurrency))
