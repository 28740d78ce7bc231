"""What a store promises that forgets executions which ended long ago: all of them goes, or nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from runfox.backend.protocols import (
    Ask,
    Compacts,
    Examines,
    Histories,
    Inbox,
    Lists,
    Message,
    Prunes,
    Query,
    Store,
    Taker,
)
from runfox.errors import ExecutionNotFound
from runfox.graph import StepResult, WorkflowRecord
from runfox.testing.builders import (
    NOW,
    a_commit,
    a_creation,
    a_job,
    a_step,
    created,
    loaded,
    run_of,
    told,
)

SECOND = timedelta(seconds=1)


class PrunesContract:
    """``Prunes``. Checked where the store implements it."""

    @pytest.fixture
    def prunes(self, store: Store) -> Prunes:
        if not isinstance(store, Prunes):
            pytest.skip(f"{type(store).__name__} forgets nothing")
        return store

    def test_what_ended_before_goes_and_the_rest_stays(self, store: Store, prunes: Prunes) -> None:
        for number in range(4):
            _ended(store, f"x{number}", NOW + number * SECOND)
        created(store, "new", now=NOW)
        store.commit(a_step(created(store, "open", now=NOW), now=NOW))
        assert prunes.prune(NOW) == []
        assert sorted(prunes.prune(NOW + 2 * SECOND)) == ["x0", "x1"]
        for gone in ("x0", "x1"):
            with pytest.raises(ExecutionNotFound):
                store.load(gone)
        for there in ("x2", "x3", "new", "open"):
            assert loaded(store, there).execution_id == there
        assert prunes.prune(NOW + 2 * SECOND) == []

    def test_no_more_go_than_were_asked_for(self, store: Store, prunes: Prunes) -> None:
        for number in range(5):
            _ended(store, f"x{number}", NOW)
        gone = [prunes.prune(NOW + SECOND, limit=2) for _ in range(4)]
        assert [len(some) for some in gone] == [2, 2, 1, 0]
        assert sorted(one for some in gone for one in some) == [f"x{number}" for number in range(5)]

    def test_nothing_is_left_of_what_is_gone(self, store: Store, prunes: Prunes) -> None:
        record = _ended(store, "x1", NOW)
        if isinstance(store, Inbox):
            store.put(Message("x1", "k", "signal", {}))
        assert prunes.prune(NOW + SECOND) == ["x1"]
        with pytest.raises(ExecutionNotFound):
            store.commit(a_commit(record))
        if isinstance(store, Inbox):
            assert store.read("x1", 10) == []
            with pytest.raises(ExecutionNotFound):
                store.put(Message("x1", "k", "signal", {}))
        if isinstance(store, Histories):
            with pytest.raises(ExecutionNotFound):
                store.history("x1")
        if isinstance(store, Lists):
            assert list(store.executions()) == []
        assert store.definition(record.workflow_id).workflow_id == record.workflow_id

    def test_an_id_that_is_free_again_begins_anew(self, store: Store, prunes: Prunes) -> None:
        _ended(store, "x1", NOW)
        if isinstance(store, Inbox):
            store.put(Message("x1", "k", "signal", {}))
        prunes.prune(NOW + SECOND)
        record = created(store, "x1")
        assert loaded(store, "x1").revision == record.revision == 1
        if isinstance(store, Inbox):
            assert store.read("x1", 10) == []
        if isinstance(store, Histories):
            assert [row.revision for row in store.history("x1")] == [1]

    def test_jobs_that_were_left_are_gone_too(self, store: Store, prunes: Prunes) -> None:
        ledger: Any = getattr(store, "ledger", None)
        if ledger is None:
            pytest.skip(f"{type(store).__name__} keeps no jobs")
        gone, there = _ended(store, "x1", NOW), created(store, "x2", now=NOW)
        jobs = [a_job(step, 7, of=one.origin.key) for one in (gone, there) for step in "ab"]
        ledger.queue(jobs)
        ledger.take(Ask(Taker("w1", timedelta(minutes=1)), 1))
        prunes.prune(NOW + SECOND)
        assert [run_of(job) for job in ledger.pending()] == [run_of(job) for job in jobs[2:]]
        assert ledger.newest(gone.origin.key, "a") is None

    # families ---------------------------------------------------------------------------------------

    def test_who_called_each_other_goes_together_callers_last(
        self, store: Store, prunes: Prunes
    ) -> None:
        _family(store, "x1", "c1", "g1", at=NOW)
        _ended(store, "other", NOW)
        gone = prunes.prune(NOW + SECOND)
        assert sorted(gone) == ["c1", "g1", "other", "x1"]
        assert gone.index("g1") < gone.index("x1")
        assert gone.index("c1") < gone.index("x1")
        if isinstance(store, Lists):
            assert list(store.executions(Query(parent="x1"))) == []

    def test_a_family_counts_as_one(self, store: Store, prunes: Prunes) -> None:
        _family(store, "x1", "c1", "g1", at=NOW)
        _family(store, "x2", "c2", "g2", at=NOW)
        assert sorted(len(prunes.prune(NOW + SECOND, limit=1)) for _ in range(3)) == [0, 3, 3]

    @pytest.mark.parametrize("member", ["x1", "c1", "g1"])
    def test_one_that_is_open_keeps_all_of_its_family(
        self, store: Store, prunes: Prunes, member: str
    ) -> None:
        _family(store, "x1", "c1", "g1", at=NOW, open=member)
        assert prunes.prune(NOW + SECOND) == []
        for one in ("x1", "c1", "g1"):
            assert loaded(store, one).execution_id == one

    @pytest.mark.parametrize("member", ["x1", "c1", "g1"])
    def test_one_that_ended_later_keeps_all_of_its_family(
        self, store: Store, prunes: Prunes, member: str
    ) -> None:
        records = _family(store, "x1", "c1", "g1", at=NOW, open=member)
        _end(store, records[member], NOW + 5 * SECOND)
        assert prunes.prune(NOW + 5 * SECOND) == []
        assert len(prunes.prune(NOW + 6 * SECOND)) == 3

    def test_of_racing_sweepers_one_forgets_each(self, store: Store, prunes: Prunes) -> None:
        for number in range(10):
            _family(store, f"x{number}", f"c{number}", f"g{number}", at=NOW)
        with ThreadPoolExecutor(4) as threads:
            gone = list(threads.map(lambda _: prunes.prune(NOW + SECOND, limit=5), range(8)))
        all_of_them = [one for some in gone for one in some]
        assert sorted(all_of_them) == sorted(f"{kind}{n}" for kind in "xcg" for n in range(10))


class CompactsContract:
    """``Compacts``. Checked where the store implements it."""

    def test_what_is_kept_is_there_after_the_space_is_given_back(self, store: Store) -> None:
        if not isinstance(store, Compacts):
            pytest.skip(f"{type(store).__name__} gives space back by itself")
        record = created(store, "x1")
        _ended(store, "old", NOW)
        if isinstance(store, Prunes):
            store.prune(NOW + SECOND)
        store.compact()
        commit = a_step(record)
        store.commit(commit)
        assert told(loaded(store, "x1")) == told(commit.record)


class ExaminesContract:
    """``Examines``. Checked where the store implements it."""

    @pytest.mark.parametrize("deep", [False, True])
    def test_a_new_store_has_no_problem_and_what_is_not_well_has_a_way_out(
        self,
        store: Store,
        deep: bool,  # noqa: FBT001 - as pytest gives it
    ) -> None:
        if not isinstance(store, Examines):
            pytest.skip(f"{type(store).__name__} tells nothing of its health")
        created(store)
        found = store.examine(deep=deep)
        assert found
        assert not [one for one in found if one.level == "problem"]
        assert all(one.what and bool(one.way_out) == (one.level != "ok") for one in found)
        assert len({one.check for one in found}) == len(found)


def _end(store: Store, record: WorkflowRecord, at: datetime) -> WorkflowRecord:
    """Bring an execution of one step to its end at that time."""
    for results in ((), (StepResult("a", 0, {}),)):
        commit = a_step(record, *results, now=at)
        store.commit(commit)
        record = commit.record
    assert record.ended_at == at
    return record


def _ended(store: Store, execution_id: str, at: datetime) -> WorkflowRecord:
    return _end(store, created(store, execution_id, now=at), at)


def _family(
    store: Store, *ids: str, at: datetime, open: str | None = None
) -> dict[str, WorkflowRecord]:
    """Make executions that were each called by the one before, and end them, but for ``open``."""
    records = {ids[0]: created(store, ids[0], now=at)}
    for caller, called in pairwise(ids):
        start = a_creation(called, caller=records[caller], now=at)
        commit = a_commit(records[caller], now=at)._replace(starts=(start,))
        store.commit(commit)
        records[caller] = commit.record
        records[called] = start.commit.record
    for execution_id in reversed(ids):
        if execution_id != open:
            records[execution_id] = _end(store, records[execution_id], at)
    return records
