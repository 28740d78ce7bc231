"""A process that executes nothing, and sees to it that every execution of a store goes on."""

import logging
from time import monotonic, sleep

from runfox.backend import Backend
from runfox.backend.driver import POLL
from runfox.backend.protocols import Due, Taker, Wakes
from runfox.backend.sweeping import INTERVAL, Sweeper, move_all
from runfox.errors import StoreUnavailable

logger = logging.getLogger("runfox")

LOOK = 0.5
"""Seconds after which a driver looks by itself for what is due."""

PAUSE = 1.0
"""Seconds between two tries at a store that does not answer."""

DUE = 100
"""How many executions that something is due for are moved on between two looks."""


class Driver:
    """Applies results, fires timers, and takes back the jobs of dead workers. Any number may do so at once.

    Workers of runfox do all this beside their work. A driver is for where workers only submit results, as those
    that speak SQL, or do not run all the time. It is entered among the workers, with the role "driver".
    """

    def __init__(self, backend: Backend, *, interval: float = INTERVAL) -> None:
        self.backend = backend
        self._sweeper = Sweeper(backend, interval)
        self._beaten: float | None = None
        self._stopped = False

    def stop(self) -> None:
        """End soon."""
        self._stopped = True

    def run(self, *, until_idle: bool = False) -> None:
        """Drive until ``stop`` is called; with ``until_idle``, until nothing is due now."""
        while not self._stopped:
            try:
                self._beat()
                swept = self._sweeper.sweep_at_times()
                if not self._move_due() and not swept.moved:
                    if until_idle:
                        return
                    self._wait()
            except StoreUnavailable as error:
                logger.warning("the store does not answer, trying again: %s", error)
                sleep(PAUSE)

    def _beat(self) -> None:
        """Show that somebody drives, three times per lease."""
        queue, lease = self.backend.route.queue, self.backend.lease
        now = monotonic()
        if queue is None or (
            self._beaten is not None and now < self._beaten + lease.total_seconds() / 3
        ):
            return
        self._beaten = now
        queue.ledger.beat(Taker(self.backend.name, lease, role="driver"))

    def _move_due(self) -> bool:
        store = self.backend.store
        found = store.due(DUE) if isinstance(store, Due) else []
        return move_all(self.backend, found) > 0

    def _wait(self) -> None:
        store = self.backend.store
        if isinstance(store, Wakes):
            store.wait(LOOK)
        else:
            sleep(POLL)
