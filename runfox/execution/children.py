"""Executing jobs in child processes, one for each thread that asks."""

from multiprocessing.connection import Connection
from threading import Lock, local
from typing import Any

from runfox.errors import ExecutorError
from runfox.execution.call import Executor, Progress
from runfox.execution.child import BEAT, CONTEXT, WITHDRAWN, Order, Word, kill, serve
from runfox.execution.desk import Desk
from runfox.execution.errand import Errand
from runfox.execution.returned import failure, raised
from runfox.execution.secrets import SecretMissing, Secrets, secrets_of
from runfox.execution.threads import Threads
from runfox.graph import StepResult

TICK = 0.25
"""Seconds after which a child that is silent may be told that nobody waits for its job any longer."""


class Child:
    """A child process, our end of the pipe to it, and the errand that it is at."""

    def __init__(self, process: Any, pipe: "Connection[Any, Any]") -> None:
        self.process = process
        self.pipe = pipe
        self.errand: Errand | None = None


class Children:
    """The child processes of a pool. A child that dies is replaced, and fails the job it was at."""

    def __init__(self, executor: Executor, progress: Progress | None, secrets: Secrets) -> None:
        self._executor = executor
        self._progress = progress
        self._secrets = secrets
        self._mine = local()
        self._all: set[Child] = set()
        self._ended = False
        self._lock = Lock()

    def perform(self, errand: Errand) -> StepResult:
        """Have this thread's child execute a job, and wait for it."""
        job = errand.job
        try:
            known = secrets_of(job, self._secrets)
        except SecretMissing as missing:
            return raised(job.step_id, job.run_id, missing, job.delivery)
        child = self._child()
        with self._lock:
            child.errand = errand
        try:
            child.pipe.send(Order(job, known, errand.spent))
            return self._heard(child, errand)
        except (EOFError, OSError):
            code = self._bury(child)
            message = f"the process that executed it ended with exit code {code}"
            return failure(job.step_id, job.run_id, "LeaseLost", message, delivery=job.delivery)
        finally:
            with self._lock:
                child.errand = None

    def _heard(self, child: Child, errand: Errand) -> StepResult:
        pipe, told = child.pipe, False
        while True:
            if not pipe.poll(TICK):
                # The pipe stays open if the executor forked, and its copy lives on: it does not say this.
                if not child.process.is_alive() and not pipe.poll():
                    raise EOFError
                if errand.withdrawn and not told:
                    pipe.send(WITHDRAWN)
                    told = True
                continue
            word = pipe.recv()
            if isinstance(word, StepResult):
                return word
            errand.beat()
            if word != BEAT and self._progress is not None:
                assert isinstance(word, Word)
                self._progress(errand.job, word.progress)

    def _child(self) -> Child:
        child: Child | None = getattr(self._mine, "child", None)
        if child is None:
            child = self._mine.child = self._begin()
        return child

    def _begin(self) -> Child:
        ours, theirs = CONTEXT.Pipe()
        process = CONTEXT.Process(target=serve, args=(self._executor, theirs), daemon=True)
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
            child = Child(process, ours)
            self._all.add(child)
        theirs.close()
        return child

    def _bury(self, child: Child) -> int | None:
        """Clear up after a child that died, and return its exit code."""
        with self._lock:
            self._all.discard(child)
            # What it started may have outlived it.
            kill(child.process)
        child.process.join()
        child.pipe.close()
        self._mine.child = None
        code: int | None = child.process.exitcode
        return code

    def end_one(self, errand: Errand) -> None:
        """End the child that is at an errand, and all that it has started."""
        with self._lock:
            for child in self._all:
                if child.errand is errand:
                    kill(child.process)

    def end(self) -> None:
        """End all children, and what they are doing."""
        with self._lock:
            self._ended = True
            for child in self._all:
                kill(child.process)


class Feeders(Threads):
    """Threads that have children execute their errands: what is past its time is ended with its process."""

    def __init__(self, desk: Desk, children: Children, places: int) -> None:
        super().__init__(desk, children.perform, places, "runfox-child")
        self._children = children

    def leave(self, errand: Errand) -> None:
        self._children.end_one(errand)

    def stop(self) -> None:
        super().stop()
        self._children.end()
