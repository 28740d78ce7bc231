"""What happens to one execution, told once and in order, whoever made it happen."""

import logging
from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread
from typing import NamedTuple, Self

from runfox import graph
from runfox.backend import Backend, codec
from runfox.errors import StoreError
from runfox.graph import Fact, Transition, WorkflowRecord

logger = logging.getLogger("runfox")

POLL = 0.1
"""Seconds between two looks at what other processes have written."""


class Moved(NamedTuple):
    """One commit: the record before and after it, and the facts between them."""

    before: WorkflowRecord
    facts: Sequence[Fact]
    after: WorkflowRecord


class Feed:
    """Tells of every commit of an execution beyond the record it starts from.

    Commits of this process come from an observer; those of others are read from the history.
    """

    def __init__(
        self, backend: Backend, start: WorkflowRecord, tell: Callable[[Moved], None]
    ) -> None:
        self._backend = backend
        self._key = start.origin.key
        self._seen = start
        self._tell = tell
        self._lock = Lock()

    def observe(self, before: WorkflowRecord, transition: Transition) -> None:
        """Be told of a commit of this process, as ``Backend.observers`` are."""
        if before.origin.key != self._key:
            return
        with self._lock:
            if before.revision > self._seen.revision:
                self._catch_up()
            if transition.record.revision > self._seen.revision:
                self._pass_on(transition.facts, transition.record)

    def catch_up(self) -> None:
        """Tell of what others have committed meanwhile."""
        with self._lock:
            self._catch_up()

    def _catch_up(self) -> None:
        for row in self._backend.history(self._key, after=self._seen.revision):
            facts = codec.facts(row)
            self._pass_on(facts, graph.fold(self._seen, facts, revision=row.revision))

    def _pass_on(self, facts: Sequence[Fact], after: WorkflowRecord) -> None:
        moved = Moved(self._seen, facts, after)
        self._seen = after
        self._tell(moved)


class Polling:
    """Keeps a feed up to date from a thread, while the steps are executed elsewhere."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._stop = Event()
        self._thread = Thread(target=self._run, name="runfox-feed", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        last = False
        while not last:
            last = self._stop.wait(POLL)
            try:
                self._feed.catch_up()
            except StoreError as error:
                # Whoever drives the execution meets the same error, and does more than to look.
                logger.debug("could not look at the history: %s", error)
