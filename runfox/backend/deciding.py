"""Load, decide, one atomic commit, then the messages: the loop around the pure core. No rule lives here."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count
from os import urandom
from time import sleep
from typing import NamedTuple, TypeAlias, TypeVar

from runfox.backend import codec
from runfox.backend.catalog import Catalog
from runfox.backend.children import NO_BIRTHS, Births, births_of
from runfox.backend.ids import WorkerName
from runfox.backend.mail import Letter, Mail
from runfox.backend.observe import Observer, tell
from runfox.backend.outbox import cached, outgoing
from runfox.backend.protocols import (
    Ask,
    Caches,
    Commit,
    Groups,
    Histories,
    Store,
    Taker,
    Verdict,
)
from runfox.backend.routes import Route
from runfox.backend.weighing import Portion
from runfox.errors import RevisionConflict, RunfoxError, SlotsFull, StaleDelivery, StoreUnavailable
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
from runfox.results import Dispatch, DispatchJob

MAX_CONFLICTS = 1_000
"""How often one decision is made again because another process was faster."""
MAX_UNAVAILABLE = 3

Decide: TypeAlias = Callable[[WorkflowRecord, list[Event], Outside], Transition]

T = TypeVar("T")


class Wish(NamedTuple):
    """What somebody wants decided about an execution: ``decide``, of its record and what it is told.

    It is told of ``mine``, after what waits in the inbox, if it takes ``mail``. With ``fresh`` the store is asked
    for what is new first. ``taker`` gets the jobs that it makes, as far as there are places. ``once``: to decide
    it again after it was committed would be to do it twice.
    """

    execution_id: str
    decide: Decide
    mine: tuple[Event, ...] = ()
    taker: Taker | None = None
    mail: bool = True
    fresh: bool = True
    once: bool = False


class Decided(NamedTuple):
    """A decision that was committed, and the executions that it concerns, by their ids: ``begun`` with it, and
    ``woken`` by messages. ``taken`` are the jobs that its taker has now."""

    transition: Transition
    begun: tuple[str, ...] = ()
    woken: tuple[str, ...] = ()
    taken: tuple[DispatchJob, ...] = ()


class Decider:
    """Makes decisions durable, whoever else does so at the same time."""

    def __init__(self, store: Store, route: Route) -> None:
        self.store = store
        self.route = route
        self.catalog = Catalog(store)
        self.mail = Mail(store, route)
        self.observers: list[Observer] = []
        self.limit = store.limits.max_facts
        self._name = WorkerName()
        self._tokens = count()

    @property
    def name(self) -> str:
        """What this process is called as a worker."""
        return str(self._name)

    def token(self) -> str:
        """Return a name for a commit that no other has."""
        return f"{self.name}-{next(self._tokens)}"

    def decide(self, wish: Wish) -> Decided:
        """Decide until a commit fits."""
        return self._decide(_Attempt(wish, self.limit))

    def decide_all(
        self, wishes: Sequence[Wish], ask: Ask | None = None
    ) -> tuple[list[Decided | RunfoxError], list[DispatchJob]]:
        """Decide about several executions, in one write where the store can, and take jobs for a worker with it.

        ``ask`` is for as many jobs as there are places now: what the commits take is not asked for again.
        Returns for each wish what ``decide`` would return or raise. ``StoreUnavailable`` is raised for all.
        """
        store, kept = self.store, self.route.kept
        if kept and isinstance(store, Groups):
            return self._decide_together(store, wishes, ask)
        return self._decide_one_by_one(wishes, ask)

    def _decide_one_by_one(
        self, wishes: Sequence[Wish], ask: Ask | None
    ) -> tuple[list[Decided | RunfoxError], list[DispatchJob]]:
        found: list[Decided | RunfoxError] = []
        for wish in wishes:
            attempt = _Attempt(wish, self.limit, most=None if ask is None else ask.limit)
            decided = self._or_error(partial(self._decide, attempt))
            found.append(decided)
            if ask is not None and isinstance(decided, Decided):
                ask = ask._replace(limit=ask.limit - len(decided.taken))
        return found, self.route.take(ask) if ask is not None and ask.limit > 0 else []

    def _decide_together(
        self, store: Groups, wishes: Sequence[Wish], ask: Ask | None
    ) -> tuple[list[Decided | RunfoxError], list[DispatchJob]]:
        attempts: list[_Attempt] = []
        drafts: list[_Draft | RunfoxError] = []
        for wish in wishes:
            attempt = _Attempt(wish, self.limit, most=None if ask is None else ask.limit)
            draft = self._or_error(partial(self._draft, attempt))
            attempts.append(attempt)
            drafts.append(draft)
            if ask is not None and isinstance(draft, _Draft):
                ask = ask._replace(limit=ask.limit - len(draft.taken))
        if ask is not None:
            ask = self.route.asked(ask) if ask.limit > 0 else None
        commits = [draft.commit for draft in drafts if isinstance(draft, _Draft) and draft.commit]
        verdicts: list[Verdict] = []
        jobs: list[DispatchJob] = []
        if commits or ask is not None:
            verdicts, jobs = _answered_by(partial(store.commit_all, commits, ask))
        said = iter(verdicts)
        found = [
            self._or_error(partial(self._finish, attempt, draft, said))
            for attempt, draft in zip(attempts, drafts, strict=True)
        ]
        return found, jobs

    def _or_error(self, call: Callable[[], T]) -> T | RunfoxError:
        """Return what a call returns, or raises: one execution that cannot be read must not stop others."""
        try:
            return call()
        except StoreUnavailable:
            raise
        except RunfoxError as error:
            return error

    def _finish(
        self, attempt: "_Attempt", draft: "_Draft | RunfoxError", verdicts: Iterator[Verdict]
    ) -> Decided:
        """Do what follows from a draft that was committed with others; decide again if it was refused."""
        if isinstance(draft, RunfoxError):
            raise draft
        if draft.commit is None:
            return self._written(draft, waits=False)
        verdict = next(verdicts)
        if isinstance(verdict, bool):
            return self._written(draft, waits=verdict)
        attempt.learn(verdict)
        return self._decide(attempt)

    def _decide(self, attempt: "_Attempt") -> Decided:
        for _ in range(MAX_CONFLICTS):
            draft = self._draft(attempt)
            if draft.commit is None:
                return self._written(draft, waits=False)
            try:
                waits = _answered_by(partial(self._commit_of, attempt.wish, draft.commit, count()))
            except (RevisionConflict, StaleDelivery, SlotsFull) as refusal:
                attempt.learn(refusal)
            else:
                return self._written(draft, waits=waits)
        raise StoreUnavailable(
            f"execution {attempt.wish.execution_id!r} was moved on by others {MAX_CONFLICTS} times in a row;"
            " try again"
        )

    def _commit_of(self, wish: Wish, commit: Commit, trials: Iterator[int]) -> bool:
        """Commit, and return whether messages wait.

        When the answer to an earlier trial was lost, and others have been faster since, the token does not tell
        any more whether it was written. What has to be done once is looked for in the history then.
        """
        again = next(trials) > 0
        try:
            return self.store.commit(commit)
        except RevisionConflict:
            if again and wish.once and self._has(commit):
                return True
            raise

    def _has(self, commit: Commit) -> bool:
        """Return whether the history has the facts of a commit where it would have put them."""
        if not isinstance(self.store, Histories):
            return False
        rows = self.store.history(commit.execution_id, after=commit.revision - 1)
        return bool(rows) and rows[0].facts == codec.facts_text(commit.facts)

    def _draft(self, attempt: "_Attempt") -> "_Draft":
        """Decide on what is known now, and return what is to be written, if anything is.

        What is decided from a record that was not asked for again is only believed if there is something to
        write: then the compare-and-set says whether it was the newest.
        """
        wish = attempt.wish
        while True:
            record = self._record(attempt)
            letters = self._letters(attempt)
            told = attempt.told(letters)
            transition = wish.decide(record, told, attempt.outside)
            asked = transition.elsewhere.questions
            if asked:
                attempt.outside = self._answered(record, attempt.outside, asked)
            elif transition.facts:
                births = None
                if attempt.fits(transition, letters, told):
                    births = self._births(record, transition, attempt)
                if births is not None:
                    commit = self._commit(record, transition, letters, told, attempt, births)
                    return _Draft(record, transition, letters, births, commit)
            elif attempt.fresh:
                return _Draft(record, transition, letters)
            else:
                attempt.fresh = True

    def _letters(self, attempt: "_Attempt") -> list[Letter]:
        wish = attempt.wish
        if not wish.mail:
            return []
        return attempt.portion.of(self.mail.read(wish.execution_id, look=attempt.fresh))

    def _record(self, attempt: "_Attempt") -> WorkflowRecord:
        catalog, execution_id = self.catalog, attempt.wish.execution_id
        return catalog.fresh(execution_id) if attempt.fresh else catalog.known(execution_id)

    def _births(
        self, record: WorkflowRecord, transition: Transition, attempt: "_Attempt"
    ) -> Births | None:
        """Return what begins with a transition; None if some of it cannot, which the next decision knows."""
        if not transition.elsewhere.starts:
            return NO_BIRTHS
        births = births_of(
            self.catalog,
            self.store,
            record,
            transition,
            attempt.taker,
            self.token,
            self.route.hold,
        )
        if not births.refused:
            return births
        outside = attempt.outside
        attempt.outside = outside._replace(refused={**outside.refused, **births.refused})
        return None

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

    def _commit(
        self,
        record: WorkflowRecord,
        transition: Transition,
        letters: list[Letter],
        told: list[Event],
        attempt: "_Attempt",
        births: Births,
    ) -> Commit:
        """Return what is to be written."""
        after, elsewhere, token = transition.record, transition.elsewhere, self.token()
        messages = outgoing(record, transition, token)
        if not after.status.ended:
            messages += attempt.portion.left(record.execution_id, attempt.wish.mine, token)
        commit = Commit(
            record.execution_id,
            after.revision,
            token,
            after,
            transition.facts,
            transition.facts[0].at,
            transition.jobs,
            transition.closed,
            attempt.taker,
            self.mail.consumed(letters) if letters else None,
            _fences(told),
            self.route.hold,
        )
        if elsewhere is NOWHERE and not messages:
            return commit
        return commit._replace(
            starts=births.starts,
            messages=messages,
            claims=elsewhere.claims,
            waits=elsewhere.blocked,
            freed=elsewhere.freed,
            cached=cached(record, elsewhere),
        )

    def _written(self, draft: "_Draft", *, waits: bool) -> Decided:
        """Do what follows now that a draft is durable, or nothing had to be. ``waits``: messages wait still."""
        record, transition, letters, births, commit = draft
        execution_id = record.execution_id
        if commit is None:
            if letters:
                self.mail.forget(execution_id, letters, kept=True)
                self.mail.forget(execution_id, letters, kept=False)
            return Decided(transition)
        self.mail.expect(execution_id, waits=waits)
        self.catalog.keep(transition.record)
        if letters:
            self.mail.forget(execution_id, letters, kept=False)
        self.route.send([commit, *births.commits])
        if self.observers:
            tell(self.observers, record, transition)
        if not commit.messages and births is NO_BIRTHS:
            return Decided(transition, taken=draft.taken)
        woken = tuple([message.execution_id for message in commit.messages])
        for other in woken:
            self.mail.expect(other, waits=True)
        return Decided(_with_jobs(transition, births), births.ids, woken, draft.taken)


class _Draft(NamedTuple):
    """A decision, and what is to be written of it, if anything is."""

    record: WorkflowRecord
    transition: Transition
    letters: list[Letter]
    births: Births = NO_BIRTHS
    commit: Commit | None = None

    @property
    def taken(self) -> tuple[DispatchJob, ...]:
        """The jobs that are the taker's with the commit, in their order."""
        commit = self.commit
        if commit is None or commit.taker is None:
            return ()
        mine = commit.jobs[: commit.taker.places]
        for one in self.births.commits:
            if one.taker is not None:
                mine += one.jobs[: one.taker.places]
        return mine


