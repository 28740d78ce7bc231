"""What stores promise that list their executions, keep histories, and find what is due."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from runfox import spec
from runfox.backend import codec
from runfox.backend.protocols import Due, Histories, Lists, Query, Store
from runfox.errors import ExecutionNotFound, RevisionConflict
from runfox.graph import StepResult, WorkflowRecord
from runfox.status import WorkflowStatus
from runfox.testing.builders import NOW, a_commit, a_creation, a_spec, a_step, created
from runfox.testing.hostile import TEXTS

ERROR = {"type": "Broken", "message": "it broke"}


class HistoriesContract:
    """``Histories``. Checked where the store implements it."""

    @pytest.fixture
    def histories(self, store: Store) -> Histories:
        if not isinstance(store, Histories):
            pytest.skip(f"{type(store).__name__} keeps no histories")
        return store

    def test_the_history_is_the_facts_of_every_commit(
        self, store: Store, histories: Histories
    ) -> None:
        commits = [a_creation("x1", a_spec("a", "b"), inputs={"n": 1})[0]]
        store.create(*a_creation("x1", a_spec("a", "b"), inputs={"n": 1}))
        commits.append(a_step(commits[-1].record, now=NOW + timedelta(seconds=1)))
        for number, step in enumerate("ab", 2):
            result = StepResult(step, 0, {"é\x00\ud800": step})
            commits.append(a_step(commits[-1].record, result, now=NOW + timedelta(seconds=number)))
        for commit in commits[1:]:
            store.commit(commit)
        rows = histories.history("x1")
        assert [row.revision for row in rows] == [1, 2, 3, 4]
        assert [row.at for row in rows] == [commit.at for commit in commits]
        assert [codec.facts(row) for row in rows] == [list(commit.facts) for commit in commits]

    def test_a_history_can_be_read_from_a_revision_on(
        self, store: Store, histories: Histories
    ) -> None:
        record = created(store)
        for _ in range(4):
            commit = a_commit(record)
            store.commit(commit)
            record = commit.record
        for after in range(7):
            found = [row.revision for row in histories.history("x1", after=after)]
            assert found == list(range(after + 1, 6))

    def test_a_history_is_not_cut_however_long_it_is(
        self, store: Store, histories: Histories
    ) -> None:
        commit = a_step(created(store, "x1", a_spec(*[f"s{n}" for n in range(30)])))
        store.commit(commit)
        for number in range(30):
            result = StepResult(f"s{number}", 0, {"k": "x" * 9_000})
            commit = a_step(commit.record, result)
            store.commit(commit)
        assert [row.revision for row in histories.history("x1")] == list(range(1, 33))

    def test_what_was_not_committed_is_not_in_the_history(
        self, store: Store, histories: Histories
    ) -> None:
        record = created(store)
        commit = a_commit(record)
        store.commit(commit)
        store.commit(commit)
        with pytest.raises(RevisionConflict):
            store.commit(a_commit(record))
        assert not store.create(*a_creation("x1"))
        assert [row.revision for row in histories.history("x1")] == [1, 2]

    def test_the_history_of_an_execution_that_is_not_there_is_an_error(
        self, store: Store, histories: Histories
    ) -> None:
        created(store)
        for execution_id in ("x2", *TEXTS):
            with pytest.raises(ExecutionNotFound):
                histories.history(execution_id)


class ListsContract:
    """``Lists``. Checked where the store implements it."""

    @pytest.fixture
    def lists(self, store: Store) -> Lists:
        if not isinstance(store, Lists):
            pytest.skip(f"{type(store).__name__} does not list its executions")
        return store

    def test_executions_are_listed_newest_first(self, store: Store, lists: Lists) -> None:
        ids = ["x3", "x1", "x2"]
        for execution_id in ids:
            created(store, execution_id)
        assert [found.execution_id for found in lists.executions()] == ids[::-1]
        assert [found.execution_id for found in lists.executions(Query(limit=2))] == ["x2", "x1"]

    def test_an_empty_store_lists_nothing(self, lists: Lists) -> None:
        assert list(lists.executions()) == []

    def test_a_summary_says_what_the_record_says(self, store: Store, lists: Lists) -> None:
        spec = a_spec("a", name="order é", labels={"team": "shop", "k'": "\u202e"})
        record = created(store, "x1", spec, now=NOW)
        dispatched = a_step(record, now=NOW + timedelta(seconds=1))
        store.commit(dispatched)
        failed = a_step(
            dispatched.record, StepResult("a", 0, None, ERROR), now=NOW + timedelta(seconds=2)
        )
        (found,) = lists.executions()
        assert found.status is WorkflowStatus.IN_PROGRESS
        assert (found.ended_at, found.error_type) == (None, None)
        store.commit(failed)
        (found,) = lists.executions()
        assert found.execution_id == "x1"
        assert found.workflow_id == spec.workflow_id
        assert found.name == "order é"
        assert found.labels == {"team": "shop", "k'": "\u202e"}
        assert found.status is WorkflowStatus.FAILED
        assert found.revision == 3
        assert found.created_at == NOW
        assert found.updated_at == NOW + timedelta(seconds=2)
        assert found.ended_at == NOW + timedelta(seconds=2)
        assert found.error_type == "Broken"

    def test_executions_are_found_by_status(self, store: Store, lists: Lists) -> None:
        created(store, "x1")
        store.commit(a_step(created(store, "x2")))
        pending = lists.executions(Query(status=WorkflowStatus.PENDING))
        running = lists.executions(Query(status=WorkflowStatus.IN_PROGRESS))
        assert [found.execution_id for found in pending] == ["x1"]
        assert [found.execution_id for found in running] == ["x2"]
        assert list(lists.executions(Query(status=WorkflowStatus.FAILED))) == []

    def test_executions_are_found_by_the_name_of_their_workflow(
        self, store: Store, lists: Lists
    ) -> None:
        created(store, "x1", a_spec(name="order"))
        created(store, "x2", a_spec(name="Order"))
        created(store, "x3", a_spec(name="orders"))
        assert [found.execution_id for found in lists.executions(Query(name="order"))] == ["x1"]

    def test_executions_are_found_by_the_beginning_of_their_id(
        self, store: Store, lists: Lists
    ) -> None:
        for execution_id in ("ab", "aB", "a_b", "a.b", "b", "abc"):
            created(store, execution_id)

        def found(prefix: str) -> list[str]:
            return [one.execution_id for one in lists.executions(Query(prefix=prefix))]

        assert found("ab") == ["abc", "ab"]
        assert found("a_") == ["a_b"]
        assert found("a.") == ["a.b"]
        assert found("aB") == ["aB"]

    def test_filters_hold_together(self, store: Store, lists: Lists) -> None:
        for number in range(6):
            record = created(store, f"x{number % 2}{number}", a_spec(name=f"n{number % 3}"))
            if number < 4:
                store.commit(a_step(record))
        found = lists.executions(
            Query(status=WorkflowStatus.IN_PROGRESS, name="n0", prefix="x1", limit=1)
        )
        assert [one.execution_id for one in found] == ["x13"]

    def test_executions_are_found_by_their_labels(self, store: Store, lists: Lists) -> None:
        for execution_id, labels in (
            ("x1", {"team": "shop", "tier": "1"}),
            ("x2", {"team": "shop"}),
            ("x3", {"team": "shopping", "tier": "1"}),
            ("x4", {"team'": "shop", "a": '"team":"shop"'}),
            ("x5", {"x,": ":", ",": "team", 'x"team': "shop"}),
        ):
            created(store, execution_id, a_spec(labels=labels))

        def found(limit: int = 100, **labels: str) -> list[str]:
            return [one.execution_id for one in lists.executions(Query(labels=labels, limit=limit))]

        assert found(team="shop") == ["x2", "x1"]
        assert found(team="shop", limit=1) == ["x2"]
        assert found(team="shop", tier="1") == ["x1"]
        assert found(tier="1") == ["x3", "x1"]
        assert found(team="") == found(shop="team") == []
        odd = lists.executions(Query(labels={":": ","}))
        assert [one.execution_id for one in odd] == []

    def test_executions_are_found_by_who_called_them(self, store: Store, lists: Lists) -> None:
        one, other = created(store, "x1"), created(store, "x2")
        for execution_id, caller in (("c1", one), ("c2", one), ("c3", other)):
            store.create(*a_creation(execution_id, caller=caller))

        def found(
            parent: str | None = None, *, roots: bool = False
        ) -> list[tuple[str, str | None]]:
            listed = lists.executions(Query(parent=parent, roots=roots))
            return [(one.execution_id, one.parent) for one in listed]

        assert found("x1") == [("c2", "x1"), ("c1", "x1")]
        assert found("X1") == found("c1") == []
        assert found(roots=True) == [("x2", None), ("x1", None)]
        assert found("x1", roots=True) == []
        assert len(found()) == 5

    def test_a_summary_says_when_an_execution_wakes_and_how_urgent_it_is(
        self, store: Store, lists: Lists
    ) -> None:
        record = _retrying(store, "x1", timedelta(hours=1))
        created(store, "x2", spec.from_data({"name": "n", "steps": [{"id": "a"}], "priority": 9}))
        urgent, usual = lists.executions()
        assert (urgent.wake_at, urgent.priority) == (None, 9)
        assert (usual.wake_at, usual.priority) == (record.wake_at, 5)

    def test_executions_are_found_by_when_they_last_changed(
        self, store: Store, lists: Lists
    ) -> None:
        second = timedelta(seconds=1)
        for number in range(3):
            created(store, f"x{number}", now=NOW + number * second)
        store.commit(a_step(created(store, "late", now=NOW), now=NOW + 2 * second))

        def found(query: Query) -> list[str]:
            return [one.execution_id for one in lists.executions(query)]

        assert found(Query(since=NOW + second)) == ["late", "x2", "x1"]
        assert found(Query(before=NOW + second)) == ["x0"]
        assert found(Query(since=NOW + second, before=NOW + 2 * second)) == ["x1"]

    def test_hostile_filters_find_nothing(self, store: Store, lists: Lists) -> None:
        created(store)
        for hostile in TEXTS:
            assert list(lists.executions(Query(name=hostile))) == []
            assert list(lists.executions(Query(prefix=hostile))) == [] or not hostile
            assert list(lists.executions(Query(parent=hostile))) == []
            assert list(lists.executions(Query(labels={hostile: hostile}))) == []
        assert len(lists.executions()) == 1


class DueContract:
    """``Due``, as far as wake times go. Checked where the store implements it."""

    @pytest.fixture
    def due(self, store: Store) -> Callable[[int], list[str]]:
        if not isinstance(store, Due):
            pytest.skip(f"{type(store).__name__} does not find what is due")
        return lambda limit: sorted(store.due(limit))

    def test_an_execution_is_due_when_its_wake_time_has_come(
        self, store: Store, due: Callable[[int], list[str]]
    ) -> None:
        assert due(100) == []
        for execution_id, ago in (("past", timedelta(hours=1)), ("future", -timedelta(hours=1))):
            _retrying(store, execution_id, ago)
        assert due(100) == ["past"]

    def test_an_execution_that_moved_on_is_not_due(
        self, store: Store, due: Callable[[int], list[str]]
    ) -> None:
        _retrying(store, "x1", timedelta(hours=1))
        assert due(100) == ["x1"]
        record = created(store, "x2")
        assert due(100) == ["x1"]
        store.commit(a_step(record))
        assert due(100) == ["x1"]

    def test_an_execution_that_ended_is_not_due(
        self, store: Store, due: Callable[[int], list[str]]
    ) -> None:
        record = _retrying(store, "x1", timedelta(hours=1))
        commit = a_step(record, now=store.now())
        store.commit(commit)
        commit = a_step(commit.record, StepResult("a", 1, {}), now=store.now())
        store.commit(commit)
        assert commit.record.status.ended
        assert due(100) == []

    def test_no_more_are_told_than_were_asked_for(
        self, store: Store, due: Callable[[int], list[str]]
    ) -> None:
        for number in range(5):
            _retrying(store, f"x{number}", timedelta(hours=1))
        assert len(due(3)) == 3
        assert len(set(due(10))) == 5


def _retrying(store: Store, execution_id: str, ago: timedelta) -> WorkflowRecord:
    """Create an execution with a step that failed so long ago, and is due again a second after that."""
    then = store.now() - ago
    commit = a_step(created(store, execution_id, a_spec("a", attempts=2), now=then), now=then)
    store.commit(commit)
    commit = a_step(commit.record, StepResult("a", 0, None, ERROR), now=then)
    store.commit(commit)
    return commit.record
