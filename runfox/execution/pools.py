"""Where jobs are executed. Every pool takes jobs at once and gives results as they come."""

from collections import deque
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from runfox.errors import ExecutorError
from runfox.execution.call import Executor, Progress, perform, perform_async
from runfox.execution.returned import raised
from runfox.graph import StepResult
from runfox.results import DispatchJob

if TYPE_CHECKING:
    from concurrent.futures import Future

Mode: TypeAlias = Literal["inline", "thread", "process", "async"]

LINGER = 0.01
"""Seconds that a finished result waits for others, so that short steps of a wave share one commit."""

GRACE = 1.0
"""Seconds that an event loop has to end what runs in it."""

Done: TypeAlias = tuple[DispatchJob, StepResult]


class Pool(Protocol):
    """Executes jobs."""

    def submit(self, jobs: Iterable[DispatchJob]) -> None:
        """Take jobs on. Never blocks."""

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
) -> Pool:
    """Return a pool. ``inline`` executes one job after another in the thread that asks for results.

    In ``process`` mode the executor must be importable from its module (a function, not a lambda), and a
    child that dies costs its own job alone. A thread cannot be ended: one that hangs keeps its place.
    """
    if concurrency < 1:
        raise ExecutorError(f"concurrency must be 1 or more, not {concurrency}")
    match mode:
        case "inline":
            return InlinePool(executor, progress)
        case "thread":
            return thread_pool(executor, concurrency, progress)
        case "process":
            return process_pool(executor, concurrency)
        case "async":
            return async_pool(executor, concurrency, progress)
    raise ExecutorError(f"no mode {mode!r}: use inline, thread, process or async")


class InlinePool:
    """One job after another, in the caller's thread, between two looks at the clock."""

    def __init__(self, executor: Executor, progress: Progress | None) -> None:
        self._executor = executor
        self._progress = progress
        self._jobs: deque[DispatchJob] = deque()

    def submit(self, jobs: Iterable[DispatchJob]) -> None:
        self._jobs.extend(jobs)

    def finished(self, timeout: float | None) -> list[Done]:
        done: list[Done] = []
        until = monotonic() + LINGER
        while self._jobs:
            job = self._jobs[0]
            done.append((job, perform(self._executor, job, self._progress)))
            # Only now: an interrupt in the executor leaves the job among those that had not begun.
            self._jobs.popleft()
            if monotonic() >= until:
                break
        return done

    @property
    def busy(self) -> int:
        return len(self._jobs)

    def close(self) -> list[DispatchJob]:
        return list(self._jobs)


class FuturePool:
    """Jobs as futures: results arrive in a queue, whoever finishes first.

    ``start`` begins a job, ``stop`` frees what the futures ran on.
    """

    def __init__(
        self, start: Callable[[DispatchJob], "Future[StepResult]"], stop: Callable[[], None]
    ) -> None:
        self._start = start
        self._stop = stop
        self._done: SimpleQueue[Done] = SimpleQueue()
        self._futures: dict[Future[StepResult], DispatchJob] = {}

    def submit(self, jobs: Iterable[DispatchJob]) -> None:
        for job in jobs:
            future = self._start(job)
            self._futures[future] = job
            future.add_done_callback(self._arrived)

    def _arrived(self, future: "Future[StepResult]") -> None:
        job = self._futures[future]
        if not future.cancelled():
            self._done.put((job, _outcome(job, future)))
        # Last, so that a job is never in neither of the two places that ``busy`` counts.
        del self._futures[future]

    def finished(self, timeout: float | None) -> list[Done]:
        done: list[Done] = []
        try:
            done.append(self._done.get(timeout=timeout))
            until = monotonic() + LINGER
            while self.busy:
                done.append(self._done.get(timeout=max(0.0, until - monotonic())))
        except Empty:
            pass
        return done

    @property
    def busy(self) -> int:
        return len(self._futures) + self._done.qsize()

    def close(self) -> list[DispatchJob]:
        waiting = [job for future, job in list(self._futures.items()) if future.cancel()]
        self._stop()
        return waiting


def _outcome(job: DispatchJob, future: "Future[StepResult]") -> StepResult:
    error = future.exception()
    if error is not None:
        return raised(job.step_id, job.run_id, error, job.delivery)
    return future.result()


def thread_pool(executor: Executor, concurrency: int, progress: Progress | None) -> FuturePool:
    """Return a pool of threads."""
    from concurrent.futures import ThreadPoolExecutor

    threads = ThreadPoolExecutor(concurrency, thread_name_prefix="runfox")
    return FuturePool(
        lambda job: threads.submit(perform, executor, job, progress),
        lambda: threads.shutdown(wait=False),
    )


def process_pool(executor: Executor, concurrency: int) -> FuturePool:
    """Return a pool of child processes, each fed by a thread that sees it die."""
    from concurrent.futures import ThreadPoolExecutor

    from runfox.execution.child import Children

    children = Children(executor)
    threads = ThreadPoolExecutor(concurrency, thread_name_prefix="runfox-child")

    def stop() -> None:
        threads.shutdown(wait=False)
        children.end()

    return FuturePool(lambda job: threads.submit(children.perform, job), stop)


def async_pool(executor: Executor, concurrency: int, progress: Progress | None) -> FuturePool:
    """Return a pool of tasks in one event loop, which runs in a thread of its own."""
    import asyncio

    loop = asyncio.new_event_loop()
    places = asyncio.Semaphore(concurrency)
    thread = Thread(target=loop.run_forever, name="runfox-loop", daemon=True)
    thread.start()

    async def one(job: DispatchJob) -> StepResult:
        async with places:
            return await perform_async(executor, job, progress)

    async def cancel() -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def stop() -> None:
        ending = asyncio.run_coroutine_threadsafe(cancel(), loop)
        try:
            ending.result(GRACE)
        except TimeoutError:
            # An executor that blocks the loop has it: a daemon thread ends with the process.
            return
        loop.call_soon_threadsafe(loop.stop)
        thread.join(GRACE)
        loop.close()

    return FuturePool(lambda job: asyncio.run_coroutine_threadsafe(one(job), loop), stop)
