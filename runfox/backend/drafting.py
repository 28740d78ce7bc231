"""A decision, and what is to be written of it: all that comes before a commit, and writes nothing."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from runfox.backend.attempts import Attempt, fences
from runfox.backend.catalog import Catalog
from runfox.backend.children import NO_BIRTHS, Births, births_of
from runfox.backend.mail import Letter, Mail
from runfox.backend.offering import offered
from runfox.backend.outbox import cached, outgoing
from runfox.backend.protocols import Caches, Commit, Store
from runfox.backend.routes import Route
from runfox.graph import NOWHERE, Event, Outside, Question, Transition, WorkflowRecord
from runfox.results import DispatchJob


class Draft(NamedTuple):
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


class Drafter:
    """Decides on what is known, and finds out what a decision asks for."""

    def __init__(
        self, store: Store, route: Route, catalog: Catalog, mail: Mail, token: Callable[[], str]
    ) -> None:
        self.store = store
        self.route = route
        self.catalog = catalog
        self.mail = mail
        self.token = token

    def draft(self, attempt: Attempt) -> Draft:
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
                    return Draft(record, transition, letters, births, commit)
            elif attempt.fresh and (not letters or self._is_newest(record)):
                return Draft(record, transition, letters)
            else:
                attempt.fresh = True

    def _is_newest(self, record: WorkflowRecord) -> bool:
        """Whether nobody has moved an execution on since its record was read.

        What has come since then may mean nothing to that record, and something to the newest.
        """
        return self.catalog.fresh(record.execution_id).revision == record.revision

    def _letters(self, attempt: Attempt) -> list[Letter]:
        wish = attempt.wish
        if not wish.mail:
            return []
        return attempt.portion.of(self.mail.read(wish.execution_id, look=attempt.fresh))

    def _record(self, attempt: Attempt) -> WorkflowRecord:
        catalog, execution_id = self.catalog, attempt.wish.execution_id
        return catalog.fresh(execution_id) if attempt.fresh else catalog.known(execution_id)

    def _births(
        self, record: WorkflowRecord, transition: Transition, attempt: Attempt
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
        attempt: Attempt,
        births: Births,
    ) -> Commit:
        """Return what is to be written."""
        after, elsewhere, token = transition.record, transition.elsewhere, self.token()
        messages = outgoing(record, transition, token)
        if not after.status.ended:
            messages += attempt.portion.left(record.execution_id, attempt.wish.mine, token)
        jobs, taker = offered(transition.jobs, attempt.taker)
        commit = Commit(
            record.execution_id,
            after.revision,
            token,
            after,
            transition.facts,
            transition.facts[0].at,
            jobs,
            transition.closed,
            taker,
            self.mail.consumed(letters) if letters else None,
            fences(told),
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
