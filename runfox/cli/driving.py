"""Bringing an execution to its end under the eyes of a person, and telling how it ended."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from types import FrameType
from typing import NamedTuple, NoReturn, TextIO

from runfox.backend import Backend, driver
from runfox.cli.codes import INTERRUPTED, PENDING, TERMINATED, code_of
from runfox.cli.feed import Feed, Polling
from runfox.cli.handlers import Handlers
from runfox.cli.leaving import mute
from runfox.cli.outcome import Told, tell
from runfox.cli.view import Silent, View, open_view
from runfox.execution import Mode, open_pool
from runfox.graph import WorkflowRecord
from runfox.results import Ended

MOST_WORKERS = 1_000_000


class Work(NamedTuple):
    """How an execution is to be driven: by ``handlers`` here, or by workers elsewhere if there are none.

    ``resume`` is the command that goes on with it, None if it is not kept. ``wait`` is the most seconds
    to wait for workers.
    """

    handlers: Handlers | None
    concurrency: int
    mode: Mode | None
    output: str
    resume: str | None
    wait: float | None = None


class Terminated(KeyboardInterrupt):
    """The process was asked to end, as service managers do."""


def drive(backend: Backend, key: str, work: Work, out: TextIO) -> int:
    """Bring an execution to its end, tell of it on ``out``, and return the exit code."""
    start = backend.load(key)
    view = Silent() if work.output == "json" else open_view(start, places=_places(work))
    try:
        with _terminable(), view:
            ended = _driven(backend, start, work, view)
        code = PENDING if ended is None else code_of(ended)
    except KeyboardInterrupt as stop:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        code = TERMINATED if isinstance(stop, Terminated) else INTERRUPTED
    told = Told(code=code, output=work.output, resume=work.resume, here=work.handlers is not None)
    try:
        tell(backend.load(key), told, out)
    except BrokenPipeError:
        mute(out, sys.stderr)  # who read this is gone; the exit code still says how it ended
    return code


def _places(work: Work) -> int:
    # How many workers there are elsewhere nobody knows: whatever is dispatched may be at work.
    return work.concurrency if work.handlers is not None else MOST_WORKERS


def _driven(backend: Backend, start: WorkflowRecord, work: Work, view: View) -> Ended | None:
    key = start.origin.key
    feed = Feed(backend, start, view.told)
    if work.handlers is None:
        with Polling(feed):
            return driver.follow_for(backend, key, inf if work.wait is None else work.wait)
    backend.observers.append(feed.observe)
    mode: Mode = work.mode or ("inline" if work.concurrency == 1 else "thread")
    pool = open_pool(
        work.handlers, concurrency=work.concurrency, mode=mode, progress=view.progressed
    )
    ended = driver.execute(backend, key, pool)
    feed.catch_up()
    return ended


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM stop a run as Ctrl-C does, so that the terminal is left as it was."""

    def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
