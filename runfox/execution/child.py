"""Executing jobs in child processes, one for each thread that asks."""

import os
import signal
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from threading import Lock, Thread, local
from typing import Any

from runfox.errors import ExecutorError
from runfox.execution.call import Executor, perform
from runfox.execution.returned import failure
from runfox.graph import StepResult
from runfox.results import DispatchJob

# A forked child would share locks, threads and database connections with its parent.
_context = get_context("spawn")


class Children:
    """The child processes of a pool. A child that dies is replaced, and fails the job it was at."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._mine = local()
        self._all: list[Any] = []
        self._ended = False
        self._lock = Lock()

    def perform(self, job: DispatchJob) -> StepResult:
        """Have this thread's child execute a job, and wait for it."""
        child, pipe = self._child()
        try:
            pipe.send(job)
            result: StepResult = pipe.recv()
        except (EOFError, OSError):
            child.join()
            self._mine.child = None
            message = f"the process that executed it ended with exit code {child.exitcode}"
            return failure(job.step_id, job.run_id, "LeaseLost", message, delivery=job.delivery)
        return result

    def _child(self) -> tuple[Any, Connection]:
        child: tuple[Any, Connection[Any, Any]] | None = getattr(self._mine, "child", None)
        if child is None:
            child = self._mine.child = self._begin()
        return child

    def _begin(self) -> tuple[Any, Connection]:
        ours, theirs = _context.Pipe()
        process = _context.Process(target=serve, args=(self._executor, theirs), daemon=True)
        # Under the lock, so that none is started while, or after, all are ended.
        with self._lock:
            if self._ended:
                raise ExecutorError("the pool has been closed")
            try:
                process.start()
            except (AttributeError, TypeError, ImportError) as error:  # what pickling raises
                raise ExecutorError(
                    f"this executor cannot be sent to a process ({error});"
                    " define it at the top of a module"
                ) from error
            self._all.append(process)
        theirs.close()
        return process, ours

    def end(self) -> None:
        """End all children, and what they are doing."""
        with self._lock:
            self._ended = True
            for process in self._all:
                process.terminate()


def serve(executor: Executor, pipe: Connection) -> None:
    """Execute jobs in a child until the parent closes the pipe, or is gone."""
    # Ctrl-C goes to the whole group of processes; what becomes of the children is the parent's to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, name="runfox-parent", daemon=True).start()
    while True:
        try:
            job = pipe.recv()
        except EOFError:
            return
        pipe.send(perform(executor, job))


def _end_with_parent() -> None:
    """End this process when its parent is gone: somebody else will be given the job that it is at."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
