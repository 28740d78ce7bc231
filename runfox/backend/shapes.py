"""What stores and queues are given, and what they give back: the values that ``protocols`` speaks of.

Moments are aware UTC datetimes in whole milliseconds. Texts are JSON in ASCII: keep them as they are.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias

from runfox.graph import Claim, Fact, WorkflowRecord
from runfox.results import DispatchJob
from runfox.status import WorkflowStatus
from runfox.values import Json

MAX_DELIVERIES = 5
"""A job that has cost that many workers their life, or their lease, is given to no other."""

NO_LABELS: Mapping[str, str] = MappingProxyType({})


class Limits(NamedTuple):
    """The most that a store takes, in bytes of JSON. Checked before anything is written.

    ``max_inputs`` is for the inputs of an execution, and for data of signals and verbs; ``max_facts`` for what the
    facts of one commit carry.
    """

    max_inputs: int = 256_000
    max_facts: int = 4_000_000


DEFAULT_LIMITS = Limits()


class Definition(NamedTuple):
    """A workflow as it was written, kept once per content: ``workflow_id`` is a hash of ``text``."""

    workflow_id: str
    name: str
    version: str | None
    text: str


class Start(NamedTuple):
    """An execution that begins to exist with the commit of another. ``commit.revision`` is 1."""

    commit: "Commit"
    definition: Definition


class CacheEntry(NamedTuple):
    """The output of a step that answers for a key until then; None: for good."""

    workflow_id: str
    step: str
    key: str
    output: dict[str, Json]
    until: datetime | None = None


class Taker(NamedTuple):
    """A worker that takes jobs. ``worker`` is random per process; one lease covers all that it holds.

    ``lease`` None: it holds them for as long as its process lives. ``places`` is how many jobs of a commit
    it takes at once: the first ones are its own, the others are queued. ``role`` is for people: "worker",
    "driver". ``queues`` are those that it serves, all if there are none; who makes a commit has heeded them.
    """

    worker: str
    lease: timedelta | None
    places: int = 1_000_000
    role: str = "worker"
    queues: tuple[str, ...] = ()


class Commit(NamedTuple):
    """The facts of one decision, and all that becomes true with them, or not at all.

    A store that keeps history appends ``facts`` (``codec.facts_text``) under ``revision``. One that does not
    saves ``record`` (``records.record_text``). What must stay searchable is in ``codec.header(commit)``.

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
        announced: The jobs that nobody takes here are announced to a queue elsewhere as soon as this is
            durable. Those that nobody has taken when so much time has passed are ``Ledger.unheard``. None: the
            jobs are found where they are kept, and are never unheard.
        starts: Executions that begin to exist. One whose id is taken is left alone.
        messages: For the inboxes of other executions, or its own, each put as ``Inbox.put`` would, after
            ``consumed``. One for an execution that is not there is dropped.
        claims: Slots to take, see ``Slots``. If one is not free, raise ``SlotsFull`` and write nothing.
        waits: Slots that the execution waits for, see ``Slots``.
        freed: Runs, as (step, run_id), whose slots and waits end, before ``claims`` are looked at.
        cached: Outputs to remember, see ``Caches``. They replace what was remembered for their keys.
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
    announced: timedelta | None = None
    starts: tuple[Start, ...] = ()
    messages: "tuple[Message, ...]" = ()
    claims: tuple[Claim, ...] = ()
    waits: tuple[Claim, ...] = ()
    freed: tuple[tuple[str, int], ...] = ()
    cached: tuple[CacheEntry, ...] = ()

    @property
    def alone(self) -> bool:
        """Whether nothing is written but the execution itself, its jobs and its inbox."""
        # Asked for at every commit: one look at the last six fields.
        return self[-6:] == _ALONE


_ALONE = ((),) * 6


class Row(NamedTuple):
    """The facts of one commit, as they were stored."""

    revision: int
    at: datetime
    facts: str


