"""What a store promises where a newer runfox is at work beside an older one: that leaves its executions alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from runfox.backend import codec
from runfox.backend.catalog import Catalog
from runfox.backend.protocols import Ask, Due, Inbox, Lists, Message, Store, Taker
from runfox.errors import EngineTooOld, RevisionConflict
from runfox.graph import StepResult, WorkflowRecord
from runfox.testing.bench import LEASE, ONE, TWO, Bench
from runfox.testing.builders import a_commit, a_job, a_spec, a_step, created, loaded


@contextmanager
def a_newer_engine() -> Iterator[None]:
    """Let all that is written meanwhile be written as by a runfox of the next format."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(codec, "FORMAT", codec.FORMAT + 1)
        yield


class EnginesContract:
    """``min_engine`` of executions. Checked where other processes may read what the store keeps."""

    @pytest.fixture
    def newer(self, store: Store) -> WorkflowRecord:
        """An execution that a newer engine has dispatched the jobs of, beside one of this engine."""
        created(store, "mine")
        if store.load("mine").record is not None:
            pytest.skip(f"{type(store).__name__} is of this process alone")
        with a_newer_engine():
            commit = a_step(created(store, "newer"))._replace(announced=timedelta(0))
            store.commit(commit)
        return commit.record

    def test_an_older_engine_is_told_that_it_is_too_old(
        self, store: Store, newer: WorkflowRecord
    ) -> None:
        with pytest.raises(EngineTooOld) as raised:
            Catalog(store).fresh("newer")
        assert raised.value.needed == codec.FORMAT + 1
        assert loaded(store, "mine").execution_id == "mine"

    def test_it_is_told_so_of_an_execution_that_it_knew(
        self, store: Store, newer: WorkflowRecord
    ) -> None:
        catalog = Catalog(store)
        record = catalog.fresh("mine")
        with a_newer_engine():
            store.commit(a_commit(record))
        with pytest.raises(EngineTooOld):
            catalog.fresh("mine")
        with pytest.raises(RevisionConflict):
            store.commit(a_commit(record))

    def test_an_engine_that_is_new_enough_goes_on(
        self, store: Store, newer: WorkflowRecord
    ) -> None:
        with a_newer_engine():
            assert loaded(store, "newer").revision == newer.revision
            assert loaded(store, "mine").revision == 1

    def test_an_older_engine_is_not_told_that_it_is_due(
        self, store: Store, newer: WorkflowRecord
    ) -> None:
        if not isinstance(store, Due) or not isinstance(store, Inbox):
            pytest.skip(f"{type(store).__name__} does not find what is due")
        for execution_id in ("mine", "newer"):
            assert store.put(Message(execution_id, "k", "signal", {}))
        assert store.due(10) == ["mine"]
        with a_newer_engine():
            assert sorted(store.due(10)) == ["mine", "newer"]

    def test_its_wake_time_is_left_to_the_newer_too(
        self, store: Store, newer: WorkflowRecord
    ) -> None:
        if not isinstance(store, Due):
            pytest.skip(f"{type(store).__name__} does not find what is due")
        past = store.now() - timedelta(hours=1)
        failed = StepResult("a", 0, None, {"type": "Broken", "message": "it broke"})
        with a_newer_engine():
            dispatched = a_step(
                created(store, "again", a_spec("a", attempts=2), now=past), now=past
            )
            store.commit(dispatched)
            store.commit(a_step(dispatched.record, failed, now=past))
        assert store.due(10) == []
        with a_newer_engine():
            assert store.due(10) == ["again"]

    def test_its_jobs_are_left_to_the_newer(self, store: Store, newer: WorkflowRecord) -> None:
        ledger: Any = getattr(store, "ledger", None)
        if ledger is None:
            pytest.skip(f"{type(store).__name__} keeps no jobs")
        taker = Taker("w1", timedelta(minutes=1))
        assert ledger.unheard(10, hold=timedelta(0)) == []
        assert ledger.take(Ask(taker, 10)) == []
        assert ledger.take(Ask(taker, 10, runs=((newer.origin.key, "a", 0),))) == []
        with a_newer_engine():
            assert len(ledger.unheard(10, hold=timedelta(0))) == 1
            assert len(ledger.take(Ask(taker, 10))) == 1

    def test_it_is_listed_as_any_other(self, store: Store, newer: WorkflowRecord) -> None:
        if not isinstance(store, Lists):
            pytest.skip(f"{type(store).__name__} does not list its executions")
        found = {one.execution_id: (one.revision, one.min_engine) for one in store.executions()}
        own = codec.FORMAT
        assert found == {"newer": (newer.revision, own + 1), "mine": (1, own)}


class EnginesOfJobsContract:
    """The engine that a job needs. Part of ``JobSourceContract``; checked where other processes take jobs."""

    @pytest.fixture
    def shared(self, bench: Bench) -> Bench:
        if not bench.source.leased:
            pytest.skip("the jobs are of this process alone")
        return bench

    def test_jobs_of_a_newer_engine_are_left_to_it(self, shared: Bench) -> None:
        with a_newer_engine():
            shared.source.queue([a_job("newer", of=shared.keys[0])])
        shared.source.queue([a_job("mine", of=shared.keys[0])])
        assert [job.step_id for job in shared.source.take(Ask(ONE, 10))] == ["mine"]
        with a_newer_engine():
            assert [job.step_id for job in shared.source.take(Ask(TWO, 10))] == ["newer"]

    def test_an_older_engine_reclaims_what_a_newer_one_let_lapse_and_does_not_take_it(
        self, shared: Bench
    ) -> None:
        with a_newer_engine():
            shared.source.queue([a_job("newer", of=shared.keys[0])])
            shared.source.take(Ask(ONE, 1))
        shared.clock.advance(LEASE)
        assert shared.source.reclaim() == 1
        assert shared.source.take(Ask(TWO, 10)) == []
        with a_newer_engine():
            assert [job.delivery for job in shared.source.take(Ask(TWO, 10))] == [2]
