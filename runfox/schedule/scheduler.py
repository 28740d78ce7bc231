"""The loop that starts runs when they are due. Any number of schedulers may serve one store."""

import logging
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Final

from runfox.backend import Backend
from runfox.backend.protocols import Clock, Definition, Definitions, Wakes
from runfox.errors import RequestError, RunfoxError, StoreUnavailable
from runfox.schedule.moments import following
from runfox.schedule.naming import schedule_key
from runfox.schedule.timetable import Timetable, memory_of
from runfox.spec import Spec, build
from runfox.values import parse

logger = logging.getLogger("runfox")

LONGEST: Final = 60.0
"""Seconds after which a scheduler looks by itself for definitions that became active."""
HELD: Final = 5.0
"""Seconds between two looks whether a run that others wait for has ended."""
LOOK: Final = 1.0
"""Seconds within which ``stop`` is heard; and between two looks at a store that others write to."""


class Scheduler:
    """Starts the runs of the definitions that are active in a backend's store.

    It executes nothing: workers do. ``clock`` is the store's unless another is given. Raises ``RequestError``
    for a store that keeps no active definitions, or not what fired last.
    """

    def __init__(self, backend: Backend, *, clock: Clock | None = None) -> None:
        if not isinstance(backend.store, Definitions):
            raise RequestError(f"{type(backend.store).__name__} keeps no active definitions")
        self._backend = backend
        self._definitions: Definitions = backend.store
        self._fired = memory_of(backend.store)
        self._clock = clock or backend.store.now
        self._specs: dict[str, Spec | None] = {}
        self._held = False
        self._stopped = False

    def stop(self) -> None:
        """End the loop, within a second. Safe to call from a signal's handler."""
        self._stopped = True

    def run(self) -> None:
        """Start runs as they become due, until ``stop``. A store that does not answer is waited for."""
        while not self._stopped:
            try:
                self.run_once()
                self._rest(self._seconds())
            except StoreUnavailable as error:
                logger.warning("the store does not answer, trying again: %s", error)
                sleep(LOOK)

    def run_once(self, now: datetime | None = None) -> list[str]:
        """Start what is due, and return the ids of what this scheduler started, in the long form.

        A run that cannot be started is told to the log and not tried again. What keeps one schedule from
        working does not keep the others from it.
        """
        now = now or self._clock()
        now -= timedelta(microseconds=now.microsecond % 1000)  # as stores keep it
        started: list[str] = []
        self._held = False
        for table in self._tables():
            try:
                started += table.serve(now)
                self._held |= table.held
            except StoreUnavailable:
                raise
            except RunfoxError:
                logger.exception("schedule %s could not be served", table.key)
        return started

    def _tables(self) -> list[Timetable]:
        active = self._definitions.active()
        self._specs = {one.workflow_id: self._spec(one) for one in active}
        return [
            Timetable(self._backend, self._fired, schedule_key(spec.name, index), spec, schedule)
            for spec in self._specs.values()
            if spec is not None
            for index, schedule in enumerate(spec.schedules)
        ]

    def _spec(self, definition: Definition) -> Spec | None:
        if definition.workflow_id in self._specs:
            return self._specs[definition.workflow_id]
        try:
            return build(parse(definition.text))
        except RunfoxError:
            logger.exception("the schedules of %s cannot be read", definition.name)
            return None

    # Resting ----------------------------------------------------------------------------------------

    def _seconds(self) -> float:
        """Return for how long nothing becomes due."""
        now = self._clock()
        longest = HELD if self._held else LONGEST
        seconds = [longest]
        for spec in self._specs.values():
            for schedule in spec.schedules if spec is not None else ():
                moment = following(schedule, now)
                if moment is not None:
                    seconds.append((moment - now) / timedelta(seconds=1))
        return min(seconds)

    def _rest(self, seconds: float) -> None:
        """Return after that time, or when others have written, or when it is time to stop."""
        until = monotonic() + seconds
        # Where much is written this is not woken by all of it.
        sleep(min(LOOK, seconds))
        while not self._stopped and (left := until - monotonic()) > 0:
            if self._told_within(min(LOOK, left)):
                return

    def _told_within(self, seconds: float) -> bool:
        store = self._backend.store
        if not isinstance(store, Wakes):
            sleep(seconds)
            return False
        begun = monotonic()
        store.wait(seconds)
        return monotonic() - begun < 0.9 * seconds