class Loaded(NamedTuple):
    """What a store has of an execution.

    A store that keeps objects gives ``record``. Any other gives ``snapshot``, the text of a record if it has
    one, and ``tail``, the rows of facts after it. Both empty: nothing is newer than what was known.
    ``min_engine`` is the column of that name: an engine that knows less leaves the execution alone.
    """

    workflow_id: str
    revision: int
    record: WorkflowRecord | None = None
    snapshot: str | None = None
    tail: Sequence[Row] = ()
    min_engine: int = 0


class Message(NamedTuple):
    """Something said to an execution from outside.

    ``kind`` is "result" (of a run), "signal", "cancel", "ended" (a child's report), "slot" (one that it waits
    for may be free) or "retry".

    ``key`` is unique within the execution: the same message put again is the same message. ``place`` is given
    by the inbox and grows; it is 0 before.
    """

    execution_id: str
    key: str
    kind: str
    body: Json
    place: int = 0


class Query(NamedTuple):
    """Which executions are looked for: those that all of this is true of.

    ``prefix`` is how the id begins. ``labels`` are among its own. ``parent`` is the execution that called it;
    with ``roots`` none did. ``since`` and ``before`` bound when it last changed, the first inclusive.
    """

    status: WorkflowStatus | None = None
    name: str | None = None
    prefix: str = ""
    labels: Mapping[str, str] = NO_LABELS
    parent: str | None = None
    roots: bool = False
    since: datetime | None = None
    before: datetime | None = None
    limit: int = 100


ANY = Query()
"""The newest executions, whatever they are."""


class Summary(NamedTuple):
    """One line of a listing. ``min_engine`` is as in ``Loaded``."""

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
    parent: str | None = None
    wake_at: datetime | None = None
    priority: int = 5
    min_engine: int = 0


class Lease(NamedTuple):
    """Who has a job, on which host, in which process, and until when unless it is renewed.

    ``host`` None: this process. ``until`` None: for as long as the worker lives. ``alive`` False: it is
    certainly dead.
    """

    step: str
    run_id: int
    worker: str
    host: str | None
    pid: int | None
    until: datetime | None
    alive: bool = True


class Hint(NamedTuple):
    """What a queue apart from the store carries: the key of a job, and nothing that has to be believed."""

    workflow_execution_id: str
    step: str
    run_id: int
    queue: str = ""
    priority: int = 5

    @property
    def run(self) -> tuple[str, str, int]:
        """The job that is hinted at, as ``Ask.runs`` has it."""
        return self[:3]


class WorkerRow(NamedTuple):
    """A worker that is entered with a queue, and how many jobs it has.

    ``until`` is when its lease ends; None: with its process. ``alive`` False: it is certainly dead.
    """

    worker: str
    role: str
    host: str | None
    pid: int | None
    until: datetime | None
    alive: bool
    jobs: int


class Depth(NamedTuple):
    """How many jobs of a queue are "queued", or "taken", and since when the oldest of them is there."""

    queue: str
    status: str
    jobs: int
    since: datetime


class JobRow(NamedTuple):
    """A job, and who has it. ``until`` and ``alive`` are its worker's, see ``WorkerRow``."""

    workflow_execution_id: str
    step: str
    run_id: int
    queue: str
    delivery: int
    queued_at: datetime
    worker: str | None = None
    until: datetime | None = None
    alive: bool = True


class DefinitionRow(NamedTuple):
    """A definition, since when it is kept, and whether it is the active one of its name."""

    definition: Definition
    created_at: datetime
    active: bool


Level: TypeAlias = Literal["ok", "warning", "problem"]


class Finding(NamedTuple):
    """What one look at the health of a store came to. ``way_out`` says what to do, where it is not "ok"."""

    level: Level
    check: str
    what: str
    way_out: str = ""


class Ask(NamedTuple):
    """What a worker asks for: up to ``limit`` jobs, of one execution or of any, of some queues or of any.

    With ``runs``, as (workflow_execution_id, step, run_id), it asks for these alone: a queue elsewhere has told
    of them. A job that was delivered ``max_deliveries`` times is given to nobody.
    """

    taker: Taker
    limit: int = 1
    execution_id: str | None = None
    queues: tuple[str, ...] = ()
    runs: tuple[tuple[str, str, int], ...] = ()
    max_deliveries: int = MAX_DELIVERIES
