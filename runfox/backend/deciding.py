"""Load, decide, one atomic commit, then the messages: the loop around the pure core. No rule lives here."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from os import urandom
from time import sleep
from typing import NamedTuple, TypeVar

from runfox.backend import codec
from runfox.backend.attempts import Attempt, Wish
from runfox.backend.catalog import Catalog
from runfox.backend.children import NO_BIRTHS, Births
from runfox.backend.drafting import Draft, Drafter
from runfox.backend.ids import WorkerName, give_up_with
from runfox.backend.mail import Mail
from runfox.backend.observe import Observer, tell
from runfox.backend.protocols import Ask, Commit, Groups, Histories, Store, Verdict
from runfox.backend.routes import Route
from runfox.errors import RevisionConflict, RunfoxError, SlotsFull, StaleDelivery, StoreUnavailable
from runfox.graph import Transition
from runfox.results import Dispatch, DispatchJob

MAX_CONFLICTS = 1_000
"""How often one decision is made again because another process was faster."""
MAX_UNAVAILABLE = 3

T = TypeVar("T")


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
        if route.queue is not None:
            give_up_with(self, self._name, route.queue.ledger)
        self._tokens = count()
        self._drafter = Drafter(store, route, self.catalog, self.mail, self.token)

    @property
    def name(self) -> str:
        """What this process is called as a worker."""
        return str(self._name)

    def token(self) -> str:
        """Return a name for a commit that no other has."""
        return f"{self.name}-{next(self._tokens)}"

    def decide(self, wish: Wish) -> Decided:
        """Decide until a commit fits."""
        return self._decide(Attempt(wish, self.limit))

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
            attempt = Attempt(wish, self.limit, most=None if ask is None else ask.limit)
            decided = self._or_error(partial(self._decide, attempt))
            found.append(decided)
            if ask is not None and isinstance(decided, Decided):
                ask = ask._replace(limit=ask.limit - len(decided.taken))
        return found, self.route.take(ask) if ask is not None and ask.limit > 0 else []

    def _decide_together(
        self, store: Groups, wishes: Sequence[Wish], ask: Ask | None
    ) -> tuple[list[Decided | RunfoxError], list[DispatchJob]]:
        attempts: list[Attempt] = []
        drafts: list[Draft | RunfoxError] = []
        for wish in wishes:
            attempt = Attempt(wish, self.limit, most=None if ask is None else ask.limit)
            draft = self._or_error(partial(self._drafter.draft, attempt))
            attempts.append(attempt)
            drafts.append(draft)
            if ask is not None and isinstance(draft, Draft):
                ask = ask._replace(limit=ask.limit - len(draft.taken))
        if ask is not None:
            ask = self.route.asked(ask) if ask.limit > 0 else None
        commits = [draft.commit for draft in drafts if isinstance(draft, Draft) and draft.commit]
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
        self, attempt: Attempt, draft: Draft | RunfoxError, verdicts: Iterator[Verdict]
    ) -> Decided:
        """Do what follows from a draft that was committed with others; decide again if it was refused."""
        if isinstance(draft, RunfoxError):
            raise draft
        if draft.commit is None:
            return self._written(draft, waits=False)
        verdict = next(verdicts)
        if isinstance(verdict, bool):
            return self._written(draft, waits=verdict)
        _learn(attempt, verdict)
        return self._decide(attempt)

    def _decide(self, attempt: Attempt) -> Decided:
        for _ in range(MAX_CONFLICTS):
            draft = self._drafter.draft(attempt)
            if draft.commit is None:
                return self._written(draft, waits=False)
            try:
                waits = _answered_by(partial(self._commit_of, attempt.wish, draft.commit, count()))
            except (RevisionConflict, StaleDelivery, SlotsFull) as refusal:
                _learn(attempt, refusal)
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

    def _written(self, draft: Draft, *, waits: bool) -> Decided:
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
        self.route.send([commit, *births.commits])
        if letters:
            # Last, for it may fail: a result that is read again is harmless, and a job that was not sent is not.
            self.mail.forget(execution_id, letters, kept=False)
        if self.observers:
            tell(self.observers, record, transition)
        if not commit.messages and births is NO_BIRTHS:
            return Decided(transition, taken=draft.taken)
        woken = tuple([message.execution_id for message in commit.messages])
        for other in woken:
            self.mail.expect(other, waits=True)
        return Decided(_with_jobs(transition, births), births.ids, woken, draft.taken)


def _learn(attempt: Attempt, refusal: RunfoxError) -> None:
    """Take note of why a commit was refused; who has met others more than once keeps apart from them."""
    if isinstance(refusal, RevisionConflict) and attempt.trials:
        sleep(urandom(1)[0] / 255 * min(0.05, 0.001 * attempt.trials))
    attempt.learn(refusal)


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
