"""Looking at executions: one, many, as they were, and until they end."""

from collections.abc import Sequence
from datetime import timedelta
from time import monotonic, sleep

from runfox import graph
from runfox.backend import codec, records
from runfox.backend.catalog import Catalog
from runfox.backend.explaining import explained
from runfox.backend.protocols import (
    ANY,
    Histories,
    Lists,
    Query,
    Row,
    Store,
    Summary,
    Wakes,
)
from runfox.backend.routes import Route
from runfox.errors import RequestError
from runfox.graph import WorkflowRecord
from runfox.results import Ended

LOOK = 1.0
"""Seconds after which whoever waits looks again by itself."""

POLL = 0.05
"""Seconds between two looks at a store that cannot tell when something has changed."""


class Reading:
    """What a backend tells of executions."""

    store: Store
    route: Route
    catalog: Catalog

    def load(self, key: str) -> WorkflowRecord:
        """Return the newest record of an execution, by its long or short id. Raises ``ExecutionNotFound``."""
        return self.catalog.fresh_by_key(key)

    def executions(self, query: Query = ANY) -> list[Summary]:
        """Return what executions there are, newest first."""
        if not isinstance(self.store, Lists):
            raise RequestError(f"{type(self.store).__name__} cannot list its executions")
        return self.store.executions(query)

    def history(self, key: str, *, after: int = 0) -> list[Row]:
        """Return the facts of each commit beyond revision ``after``; ``codec.facts`` reads a row."""
        if not isinstance(self.store, Histories):
            raise RequestError(f"{type(self.store).__name__} keeps no history")
        return self.store.history(self.load(key).execution_id, after=after)

    def record_at(self, key: str, revision: int) -> WorkflowRecord:
        """Return the record as it was at a revision. Raises ``RequestError`` if there was none such."""
        now = self.load(key)
        if not 1 <= revision <= now.revision:
            raise RequestError(f"no revision {revision}: there are 1 to {now.revision}")
        rows = [row for row in self.history(key) if row.revision <= revision]
        told = [fact for row in rows for fact in codec.facts(row)]
        return records.folded(told, now.execution_id, now.origin.plan, revision=revision)

    def explain(self, key: str) -> dict[str, str]:
        """Return, for each step that has not ended, why it is not running, or who is at it until when.

        What holds the whole execution up stands under "". Empty when it is over.
        """
        return explained(self.load(key), self.store, self.route.queue)

    def wait(
        self, keys: Sequence[str], *, any: bool = False, timeout: timedelta | None = None
    ) -> dict[str, Ended]:
        """Wait until all executions, or ``any`` of them, have ended, and return how those did that have.

        Nothing is driven: workers and drivers elsewhere bring them to their end. After ``timeout`` it returns
        what there is.
        """
        until = None if timeout is None else monotonic() + timeout.total_seconds()
        over: dict[str, Ended] = {}
        while True:
            for key in keys:
                record = self.load(key)
                if record.status.ended:
                    over[key] = graph.ended(record)
            if len(over) == len(keys) or (any and over):
                return over
            left = LOOK if until is None else min(LOOK, until - monotonic())
            if left <= 0:
                return over
            if isinstance(self.store, Wakes):
                self.store.wait(left)
            else:
                sleep(min(POLL, left))