class _Attempt:
    """A wish on its way to a commit, and what refusals have taught so far."""

    __slots__ = ("fresh", "outside", "portion", "stale", "taker", "trials", "wish")

    def __init__(self, wish: Wish, limit: int, *, most: int | None = None) -> None:
        """``most`` bounds the jobs that the commit takes."""
        self.wish = wish
        self.taker = wish.taker
        if most is not None and self.taker is not None:
            self.taker = self.taker._replace(places=min(self.taker.places, most))
        self.fresh = wish.fresh
        self.stale: set[tuple[str, int, int]] = set()
        self.outside = NOTHING_KNOWN
        self.portion = Portion(limit)
        self.trials = 0

    def told(self, letters: list[Letter]) -> list[Event]:
        """Return what is to be decided about."""
        told = self.portion.told(letters, self.wish.mine)
        if self.stale:
            told = [one for one in told if not _failure(one) or _run(one) not in self.stale]
        return told

    def fits(self, transition: Transition, letters: list[Letter], told: list[Event]) -> bool:
        """Return whether a transition is one commit; if not, less will be taken on. Raises ``TooLarge``."""
        smaller = self.portion.smaller(transition, letters, told, self.outside)
        self.outside = self.outside if smaller is None else smaller
        return smaller is None

    def learn(self, refusal: RunfoxError) -> None:
        """Note why a commit was refused, so that the next decision is another; raise what no other would mend."""
        match refusal:
            case RevisionConflict():
                self.fresh = True
                if self.trials:  # apart from the others
                    sleep(urandom(1)[0] / 255 * min(0.05, 0.001 * self.trials))
            case StaleDelivery(runs=runs):
                self.stale.update(runs)
            case SlotsFull(full=full):
                self.outside = self.outside._replace(full={**self.outside.full, **full})
            case _:
                raise refusal
        self.trials += 1


def _answered_by(call: Callable[[], T]) -> T:
    """Call; when no answer came, again: the tokens of the commits tell whether they had been written."""
    for trial in range(MAX_UNAVAILABLE):
        try:
            return call()
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
