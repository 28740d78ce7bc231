"""What a store promises that keeps the jobs of its commits: both are there, or neither."""

from datetime import timedelta

import pytest

from runfox.backend.protocols import Ask, Commit, Inbox, Message, Store, Taker
from runfox.backend.queue import Jobs
from runfox.errors import RevisionConflict, StaleDelivery
from runfox.graph import StepResult
from runfox.results import DispatchJob
from runfox.testing.builders import a_creation, a_spec, a_step, created, loaded, run_of, told

LEASE = timedelta(minutes=1)
NO_LEASE = timedelta(0)
"""A lease that has run out as soon as it begins."""


class JobsOfCommitsContract:
    """The ``ledger`` of a store. Checked where the store has one."""

    @pytest.fixture
    def ledger(self, store: Store) -> Jobs:
        ledger: Jobs | None = getattr(store, "ledger", None)
        if ledger is None:
            pytest.skip(f"{type(store).__name__} keeps no jobs")
        return ledger

    def test_the_jobs_of_a_commit_are_there_when_it_returns(
        self, store: Store, ledger: Jobs
    ) -> None:
        commit = _dispatch(store, "a", "b", "c")
        assert ledger.pending() == [job._replace(delivery=0) for job in commit.jobs]
        taken = ledger.take(Ask(Taker("w1", LEASE), 10))
        assert taken == [job._replace(delivery=1) for job in commit.jobs]
        assert ledger.pending() == []

    def test_a_commit_that_fails_adds_and_closes_no_job(self, store: Store, ledger: Jobs) -> None:
        record = created(store, "x1", a_spec("a", "b"))
        first = a_step(record)
        store.commit(first)
        pending = ledger.pending()
        second = a_step(first.record, StepResult("a", 0, {}))
        with pytest.raises(RevisionConflict):
            store.commit(second._replace(revision=second.revision + 1))
        with pytest.raises(RevisionConflict):
            store.commit(a_step(record))
        assert ledger.pending() == pending

    def test_a_refused_creation_adds_no_job(self, store: Store, ledger: Jobs) -> None:
        created(store, "x1")
        commit, definition = a_creation("x1")
        jobs = a_step(commit.record).jobs
        assert not store.create(commit._replace(jobs=jobs), definition)
        assert ledger.pending() == []

    def test_the_same_commit_again_doubles_no_job(self, store: Store, ledger: Jobs) -> None:
        commit = _dispatch(store, "a", "b")
        store.commit(commit)
        assert len(ledger.pending()) == 2
        (job,) = ledger.take(Ask(Taker("w1", LEASE), 1))
        store.commit(commit)
        assert ledger.take(Ask(Taker("w2", LEASE), 10)) == [commit.jobs[1]]
        assert ledger.beat(Taker("w1", LEASE)) == {run_of(job)}

    def test_runs_that_are_over_are_given_to_nobody(self, store: Store, ledger: Jobs) -> None:
        commit = _dispatch(store, "a", "b", "c")
        ledger.take(Ask(Taker("w1", LEASE), 1))
        results = StepResult("a", 0, {}), StepResult("b", 0, {})
        commit = a_step(commit.record, *results)
        store.commit(commit)
        assert ledger.beat(Taker("w1", LEASE)) == frozenset()
        assert [job.step_id for job in ledger.take(Ask(Taker("w2", LEASE), 10))] == ["c"]
        assert ledger.newest(commit.record.origin.key, "a") is None

    def test_the_runs_of_other_executions_stay(self, store: Store, ledger: Jobs) -> None:
        one, other = _dispatch(store, "a", of="x1"), _dispatch(store, "a", of="x2")
        store.commit(a_step(one.record, StepResult("a", 0, {})))
        assert [run_of(job) for job in ledger.pending()] == [run_of(other.jobs[0])]

    def test_a_new_run_of_a_step_takes_the_place_of_the_old(
        self, store: Store, ledger: Jobs
    ) -> None:
        record = created(store, "x1", a_spec("a", attempts=2))
        commit = a_step(record)
        store.commit(commit)
        failed = StepResult("a", 0, None, {"type": "E", "message": ""})
        commit = a_step(commit.record, failed)
        store.commit(commit)
        assert ledger.pending() == []
        commit = a_step(commit.record, now=store.now() + timedelta(days=20_000))
        store.commit(commit)
        (job,) = ledger.pending()
        assert (job.run_id, job.attempt) == (1, 2)
        assert ledger.newest(job.workflow_execution_id, "a") == 1

    # takers -----------------------------------------------------------------------------------------

    def test_a_taker_has_the_jobs_of_its_commit_at_once(self, store: Store, ledger: Jobs) -> None:
        taker = Taker("w1", LEASE)
        commit = a_step(created(store, "x1", a_spec("a", "b")))._replace(taker=taker)
        store.commit(commit)
        store.commit(commit)
        assert ledger.pending() == []
        assert ledger.take(Ask(Taker("w2", LEASE), 10)) == []
        assert ledger.beat(taker) == {run_of(job) for job in commit.jobs}

    def test_a_taker_has_as_many_as_it_has_places_for(self, store: Store, ledger: Jobs) -> None:
        taker = Taker("w1", LEASE, places=2)
        commit = a_step(created(store, "x1", a_spec("a", "b", "c")))._replace(taker=taker)
        store.commit(commit)
        assert ledger.beat(taker) == {run_of(job) for job in commit.jobs[:2]}
        assert [run_of(job) for job in ledger.pending()] == [run_of(commit.jobs[2])]

    def test_what_a_taker_lets_lapse_is_taken_by_others(self, store: Store, ledger: Jobs) -> None:
        commit = a_step(created(store))._replace(taker=Taker("w1", NO_LEASE))
        store.commit(commit)
        (job,) = ledger.take(Ask(Taker("w2", LEASE), 10))
        assert job == commit.jobs[0]._replace(delivery=2)

    def test_a_taker_without_a_lease_keeps_its_jobs(self, store: Store, ledger: Jobs) -> None:
        store.commit(a_step(created(store))._replace(taker=Taker("w1", None)))
        assert ledger.take(Ask(Taker("w2", LEASE), 10)) == []

    def test_a_taker_that_was_robbed_once_holds_what_it_takes_next(
        self, store: Store, ledger: Jobs
    ) -> None:
        _dispatch(store, "a", of="x1")
        ledger.take(Ask(Taker("w1", NO_LEASE), 1))
        assert len(ledger.take(Ask(Taker("w2", LEASE), 1))) == 1
        commit = a_step(created(store, "x2"))._replace(taker=Taker("w1", LEASE))
        store.commit(commit)
        assert ledger.take(Ask(Taker("w3", LEASE), 10)) == []
        assert ledger.beat(Taker("w1", LEASE)) == {run_of(commit.jobs[0])}

    # fences -----------------------------------------------------------------------------------------

    def test_a_failure_from_a_delivery_that_was_taken_over_is_refused(
        self, store: Store, ledger: Jobs
    ) -> None:
        dispatched = _dispatch(store, "a", "b")
        ledger.take(Ask(Taker("w1", NO_LEASE), 1))
        ledger.take(Ask(Taker("w2", LEASE), 1))
        if isinstance(store, Inbox):
            store.put(Message("x1", "k1", "result", {}))
        stale = _failed(dispatched, delivery=1)._replace(consumed=2**40)
        with pytest.raises(StaleDelivery) as raised:
            store.commit(stale)
        assert raised.value.runs == (("a", 0, 1),)
        assert told(loaded(store, "x1")) == told(dispatched.record)
        assert ledger.beat(Taker("w2", LEASE)) == {run_of(dispatched.jobs[0])}
        if isinstance(store, Inbox):
            assert len(store.read("x1", 10)) == 1

    def test_a_failure_from_the_current_delivery_is_taken(self, store: Store, ledger: Jobs) -> None:
        dispatched = _dispatch(store, "a", "b")
        ledger.take(Ask(Taker("w1", NO_LEASE), 1))
        ledger.take(Ask(Taker("w2", LEASE), 1))
        commit = _failed(dispatched, delivery=2)
        store.commit(commit)
        store.commit(commit)
        assert told(loaded(store, "x1")) == told(commit.record)

    def test_a_failure_of_a_run_that_is_over_is_no_matter_of_deliveries(
        self, store: Store, ledger: Jobs
    ) -> None:
        dispatched = _dispatch(store, "a", "b")
        commit = a_step(dispatched.record, StepResult("a", 0, {}))
        store.commit(commit)
        late = a_step(commit.record, StepResult("b", 0, {}))._replace(fences=(("a", 0, 7),))
        store.commit(late)
        assert told(loaded(store, "x1")) == told(late.record)


def _dispatch(store: Store, *steps: str, of: str = "x1") -> Commit:
    commit = a_step(created(store, of, a_spec(*steps)))
    store.commit(commit)
    return commit


def _failed(dispatched: Commit, *, delivery: int) -> Commit:
    job: DispatchJob = dispatched.jobs[0]
    error = {"type": "Error", "message": "it broke"}
    result = StepResult(job.step_id, job.run_id, None, error, delivery)
    fence = (job.step_id, job.run_id, delivery)
    return a_step(dispatched.record, result)._replace(fences=(fence,))
