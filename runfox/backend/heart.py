"""Keeping a worker's lease alive from a thread that a busy executor does not block."""

import logging
from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from time import monotonic
from typing import Self

from runfox.errors import StoreError

logger = logging.getLogger("runfox")

TICK = 1.0
"""Seconds between two looks for jobs that are past their time."""

LAST = 5.0
"""Seconds for which the last beat is waited for: a store that does not answer keeps nobody from leaving."""


class Heart:
    """Calls ``beat`` three times per lease, and ``look`` about once a second, from entering to leaving.

    Without a lease there is no thread, and nothing is called: then whoever holds jobs shares their queue's
    life, and looks by itself.
    """

    def __init__(
        self, beat: Callable[[], object], look: Callable[[], object], lease: timedelta | None
    ) -> None:
        self._beat = beat
        self._look = look
        self._interval = lease.total_seconds() / 3 if lease is not None else None
        self._stop = Event()
        self._thread: Thread | None = None

    def __enter__(self) -> Self:
        if self._interval is not None:
            self._thread = Thread(target=self._run, name="runfox-heart", daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread is not None:
            # A lease that is renewed afterwards would be that of a worker who has left.
            self._thread.join(LAST)

    def _run(self) -> None:
        interval = self._interval
        assert interval is not None
        due = monotonic() + interval
        while not self._stop.wait(min(TICK, interval, max(0.0, due - monotonic()))):
            try:
                if monotonic() >= due:
                    due = monotonic() + interval
                    self._beat()
                self._look()
            except StoreError as error:
                # The lease may run out now, and another worker take over: results of both are then safe.
                logger.warning("could not renew the lease: %s", error)
