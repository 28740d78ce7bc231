"""How a store and its queue stand, for those who look after them."""

import logging
from collections.abc import Iterator
from datetime import timedelta

from runfox.backend import health
from runfox.backend.clock import utc_now
from runfox.backend.failing import ANY_FAILED, FailedStep, Wanted, failed_steps
from runfox.backend.protocols import (
    Depth,
    Due,
    Examines,
    Finding,
    JobRow,
    Notes,
    Query,
    Reports,
    WorkerRow,
)
from runfox.backend.reading import Reading
from runfox.backend.stalling import Stalled, Standing, stalled
from runfox.errors import RequestError, RunfoxError, StoreUnavailable
from runfox.graph import WorkflowRecord
from runfox.status import WorkflowStatus

logger = logging.getLogger("runfox")

MOST = 100_000
"""How many executions, or jobs, one report looks at."""

LONG = timedelta(minutes=15)
"""What has not moved for so long may be stuck."""

SWEEP = "sweep"
"""The name under which a store notes the last sweep."""

APART = "queue apart"
"""The name under which a store notes that workers hear of its jobs from a queue elsewhere."""

OPEN = (WorkflowStatus.PENDING, WorkflowStatus.IN_PROGRESS, WorkflowStatus.PAUSED)


class Watching(Reading):
    """What a backend reports."""

    def workers(self) -> list[WorkerRow]:
        """Return the workers and drivers that are entered with the queue, those first whose lease ends first."""
        return self._reports.workers()

    def depths(self) -> list[Depth]:
        """Return how many jobs there are, by queue and status, and since when the oldest is there."""
        return self._reports.depths()

    def oldest(self, limit: int = 100) -> list[JobRow]:
        """Return the jobs that are there longest, and who has them."""
        return self._reports.oldest(limit)

    def stalled(self, than: timedelta) -> list[Stalled]:
        """Return what has not moved for longer than that, or cannot, with the way out."""
        store, reports = self.store, self._reports
        found = [
            one for status in OPEN for one in self.executions(Query(status=status, limit=MOST))
        ]
        due = store.due(MOST) if isinstance(store, Due) else []
        standing = Standing(store.now(), reports.oldest(MOST), reports.workers(), found, due)
        return stalled(standing, than)

    def health(self, *, than: timedelta = LONG, deep: bool = False) -> list[Finding]:
        """Return what there is to say of the store, and of who looks after it. ``deep`` reads all that is kept."""
        store = self.store
        found = store.examine(deep=deep) if isinstance(store, Examines) else []
        facts = health.Facts(
            store.now(),
            utc_now(),
            self.workers(),
            self.depths(),
            store.noted(SWEEP) if isinstance(store, Notes) else None,
            sum(len(self.executions(Query(status=status, limit=MOST))) for status in OPEN),
            self.stalled(than),
            store.limits,
        )
        return [*found, *health.findings(facts)]

    def failures(self, query: Query, wanted: Wanted = ANY_FAILED) -> list[FailedStep]:
        """Return the steps that have failed in the executions that fit, newest executions first."""
        if wanted.since is not None:
            # It has changed since the step failed, or then.
            query = query._replace(since=max(filter(None, (query.since, wanted.since))))
        return [
            failed
            for record in self.records(query)
            for failed in failed_steps(record)
            if wanted.fits(failed)
        ]

    def records(self, query: Query) -> Iterator[WorkflowRecord]:
        """Yield the records of the executions that fit. One that cannot be read here is told of and left out."""
        for summary in self.executions(query):
            try:
                yield self.load(summary.execution_id)
            except StoreUnavailable:
                raise
            except RunfoxError as error:
                logger.warning("left out: %s", error)

    @property
    def _reports(self) -> Reports:
        queue = self.route.queue
        if queue is None or not isinstance(queue.ledger, Reports):
            raise RequestError(
                f"{type(self.store).__name__} has no queue that reports how it stands"
            )
        return queue.ledger
