"""A child process that executes jobs, as it sees itself, and what is said between it and its parent."""

import os
import signal
from contextlib import suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from threading import Lock, Thread
from typing import Any, Final, NamedTuple

from runfox.execution.call import Executor, perform
from runfox.execution.errand import Errand
from runfox.results import DispatchJob
from runfox.values import Json

# A forked child would share locks, threads and database connections with its parent.
CONTEXT = get_context("spawn")

BEAT: Final = "beat"
"""Said by a child whose executor has given a sign of life."""

WITHDRAWN: Final = "withdrawn"
"""Said to a child when nobody waits for the job that it is at."""


class Order(NamedTuple):
    """A job for a child, the secrets that it needs, and for how many seconds its time runs already."""

    job: DispatchJob
    secrets: dict[str, str]
    spent: float


class Word(NamedTuple):
    """Progress that an executor has told."""

    progress: Json


class Line:
    """A child's end of the pipe, for whatever threads its executor has."""

    def __init__(self, pipe: "Connection[Any, Any]") -> None:
        self._pipe = pipe
        self._sending = Lock()
        self._pid = os.getpid()

    def say(self, word: object) -> None:
        if not self._is_mine():
            return
        with self._sending:
            self._pipe.send(word)

    def next_order(self) -> Order:
        """Wait for an order. What was said about the job before may come late. Raises ``EOFError`` at the end."""
        while not isinstance(order := self._pipe.recv(), Order):
            pass
        return order

    def hear(self) -> bool:
        """Return whether it was said just now that nobody waits."""
        return self._is_mine() and self._pipe.poll() and self._pipe.recv() == WITHDRAWN

    def _is_mine(self) -> bool:
        """Return whether this is no copy that an executor forked: two processes would tear what is said apart."""
        return os.getpid() == self._pid


class FarErrand(Errand):
    """An errand in a child, whose parent knows whether it is wanted."""

    __slots__ = ("_hearing", "_line")

    def __init__(self, order: Order, line: Line) -> None:
        super().__init__(order.job, self._say_beat)
        self._line = line
        self._hearing = Lock()
        self.begin(order.spent)

    def _say_beat(self, _: DispatchJob) -> None:
        # A thread that the executor left behind must not keep the job alive that comes next.
        if not self.withdrawn:
            self._line.say(BEAT)

    def is_withdrawn(self) -> bool:
        with self._hearing:
            if not self.withdrawn:
                self.withdrawn = self._line.hear()
        return self.withdrawn

    def end(self) -> None:
        """Hear no more: what comes next is an order, and not for a thread that the executor left behind."""
        with self._hearing:
            self.withdrawn = True


def serve(executor: Executor, pipe: "Connection[Any, Any]") -> None:
    """Execute jobs in a child until the parent closes the pipe, or is gone."""
    # A group of its own, so that whatever an executor starts can be ended with it.
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    # Ctrl-C goes to the whole group of processes; what becomes of the children is the parent's to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # So does SIGTERM under a service manager: the job that is at work is finished first. It is not ignored, which
    # what the executor starts would inherit.
    signal.signal(signal.SIGTERM, lambda *_: None)
    Thread(target=_end_with_parent, name="runfox-parent", daemon=True).start()
    line = Line(pipe)
    while True:
        try:
            order = line.next_order()
        except (EOFError, OSError):
            return  # closed, or reset: the parent died without having heard what we said last
        errand = FarErrand(order, line)
        result = perform(
            executor,
            order.job,
            lambda _, progress: line.say(Word(progress)),
            secrets=order.secrets.__getitem__,
            errand=errand,
        )
        errand.end()
        try:
            line.say(result)
        except OSError:
            return


def kill(process: Any) -> None:
    """Kill a child, and all that it has started, if it is there."""
    if hasattr(os, "killpg"):
        # It may have come to an end, or not to a group of its own yet.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _end_with_parent() -> None:
    """End this process when its parent is gone: somebody else will be given the job that it is at."""
    parent = parent_process()
    if parent is None:
        return
    parent.join()
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
