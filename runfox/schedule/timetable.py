"""One schedule of one workflow, and the runs that it starts.

A run's id is made of its schedule and its moment, so two schedulers, or one that died between two writes, never
start it twice. First it is started; then the store is told that its moment is dealt with, by compare-and-set.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from runfox.backend import Backend
from runfox.backend.protocols import Fired, Query, Store
from runfox.errors import ExecutionExists, RequestError, RunfoxError, StoreError
from runfox.schedule.moments import due, following
from runfox.schedule.naming import execution_id, started_by
from runfox.spec import Spec
from runfox.spec.model import Schedule
from runfox.status import WorkflowStatus

logger = logging.getLogger("runfox")

LABEL: Final = "schedule"
"""The label of a run that names the schedule that started it."""

_OPEN: Final = tuple(status for status in WorkflowStatus if not status.ended)
_JUST: Final = timedelta(milliseconds=1)
_MOST_OPEN: Final = 1_000


def memory_of(store: Store) -> Fired:
    """Return the store as what remembers what fired. Raises ``RequestError`` if it does not."""
    if not isinstance(store, Fired):
        raise RequestError(f"{type(store).__name__} does not remember what schedules fired last")
    return store


class Timetable:
    """A schedule at work. ``held`` tells after ``serve`` whether moments wait for a run to end."""

    def __init__(
        self, backend: Backend, memory: Fired, key: str, spec: Spec, schedule: Schedule
    ) -> None:
        self.key = key
        self.held = False
        self._backend = backend
        self._memory = memory
        self._spec = spec
        self._schedule = schedule

    def serve(self, now: datetime) -> list[str]:
        """Deal with all moments up to ``now`` that can be; return the ids of the runs that this started."""
        if self._schedule.overlap == "queue":
            return self._serve_in_turn(now)
        last = self._memory.fired(self.key)
        moments = due(self._schedule, last, now)
        if self._schedule.overlap == "replace":
            moments = moments[-1:]  # the others would be replaced at once
        if last is None and not moments:
            self._memory.fire(self.key, None, now)
        started = []
        for moment in moments:
            run = self._start(moment) if self._way_is_clear(moment) else None
            if not self._memory.fire(self.key, last, moment):
                break  # another scheduler goes on from here
            last = moment
            if run is not None:
                started.append(run)
        return started

    # Overlap: queue -----------------------------------------------------------------------------------

    def _serve_in_turn(self, now: datetime) -> list[str]:
        """Start the oldest moment that waits, if no run is open.

        Two moments are kept: up to the one runs were started, up to the other (``seen``) moments came into
        the queue. ``catchup`` decides what comes in, and nothing that is in it is left out again, unless the
        queue was empty; but what was missed while it was not is in it too.
        """
        taken = self._take_in(now)
        if taken is None:
            return []
        last, seen = taken
        started = []
        while (moment := following(self._schedule, last)) is not None and moment <= seen:
            if self._open_but(moment):
                self.held = True
                break
            run = self._start(moment)
            if not self._memory.fire(self.key, last, moment):
                break
            last = moment
            if run is not None:
                started.append(run)
        return started

    def _take_in(self, now: datetime) -> tuple[datetime, datetime] | None:
        """Return up to where runs were started and up to where moments are queued; None if another is at it."""
        memory, seen_key = self._memory, f"{self.key}/seen"
        last, seen = memory.fired(self.key), memory.fired(seen_key)
        new = due(self._schedule, seen, now)
        if last is None or (new and not self._waits(last, seen)):
            # What catchup leaves out is not to be found between the two.
            begin = new[0] - _JUST if new else now
            if not memory.fire(self.key, last, begin):
                return None
            last = begin
        if seen is None or new:
            until = new[-1] if new else now
            if not memory.fire(seen_key, seen, until):
                return None
            seen = until
        return last, seen

    def _waits(self, last: datetime, seen: datetime | None) -> bool:
        moment = following(self._schedule, last)
        return seen is not None and moment is not None and moment <= seen

    # Runs ---------------------------------------------------------------------------------------------

    def _way_is_clear(self, moment: datetime) -> bool:
        match self._schedule.overlap:
            case "skip":
                return not self._open_but(moment)
            case "replace":
                for run in self._open_but(moment):
                    self._backend.cancel(run)
        return True

    def _open_but(self, moment: datetime) -> list[str]:
        """Return the runs of this schedule that have not ended, but for the one of a moment."""
        own = execution_id(self.key, moment)
        return [
            found.execution_id
            for status in _OPEN
            for found in self._backend.executions(
                Query(status=status, prefix=f"{self.key}-", limit=_MOST_OPEN)
            )
            if found.execution_id != own and started_by(self.key, found.execution_id)
        ]

    def _start(self, moment: datetime) -> str | None:
        """Start the run of a moment, if it is not there yet; None if it cannot be."""
        try:
            run = self._backend.create(
                self._spec,
                dict(self._schedule.input),
                execution_id=execution_id(self.key, moment),
                labels={LABEL: self.key},
            )
            self._backend.step(run)
        except ExecutionExists:
            return None  # an earlier version of the workflow was started for this moment
        except StoreError:
            raise
        except RunfoxError:
            logger.exception("schedule %s: the run of %s could not be started", self.key, moment)
            return None
        return run
