"""What a store and a runner are asked for: small protocols, and what is optional is a protocol of its own.

Read this, ``jobs`` for the queue's side, and ``shapes``, to write a store or a runner of your own.
``runfox.testing`` has the contract classes that check every sentence here; subclass one, give one fixture,
and run pytest.

Ids. An execution is known by its ``execution_id`` (``[A-Za-z0-9][A-Za-z0-9._-]{0,127}``), unique in a store.
A run of a step is ``(execution_id, step, run_id)``. Texts are JSON in ASCII: keep them as they are.
Moments are aware UTC datetimes in whole milliseconds. All of it is safe for use from many threads.

Errors. ``RevisionConflict`` means that nothing was written. ``StoreUnavailable`` means that the write may or
may not have happened: runfox repeats it with the same token. A driver's own errors never get out.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeAlias, runtime_checkable

from runfox.backend.jobs import Hints, JobSource, Leases, Ledger, Reports, Runner
from runfox.backend.shapes import (
    ANY,
    DEFAULT_LIMITS,
    MAX_DELIVERIES,
    NO_LABELS,
    Ask,
    CacheEntry,
    Commit,
    Definition,
    DefinitionRow,
    Depth,
    Finding,
    Hint,
    JobRow,
    Lease,
    Limits,
    Loaded,
    Message,
    Query,
    Row,
    Start,
    Summary,
    Taker,
    WorkerRow,
)
from runfox.errors import ExecutionNotFound, RevisionConflict, SlotsFull, StaleDelivery
from runfox.graph import Claim, Full
from runfox.results import DispatchJob
from runfox.values import Json

__all__ = [
    "ANY",
    "DEFAULT_LIMITS",
    "MAX_DELIVERIES",
    "NO_LABELS",
    "REFUSALS",
    "Ask",
    "CacheEntry",
    "Caches",
    "Claim",
    "Clock",
    "Commit",
    "Compacts",
    "Definition",
    "DefinitionRow",
    "Definitions",
    "Depth",
    "Due",
    "Examines",
    "Executor",
    "Finding",
    "Fired",
    "Full",
    "Groups",
    "Hint",
    "Hints",
    "Histories",
    "Inbox",
    "JobRow",
    "JobSource",
    "KeepsJobs",
    "Lease",
    "Leases",
    "Ledger",
    "Limits",
    "Lists",
    "Loaded",
    "Message",
    "Notes",
    "Prunes",
    "Query",
    "Refusal",
    "Reports",
    "Row",
    "Runner",
    "Slots",
    "Start",
    "Store",
    "Summary",
    "Taker",
    "Verdict",
    "Wakes",
    "WorkerRow",
]

Executor: TypeAlias = Callable[..., object]
"""``(fn, inputs) -> dict``. May be async, may be a generator (each dict it yields is progress), may take a
third argument, the job's ``JobContext``."""

Clock: TypeAlias = Callable[[], datetime]


class Store(Protocol):
    """Keeps executions, and decides nothing. What its commits tell to inboxes, it takes as an ``Inbox`` too.

    ``database`` names what a transaction can span, such as ``sqlite:/srv/a.db``. A runner of the same
    database sees the jobs of a commit in the commit; None never equals.
    """

    limits: Limits
    database: str | None

    def now(self) -> datetime:
        """Return the store's time. Leases and timers are judged by it."""

    def create(self, commit: Commit, definition: Definition) -> bool:
        """Keep a new execution, and its definition if that is new. ``commit.revision`` is 1.

        Returns False, having written nothing, not even the definition, if the id is taken: the caller
        compares, and answers.
        """

    def load(self, execution_id: str, *, known: int = 0) -> Loaded:
        """Return what is newer than revision ``known``. Raises ``ExecutionNotFound``.

        With ``known`` 0 it is everything. Reads one consistent state, without locking writers out.
        """

    def commit(self, commit: Commit) -> bool:
        """Make all of a commit durable in one atomic step, or none of it.

        Returns whether messages wait in the inbox. Raises ``RevisionConflict`` unless the stored revision is
        ``commit.revision - 1``; a stored revision and token equal to the commit's own are a success. Raises
        ``ExecutionNotFound`` if it was never created, ``StaleDelivery`` as ``commit.fences`` says,
        ``SlotsFull`` as ``commit.claims`` says.
        """

    def definition(self, workflow_id: str) -> Definition:
        """Return a definition that is kept here. Raises ``DefinitionNotFound``."""


Refusal: TypeAlias = RevisionConflict | StaleDelivery | SlotsFull | ExecutionNotFound
"""Why ``Store.commit`` has written nothing."""

REFUSALS = (RevisionConflict, StaleDelivery, SlotsFull, ExecutionNotFound)

Verdict: TypeAlias = bool | Refusal
"""What became of a commit: what ``Store.commit`` returned, or raised."""


@runtime_checkable
class Groups(Protocol):
    """A store that makes many commits in one durable write, which costs little more than one."""

    def commit_all(
        self, commits: Sequence[Commit], ask: Ask | None = None
    ) -> tuple[list[Verdict], list[DispatchJob]]:
        """Make commits of different executions in their order, each all or nothing by itself; then take jobs.

        Returns what ``commit`` would say to each, and what ``JobSource.take`` would give for ``ask``, though it
        need not look for jobs that come back from others. Raises ``StoreUnavailable`` alone; then each of the
        commits may have been made or not, and jobs may have been taken that nobody hears of.
        """


