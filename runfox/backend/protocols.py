"""What a store and a runner are asked for: small protocols, and what is optional is a protocol of its own.

Read this to write a store or a runner for a technology of your own. ``runfox.testing`` has the contract
classes that check every sentence here; subclass one, give one fixture, and run pytest.

Ids. An execution is known by its ``execution_id`` (``[A-Za-z0-9][A-Za-z0-9._-]{0,127}``), unique in a store.
A run of a step is ``(execution_id, step, run_id)``. Texts are JSON in ASCII: keep them as they are.
Moments are aware UTC datetimes in whole milliseconds. All of it is safe for use from many threads.

Errors. ``RevisionConflict`` means that nothing was written. ``StoreUnavailable`` means that the write may or
may not have happened: runfox repeats it with the same token. A driver's own errors never get out.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

from runfox.graph import Fact, WorkflowRecord
from runfox.results import DispatchJob
from runfox.status import WorkflowStatus
from runfox.values import Json

Executor: TypeAlias = Callable[..., object]
"""``(fn, inputs) -> dict``. May be async, may be a generator (each dict it yields is progress), may take a
third argument, the job's ``JobContext``."""

Clock: TypeAlias = Callable[[], datetime]


class Limits(NamedTuple):
    """The most that a store takes, in bytes of JSON. Checked before anything is written."""

    max_inputs: int = 256_000


DEFAULT_LIMITS = Limits()


class Definition(NamedTuple):
    """A workflow as it was written, kept once per content: ``workflow_id`` is a hash of ``text``."""

    workflow_id: str
    name: str
    version: str | None
    text: str


class Taker(NamedTuple):
    """A worker that takes jobs. ``worker`` is random per process; one lease covers all that it holds.

    ``lease`` None: it holds them for as long as its process lives. ``places`` is how many jobs of a commit
    it takes at once; the others are queued.
    """

    worker: str
    lease: timedelta | None
    places: int = 1_000_000


class Commit(NamedTuple):
    """The facts of one decision, and all that becomes true with them, or not at all.

    A store that keeps history appends ``facts`` (``codec.facts_text``) under ``revision``. One that does not
    saves ``record`` (``codec.record_text``). What must stay searchable is in ``codec.header(commit)``.

    Attributes:
        revision: The revision that this commit makes: the stored one plus 1, and 1 for a new execution.
        token: Unique per decision; kept with the header. The same commit again, after an answer was lost,
            has the same token: it was written, so say so.
        at: The moment of the decision, for all of its facts.
        jobs: Runs that begin to exist. Queue them, or give them to ``taker`` if there is one.
        closed: Runs, as (step, run_id), that no worker should be given any longer.
        consumed: The place in the inbox up to which messages were used, or None. They may be deleted.
        fences: Deliveries, as (step, run_id, delivery), whose failure was used. If a job is by now in
            another delivery, raise ``StaleDelivery`` and write nothing.
    """

    execution_id: str
    revision: int
    token: str
    record: WorkflowRecord
    facts: tuple[Fact, ...]
    at: datetime
    jobs: tuple[DispatchJob, ...] = ()
    closed: tuple[tuple[str, int], ...] = ()
    taker: Taker | None = None
    consumed: int | None = None
    fences: tuple[tuple[str, int, int], ...] = ()


class Row(NamedTuple):
    """The facts of one commit, as they were stored."""

    revision: int
    at: datetime
    facts: str


class Loaded(NamedTuple):
    """What a store has of an execution.

    A store that keeps objects gives ``record``. Any other gives ``snapshot``, the text of a record if it has
    one, and ``tail``, the rows of facts after it. Both empty: nothing is newer than what was known.
    """

    workflow_id: str
    revision: int
    record: WorkflowRecord | None = None
    snapshot: str | None = None
    tail: Sequence[Row] = ()


