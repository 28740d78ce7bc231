"""Load, decide, one atomic commit, then the messages: the loop around the pure core. No rule lives here."""

from collections.abc import Callable, Iterable
from itertools import count
from os import urandom
from time import sleep
from typing import NamedTuple, TypeAlias

from runfox.backend.catalog import Catalog
from runfox.backend.children import NO_BIRTHS, Births, births_of
from runfox.backend.ids import WorkerName
from runfox.backend.mail import Letter, Mail
from runfox.backend.observe import Observer, tell
from runfox.backend.outbox import cached, outgoing
from runfox.backend.protocols import Caches, Commit, Store, Taker
from runfox.backend.routes import Route
from runfox.errors import RevisionConflict, SlotsFull, StaleDelivery, StoreUnavailable
from runfox.graph import (
    NOTHING_KNOWN,
    NOWHERE,
    Event,
    Outside,
    Question,
    StepResult,
    Transition,
    WorkflowRecord,
)
from runfox.results import Dispatch

MAX_CONFLICTS = 1_000
"""How often one decision is made again because another process was faster."""
MAX_UNAVAILABLE = 3

Decide: TypeAlias = Callable[[WorkflowRecord, list[Event], Outside], Transition]


class Decided(NamedTuple):
    """A decision that was committed, and the executions that it concerns, by their ids: ``begun`` with it, and
    ``woken`` by messages."""

    transition: Transition
    begun: tuple[str, ...] = ()
    woken: tuple[str, ...] = ()


class Decider:
    """Makes decisions durable, whoever else does so at the same time."""

    def __init__(self, store: Store, route: Route) -> None:
        self.store = store
        self.route = route
        self.catalog = Catalog(store)
        self.mail = Mail(store, route)
        self.observers: list[Observer] = []
        self._name = WorkerName()
        self._tokens = count()

    @property
    def name(self) -> str:
        """What this process is called as a worker."""
        return str(self._name)

    def token(self) -> str:
        """Return a name for a commit that no other has."""
        return f"{self.name}-{next(self._tokens)}"

    def decide(
        self,
        execution_id: str,
        decide: Decide,
        mine: Iterable[Event] = (),
        *,
        taker: Taker | None = None,
        mail: bool = True,
        fresh: bool = True,
    ) -> Decided:
        """Decide until a commit fits. What is decided from a record that was not asked for again is only
        believed if there is something to write: then the compare-and-set says whether it was the newest.
        """
        own = list(mine)
        stale: set[tuple[str, int, int]] = set()
        outside = NOTHING_KNOWN
        for trial in range(MAX_CONFLICTS):
            record = self.catalog.fresh(execution_id) if fresh else self.catalog.known(execution_id)
            letters = self.mail.read(execution_id, look=fresh) if mail else []
            told = [*[letter.event for letter in letters], *own] if letters else own
            if stale:
                told = [one for one in told if not _failure(one) or _run(one) not in stale]
            transition = decide(record, told, outside)
            asked = transition.elsewhere.questions
            if asked:
                outside = self._answered(record, outside, asked)
                continue
            if not transition.facts and not fresh:
                fresh = True
                continue
            try:
                if not transition.elsewhere.starts:
                    return self._write(record, transition, letters, told, taker, NO_BIRTHS)
                births = births_of(
                    self.catalog,
                    self.store,
                    record,
                    transition,
                    taker,
                    self.token,
                    self.route.hold,
                )
                if not births.refused:
                    return self._write(record, transition, letters, told, taker, births)
                outside = outside._replace(refused={**outside.refused, **births.refused})
            except RevisionConflict:
                fresh = True
                if trial:
                    sleep(urandom(1)[0] / 255 * min(0.05, 0.001 * trial))  # apart from the others
            except StaleDelivery as refused:
                stale.update(refused.runs)
            except SlotsFull as full:
                outside = outside._replace(full={**outside.full, **full.full})
        raise StoreUnavailable(
            f"execution {execution_id!r} was moved on by others {MAX_CONFLICTS} times in a row; try again"
        )

    def _answered(
        self, record: WorkflowRecord, outside: Outside, asked: Iterable[Question]
    ) -> Outside:
        """Return what is known of the world with answers to questions."""
        answers = dict(outside.answers)
        for question in asked:
            if question.step == "":
                found = self.catalog.find(question.key)
                answers[question] = None if found is None else found.workflow_id
            elif isinstance(self.store, Caches):
                answers[question] = self.store.recall(
                    record.workflow_id, question.step, question.key
                )
            else:
                answers[question] = None
        return outside._replace(answers=answers)

    def _write(
        self,
        record: WorkflowRecord,
        transition: Transition,
        letters: list[Letter],
        told: list[Event],
        taker: Taker | None,
        births: Births,
    ) -> Decided:
        execution_id = record.execution_id
        if not transition.facts:
            if letters:
                self.mail.forget(execution_id, letters, kept=True)
                self.mail.forget(execution_id, letters, kept=False)
            return Decided(transition)
        after, elsewhere, token = transition.record, transition.elsewhere, self.token()
        messages = outgoing(record, transition, token)
        commit = Commit(
            execution_id,
            after.revision,
            token,
            after,
            transition.facts,
            transition.facts[0].at,
            transition.jobs,
            transition.closed,
            taker,
            self.mail.consumed(letters) if letters else None,
            _fences(told),
            self.route.hold,
        )
        if elsewhere is not NOWHERE or messages:
            commit = commit._replace(
                starts=births.starts,
                messages=messages,
                claims=elsewhere.claims,
                waits=elsewhere.blocked,
                freed=elsewhere.freed,
                cached=cached(record, elsewhere),
            )
        self.mail.expect(execution_id, waits=self._commit(commit))
        self.catalog.keep(after)
        if letters:
            self.mail.forget(execution_id, letters, kept=False)
        self.route.send([commit, *births.commits])
        if self.observers:
            tell(self.observers, record, transition)
        if not messages and births is NO_BIRTHS:
            return Decided(transition)
        woken = tuple([message.execution_id for message in messages])
        for other in woken:
            self.mail.expect(other, waits=True)
        return Decided(_with_jobs(transition, births), births.ids, woken)

    def _commit(self, commit: Commit) -> bool:
        """Commit; when no answer came, again with the same token, which tells whether it was written."""
        for trial in range(MAX_UNAVAILABLE):
            try:
                return self.store.commit(commit)
            except StoreUnavailable:
                if trial == MAX_UNAVAILABLE - 1:
                    raise
                sleep(0.05 * (trial + 1))
        raise AssertionError


def _with_jobs(transition: Transition, births: Births) -> Transition:
    """Return a transition whose decision has the jobs of the executions that began with it, too."""
    if not births.jobs or transition.record.status.ended:
        return transition
    jobs = [*transition.jobs, *(job for found in births.jobs.values() for job in found)]
    return transition._replace(decision=Dispatch(tuple(jobs)))


def _failure(event: Event) -> bool:
    return isinstance(event, StepResult) and event.error is not None


def _fences(told: list[Event]) -> tuple[tuple[str, int, int], ...]:
    return tuple(
        [_run(one) for one in told if type(one) is StepResult and one.error and one.delivery]
    )


def _run(result: Event) -> tuple[str, int, int]:
    assert isinstance(result, StepResult)
    return (result.step_id, result.run_id or 0, result.delivery or 0)