@runtime_checkable
class Inbox(Protocol):
    """Takes messages for executions, as every store does."""

    def put(self, message: Message) -> bool:
        """Keep a message unless one of its key waits already; return whether it was new.

        Raises ``ExecutionNotFound``. When this returns, the message is durable.
        """

    def read(self, execution_id: str, limit: int) -> list[Message]:
        """Return the oldest messages that no commit has consumed, in the order of ``place``."""

    def forget(self, execution_id: str, place: int) -> None:
        """Delete the messages up to a place: they were used, or changed nothing."""


@runtime_checkable
class Due(Protocol):
    """A store that finds what has to be looked at."""

    def due(self, limit: int) -> list[str]:
        """Return ids of executions that have messages, or whose wake time has come by the store's clock.

        Several callers may be told of the same one: the compare-and-set of the commit makes that harmless.
        """


@runtime_checkable
class Slots(Protocol):
    """A store that honours ``claims``, ``waits`` and ``freed`` of commits: limits hold over all executions.

    A slot is held by (execution, step, run_id), and taken or freed in the transaction of a commit; claiming
    again what one holds changes nothing. A claim counts the holders of its key, and the slots given within
    ``per`` before ``commit.at``, whether still held or not, against its own ``max`` and ``count``. The claims of
    a commit count one after the other. A commit that ends its execution frees all that it holds and waits for.

    A wait is kept until it is claimed or freed; waiting again keeps the place. The oldest waiter of a key, but
    none of a paused execution, is told by a message of kind "slot", whose body is ``{"key": key}``, of each slot
    that is freed, and the next one where the one before leaves or is paused. One who begins to wait, or waits
    again, while a slot is free is told of that at once. Being told is not having: others may be faster, so who
    was told claims, and if that fails waits again. Whoever resumes claims or waits again.
    """

    def holders(self, key: str, limit: int = 100) -> list[tuple[str, str, int]]:
        """Return who holds slots of a key, as (execution_id, step, run_id), those first that hold it longest."""


@runtime_checkable
class Caches(Protocol):
    """A store that remembers outputs beyond the executions that made them: ``Commit.cached``."""

    def recall(self, workflow_id: str, step: str, key: str) -> dict[str, Json] | None:
        """Return what is remembered for a key, or None; nothing that is past its time by the store's clock."""


@runtime_checkable
class Definitions(Protocol):
    """A store in which workflows can be kept before anybody runs them, and found by name.

    Of one name at most one definition is active, and none is until ``activate``. Definitions that executions
    were created with are kept, and found, too.
    """

    def keep_definition(self, definition: Definition) -> bool:
        """Keep a definition; return whether it was new."""

    def definitions(self, name: str | None = None) -> list[DefinitionRow]:
        """Return what is kept, of a name or of all, newest first."""

    def activate(self, workflow_id: str) -> None:
        """Make a definition the active one of its name. Raises ``DefinitionNotFound``."""

    def active(self, name: str | None = None) -> list[Definition]:
        """Return the active definitions, by name."""

    def find(self, name: str, version: str | None = None) -> Definition | None:
        """Return the newest of a version; without that the active one; else the newest of the name."""


@runtime_checkable
class Fired(Protocol):
    """A store that remembers what schedules fired last, for any number of schedulers."""

    def fired(self, schedule: str) -> datetime | None:
        """Return the moment that a schedule was last fired for."""

    def fire(self, schedule: str, before: datetime | None, now: datetime) -> bool:
        """Set it to ``now`` if it is still ``before``, and return whether it was: of several, one succeeds."""


@runtime_checkable
class Lists(Protocol):
    """A store whose executions can be found."""

    def executions(self, query: Query = ANY) -> list[Summary]:
        """Return the executions that fit, newest first, ``query.limit`` at most."""


@runtime_checkable
class Histories(Protocol):
    """A store that keeps every commit's facts."""

    def history(self, execution_id: str, *, after: int = 0) -> list[Row]:
        """Return the facts of all revisions beyond ``after``, in order. Raises ``ExecutionNotFound``."""


@runtime_checkable
class Wakes(Protocol):
    """Something that can tell when another process has written."""

    def wait(self, timeout: float) -> None:
        """Return when something may have changed since the last call, after ``timeout`` seconds at most."""


@runtime_checkable
class KeepsJobs(Protocol):
    """A store that keeps jobs, in the transaction of the commit that makes them: its claims are the truth.

    ``ledger`` implements ``Ledger`` and ``JobSource``.
    """

    @property
    def ledger(self) -> Any: ...


@runtime_checkable
class Notes(Protocol):
    """A store that remembers when something was done last, whoever did it."""

    def note(self, name: str) -> None:
        """Remember that it was done now, by the store's clock."""

    def noted(self, name: str) -> datetime | None:
        """Return when it was done last."""


@runtime_checkable
class Prunes(Protocol):
    """A store that can forget executions."""

    def prune(self, before: datetime, limit: int = 100) -> list[str]:
        """Delete executions that ended before a moment, with all that is kept of them; return their ids.

        Executions that called each other go together, when all of them have ended before, callers last. At most
        ``limit`` such families go, each in one transaction: stopped in the middle, call it again. Definitions
        stay. An id that is free again may be used again, and begins at revision 1.
        """


@runtime_checkable
class Compacts(Protocol):
    """A store whose files do not shrink by themselves when something is forgotten."""

    def compact(self) -> None:
        """Give the space back. Costs a copy of the whole, and keeps writers out meanwhile."""


@runtime_checkable
class Examines(Protocol):
    """A store that can tell of its own health."""

    def examine(self, *, deep: bool = False) -> list[Finding]:
        """Look at all that operators can do something about. ``deep`` reads everything that is kept."""