class Message(NamedTuple):
    """Something said to an execution from outside: the result of a run, and later signals and cancels.

    ``key`` is unique within the execution: the same message put again is the same message. ``place`` is given
    by the inbox and grows; it is 0 before.
    """

    execution_id: str
    key: str
    kind: str
    body: Json
    place: int = 0


class Summary(NamedTuple):
    """One line of a listing."""

    execution_id: str
    workflow_id: str
    name: str
    status: WorkflowStatus
    revision: int
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    error_type: str | None
    labels: dict[str, str]


class Store(Protocol):
    """Keeps executions, and decides nothing.

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
        ``ExecutionNotFound`` if it was never created, ``StaleDelivery`` as ``commit.fences`` says.
        """

    def definition(self, workflow_id: str) -> Definition:
        """Return a definition that an execution here was created with. Raises ``DefinitionNotFound``."""


@runtime_checkable
class Inbox(Protocol):
    """A store that takes messages for executions."""

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
class Lists(Protocol):
    """A store whose executions can be found."""

    def executions(
        self,
        *,
        status: WorkflowStatus | None = None,
        name: str | None = None,
        prefix: str = "",
        limit: int = 100,
    ) -> list[Summary]:
        """Return executions, newest first, of that status and workflow name, whose id begins with ``prefix``."""


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


class Runner(Protocol):
    """The producer's side of a queue. ``dispatch`` alone makes a runner: the rest is for others to implement."""

    def dispatch(self, workflow_execution_id: str, jobs: Sequence[DispatchJob]) -> None:
        """Put jobs where workers find them. A job that is there already changes nothing.

        It is known by (execution, step, run_id), and may be sent again after a crash.
        """


class Ask(NamedTuple):
    """What a worker asks for: up to ``limit`` jobs, of one execution or of any."""

    taker: Taker
    limit: int = 1
    execution_id: str | None = None


@runtime_checkable
class Ledger(Protocol):
    """The jobs that exist, as their keeper sees them."""

    def queue(self, jobs: Sequence[DispatchJob]) -> None:
        """Add jobs. One that is known, by (execution, step, run_id), changes nothing."""

    def forget(self, workflow_execution_id: str, runs: Sequence[tuple[str, int]]) -> None:
        """Drop runs, as (step, run_id), that nobody wants any longer, queued or taken."""

    def newest(self, workflow_execution_id: str, step: str) -> int | None:
        """Return the newest run of a step that is queued or taken, or None."""


@runtime_checkable
class JobSource(Protocol):
    """The worker's side of a queue, with leases.

    A worker has one lease for all that it holds, kept alive by ``beat``. A job whose worker let its lease run
    out, or is certainly dead, goes back to the queue and may be taken by another: an executor can be called
    more than once for the same run.

    ``leased`` is False where no other process can take jobs, so that a worker here needs no heartbeat.
    """

    leased: bool

    def take(self, ask: Ask) -> list[DispatchJob]:
        """Claim queued jobs, oldest first, at once; empty when there are none. ``delivery`` counts the claims.

        It renews the worker's lease. What the worker holds itself is not given to it again.

        A job that was delivered ``MAX_DELIVERIES`` times is not given out again: its run fails as
        ``LeaseLost``, through the inbox.
        """

    def beat(self, taker: Taker) -> frozenset[tuple[str, str, int]]:
        """Renew the lease. Returns what the worker still holds, as (workflow_execution_id, step, run_id).

        A run that it works on and that is missing was withdrawn, or taken over.
        """

    def release(self, taker: Taker, jobs: Sequence[DispatchJob]) -> None:
        """Give claimed jobs back unexecuted. The claim does not count as a delivery."""

    def gone(self, worker: str) -> bool:
        """Return whether that worker is certainly dead. False when nobody can tell."""

    def pending(self, execution_id: str | None = None) -> list[DispatchJob]:
        """Return the jobs that are queued and not taken, oldest first."""


MAX_DELIVERIES = 5
"""A job that has cost that many workers their life, or their lease, is given to no other."""
