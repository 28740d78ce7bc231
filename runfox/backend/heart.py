"""Keeping a worker's lease alive from a thread that a busy executor does not block."""

import logging
from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from typing import Self

from runfox.errors import StoreError

logger = logging.getLogger("runfox")


class Heart:
    """Calls ``beat`` three times per lease, from entering to leaving."""

    def __init__(self, beat: Callable[[], object], lease: timedelta | None) -> None:
        self._beat = beat
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

    def _run(self) -> None:
        while not self._stop.wait(self._interval):
            try:
                self._beat()
            except StoreError as error:
                # The lease may run out now, and another worker take over: results of both are then safe.
                logger.warning("could not renew the lease: %s", error)
