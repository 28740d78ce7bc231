"""What a store promises that makes several commits in one write."""

from datetime import timedelta

import pytest

from runfox.backend.protocols import Ask, Groups, Histories, Store, Taker
from runfox.errors import ExecutionNotFound, RevisionConflict, SlotsFull
from runfox.graph import StepResult
from runfox.testing.builders import a_claim, a_commit, a_creation, a_spec, a_step, created, loaded

LEASE = timedelta(seconds=60)


class GroupsContract:
    """``Groups``. Checked where the store implements it."""

    @pytest.fixture
    def groups(self, store: Store) -> Groups:
        if not isinstance(store, Groups):
            pytest.skip(f"{type(store).__name__} makes one commit at a time")
        return store

    def test_all_commits_of_a_group_are_made(self, store: Store, groups: Groups) -> None:
        commits = [a_commit(created(store, f"x{number}")) for number in range(5)]
        verdicts, jobs = groups.commit_all(commits)
        assert (verdicts, jobs) == ([False] * 5, [])
        for number in range(5):
            assert loaded(store, f"x{number}").revision == 2

    def test_one_that_does_not_fit_stops_no_other(self, store: Store, groups: Groups) -> None:
        records = [created(store, f"x{number}") for number in range(3)]
        store.commit(a_commit(records[1]))
        lost = a_commit(a_creation("gone")[0].record)
        commits = [a_commit(records[0]), a_commit(records[1]), lost, a_commit(records[2])]
        first, conflict, missing, last = groups.commit_all(commits)[0]
        assert (first, last) == (False, False)
        assert isinstance(conflict, RevisionConflict)
        assert isinstance(missing, ExecutionNotFound)
        assert [loaded(store, f"x{number}").revision for number in range(3)] == [2, 2, 2]

    def test_nothing_is_left_of_one_that_is_refused(self, store: Store, groups: Groups) -> None:
        one, other = created(store, "x1"), created(store, "x2")
        claim = a_claim("k", "a", 0, most=1)
        commits = [a_commit(record)._replace(claims=(claim,)) for record in (one, other)]
        made, refused = groups.commit_all(commits)[0]
        assert made is False
        assert isinstance(refused, SlotsFull)
        assert loaded(store, "x2").revision == 1
        if isinstance(store, Histories):
            assert [row.revision for row in store.history("x2")] == [1]

    def test_the_same_group_again_is_a_success(self, store: Store, groups: Groups) -> None:
        commits = [a_commit(created(store, f"x{number}")) for number in range(2)]
        for _ in range(2):
            assert groups.commit_all(commits)[0] == [False, False]
        assert [loaded(store, f"x{number}").revision for number in range(2)] == [2, 2]

    def test_jobs_are_taken_with_the_commits_that_make_them(
        self, store: Store, groups: Groups
    ) -> None:
        commits = [a_step(created(store, f"x{n}", a_spec("a", "b"))) for n in range(2)]
        taker = Taker("w1", LEASE)
        _, jobs = groups.commit_all(commits, Ask(taker, 3))
        assert [(job.execution_id, job.step_id, job.delivery) for job in jobs] == [
            ("x0", "a", 1),
            ("x0", "b", 1),
            ("x1", "a", 1),
        ]
        result = StepResult("a", 0, {})
        again = [a_step(loaded(store, f"x{n}"), result) for n in range(2)]
        _, jobs = groups.commit_all(again, Ask(Taker("w2", LEASE), 10))
        assert [(job.execution_id, job.step_id) for job in jobs] == [("x1", "b")]

    def test_jobs_can_be_taken_with_no_commit_at_all(self, store: Store, groups: Groups) -> None:
        store.commit(a_step(created(store, "x1", a_spec("a"))))
        verdicts, jobs = groups.commit_all([], Ask(Taker("w1", LEASE), 5))
        assert verdicts == []
        assert [job.step_id for job in jobs] == ["a"]
