"""What a store promises that makes several commits in one write."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from runfox.backend.protocols import Ask, Commit, Groups, Histories, KeepsJobs, Store, Taker
from runfox.backend.queue import Jobs
from runfox.errors import ExecutionNotFound, RevisionConflict, SlotsFull
from runfox.graph import StepResult
from runfox.results import DispatchJob
from runfox.testing.builders import (
    a_claim,
    a_commit,
    a_creation,
    a_spec,
    a_step,
    created,
    loaded,
    run_of,
)

LEASE = timedelta(seconds=60)
ME = Taker("w1", LEASE)


class GroupsContract:
    """``Groups``. Checked where the store implements it."""

    @pytest.fixture
    def groups(self, store: Store) -> Groups:
        if not isinstance(store, Groups):
            pytest.skip(f"{type(store).__name__} makes one commit at a time")
        return store

    @pytest.fixture
    def ledger(self, store: Store) -> Jobs:
        assert isinstance(store, KeepsJobs)
        ledger: Jobs = store.ledger
        return ledger

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

    def test_a_worker_has_its_next_jobs_with_a_single_commit(
        self, store: Store, groups: Groups, ledger: Jobs
    ) -> None:
        mine = _taken(store, "x1")
        others = [*_queued(store, "x2", "a", "b"), *_queued(store, "x3", "a")]
        verdicts, jobs = groups.commit_all([_ended(mine)], Ask(ME, 2))
        assert verdicts == [False]
        assert jobs == [job._replace(delivery=1) for job in others[:2]]
        assert ledger.beat(ME) == {run_of(job) for job in jobs}
        assert [run_of(job) for job in ledger.pending()] == [run_of(others[2])]
        assert loaded(store, "x1").status.ended

    def test_what_a_commit_closes_is_not_given_out_with_it(
        self, store: Store, groups: Groups, ledger: Jobs
    ) -> None:
        queued = a_step(created(store, "x1", a_spec("a", "b")))
        store.commit(queued)
        commit = a_step(queued.record, StepResult("a", 0, {}))
        _, jobs = groups.commit_all([commit], Ask(ME, 5))
        assert [job.step_id for job in jobs] == ["b"]
        assert ledger.beat(ME) == {run_of(job) for job in jobs}
        assert ledger.newest(queued.record.origin.key, "a") is None

    def test_only_what_is_asked_for_is_given_with_a_commit(
        self, store: Store, groups: Groups
    ) -> None:
        mine = _taken(store, "x1")
        _queued(store, "x2", "a")
        [wanted] = _queued(store, "x3", "a")
        assert groups.commit_all([_ended(mine)], Ask(ME, 5, None, ("gpu",)))[1] == []
        again = _ended(_taken(store, "x4"))
        _, jobs = groups.commit_all([again], Ask(ME, 5, "x3"))
        assert [run_of(job) for job in jobs] == [run_of(wanted)]

    def test_of_racing_commits_each_job_goes_to_one(
        self, store: Store, groups: Groups, ledger: Jobs
    ) -> None:
        takers = [Taker(f"w{number}", LEASE) for number in range(6)]
        commits = [
            _ended(_taken(store, f"x{number}", taker)) for number, taker in enumerate(takers)
        ]
        queued = _queued(store, "y", *[f"s{number}" for number in range(9)])

        def commit(number: int) -> list[DispatchJob]:
            return groups.commit_all([commits[number]], Ask(takers[number], 2))[1]

        with ThreadPoolExecutor(6) as threads:
            given = [run_of(job) for jobs in threads.map(commit, range(6)) for job in jobs]
        assert len(given) == len(set(given))
        left = [run_of(job) for job in ledger.pending()]
        assert sorted([*given, *left]) == sorted(run_of(job) for job in queued)


def _taken(store: Store, execution_id: str, taker: Taker = ME) -> Commit:
    commit = a_step(created(store, execution_id))._replace(taker=taker)
    store.commit(commit)
    return commit


def _queued(store: Store, execution_id: str, *steps: str) -> list[DispatchJob]:
    commit = a_step(created(store, execution_id, a_spec(*steps)))
    store.commit(commit)
    return list(commit.jobs)


def _ended(commit: Commit) -> Commit:
    return a_step(commit.record, StepResult("a", 0, {}))
