"""What has to be looked after whatever happens, so that nothing stays where a crash, or a queue, left it.

Every driver and worker does it at intervals; ``runfox sweep --once`` does it for whoever has no process that
stays. It is not a job itself, relies on nothing but the store, and may be done by any number at once.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from time import monotonic
from typing import NamedTuple

from runfox.backend.base import Backend
from runfox.backend.protocols import Due, Notes
from runfox.backend.watching import APART, SWEEP
from runfox.errors import RunfoxError, StoreUnavailable

logger = logging.getLogger("runfox")

INTERVAL = 5.0
"""Seconds between two sweeps of a process that stays."""

REST = timedelta(seconds=60)
"""How long a noted sweep is as good as one just now: idle processes should not write."""


class Swept(NamedTuple):
    """What a sweep found: jobs of dead workers, jobs past their time, jobs that nobody had taken, and executions
    that something was due for, and that could be moved on."""

    reclaimed: int = 0
    expired: int = 0
    announced: int = 0
    moved: int = 0


def sweep(backend: Backend, limit: int = 100) -> Swept:
    """Look after the jobs, and move on what is due, up to ``limit`` of each; call again while that was reached."""
    tidied = tidy(backend, limit)
    store = backend.store
    found = store.due(limit) if isinstance(store, Due) else []
    moved = move_all(backend, found)
    if isinstance(store, Notes):
        last = store.noted(SWEEP)
        if last is None or last + REST <= store.now():
            store.note(SWEEP)
            if backend.route.hold is not None:
                store.note(APART)
    return tidied._replace(moved=moved)


def tidy(backend: Backend, limit: int = 100) -> Swept:
    """Look after the jobs alone: those of the dead, those past their time, those that nobody heard of."""
    queue = backend.route.queue
    if queue is None:
        return Swept()
    ledger = queue.ledger
    reclaimed, expired = ledger.reclaim(backend.max_deliveries), ledger.expire(limit)
    return Swept(reclaimed, expired, backend.route.announce(limit))


def move_all(backend: Backend, execution_ids: Iterable[str]) -> int:
    """Move executions on, and those that this concerns in their turn; return how many of the former could be.

    One that could not is due still: who went on for as long as something is due would never rest.
    """
    todo = dict.fromkeys(execution_ids)
    wanted, failed = set(todo), set[str]()
    while todo:
        execution_id, _ = todo.popitem()
        try:
            decided = backend.move(execution_id)
        except StoreUnavailable:
            raise
        except RunfoxError:
            # It is gone, or cannot be read here: nothing of it is of use to anybody, and others wait.
            logger.exception("could not move %s on", execution_id)
            failed.add(execution_id)
            continue
        todo.update(dict.fromkeys((*decided.begun, *decided.woken)))
    return len(wanted - failed)


class Sweeper:
    """Sweeps when it is time to. Asked more often, it does nothing."""

    def __init__(self, backend: Backend, interval: float = INTERVAL) -> None:
        self._backend = backend
        self._interval = interval
        self._next = monotonic()

    def sweep_at_times(self) -> Swept:
        """Sweep if the last time is ``interval`` seconds ago."""
        if monotonic() < self._next:
            return Swept()
        self._next = monotonic() + self._interval
        return sweep(self._backend)
