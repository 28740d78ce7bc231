"""What a store promises that keeps jobs which a queue elsewhere is told of."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from runfox.backend.protocols import Ask, Commit, Hint, Hints, Taker
from runfox.graph import StepResult
from runfox.testing.bench import LEASE, ONE, Bench
from runfox.testing.builders import a_job, a_spec, a_step, created
from runfox.testing.hostile import TEXTS

HOLD = timedelta(seconds=30)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


class AnnouncingContract:
    """``Commit.announced`` and ``Ledger.unheard``. Part of ``JobSourceContract``.

    Checked where the queue on the bench is that of a store, for only a commit announces.
    """

    @pytest.fixture
    def dispatch(self, bench: Bench) -> Callable[..., Commit]:
        """Commit jobs of these names, announced, and return that commit."""
        store: Any = bench.inbox
        if not hasattr(store, "commit"):
            pytest.skip("the queue is apart from every store: nothing announces its jobs")

        def dispatch(*steps: str, of: str = "y1", **changes: Any) -> Commit:
            now = bench.clock()
            commit = a_step(created(store, of, a_spec(*steps), now=now), now=now)
            commit = commit._replace(**{"announced": HOLD, **changes})
            store.commit(commit)
            return commit

        return dispatch

    @pytest.fixture
    def unheard(self, bench: Bench) -> Callable[..., list[str]]:
        """Return the steps whose jobs are unheard at that time."""

        def unheard(after: timedelta = timedelta(0), limit: int = 100) -> list[str]:
            bench.clock.advance(after)
            return [job.step_id for job in bench.source.unheard(limit, hold=HOLD)]

        return unheard

    def test_a_job_that_nobody_takes_is_unheard_once_its_time_is_over(
        self, dispatch: Callable[..., Commit], unheard: Callable[..., list[str]], bench: Bench
    ) -> None:
        commit = dispatch("a")
        assert unheard(HOLD - SECOND) == []
        bench.clock.advance(SECOND)
        (job,) = bench.source.unheard(100, hold=HOLD)
        assert job == commit.jobs[0]._replace(delivery=0)
        assert unheard() == []

    def test_it_is_told_of_more_and_more_seldom(
        self, dispatch: Callable[..., Commit], unheard: Callable[..., list[str]]
    ) -> None:
        dispatch("a")
        for wait in (30, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600):
            assert unheard(timedelta(seconds=wait - 1)) == []
            assert unheard(SECOND) == ["a"]

    def test_jobs_of_commits_that_announce_nothing_are_never_unheard(
        self, dispatch: Callable[..., Commit], unheard: Callable[..., list[str]], bench: Bench
    ) -> None:
        dispatch("a", announced=None)
        bench.source.queue([a_job("b", of=bench.keys[0])])
        bench.source.release(ONE, bench.source.take(Ask(ONE, 10)))
        assert unheard(HOUR) == []

    def test_a_job_that_somebody_has_or_nobody_wants_is_not_unheard(
        self, dispatch: Callable[..., Commit], unheard: Callable[..., list[str]], bench: Bench
    ) -> None:
        commit = dispatch("a", "b", "c")
        bench.source.take(Ask(Taker("w1", None), 1))
        bench.source.forget(commit.jobs[1].workflow_execution_id, [("b", 0)])
        assert unheard(HOLD) == ["c"]

    def test_a_job_that_was_answered_is_not_unheard(
        self, dispatch: Callable[..., Commit], unheard: Callable[..., list[str]], bench: Bench
    ) -> None:
        store: Any = bench.inbox
        commit = dispatch("a", "b")
        store.commit(a_step(commit.record, StepResult("a", 0, {}), now=bench.clock()))
        assert unheard(HOLD) == ["b"]

    def test_a_job_that_was_given_back_is_unheard_at_once(
        self, dispatch: Callable[..., Commit], unheard: Callable[..., list[str]], bench: Bench
    ) -> None:
        dispatch("a")
        assert unheard(HOLD) == ["a"]
        bench.source.release(ONE, bench.source.take(Ask(ONE, 1)))
        assert unheard() == ["a"]
        assert unheard(HOLD - SECOND) == []
        assert unheard(SECOND) == ["a"]

    def test_what_a_lapsed_worker_held_is_unheard_at_once(
        self, dispatch: Callable[..., Commit], unheard: Callable[..., list[str]], bench: Bench
    ) -> None:
        dispatch("a", taker=Taker("w1", LEASE))
        assert unheard(LEASE) == []
        assert bench.source.reclaim() == 1
        assert unheard() == ["a"]

    def test_of_the_jobs_of_a_commit_those_that_a_taker_has_no_place_for_are_announced(
        self, dispatch: Callable[..., Commit], unheard: Callable[..., list[str]]
    ) -> None:
        dispatch("a", "b", taker=Taker("w1", None, places=1))
        assert unheard(HOLD) == ["b"]

    def test_the_same_commit_again_announces_nothing_new(
        self, dispatch: Callable[..., Commit], unheard: Callable[..., list[str]], bench: Bench
    ) -> None:
        store: Any = bench.inbox
        commit = dispatch("a")
        assert unheard(HOLD) == ["a"]
        store.commit(commit)
        assert unheard(HOLD - SECOND) == []

    def test_no_more_are_unheard_than_were_asked_for(
        self, dispatch: Callable[..., Commit], unheard: Callable[..., list[str]]
    ) -> None:
        dispatch(*"abcde")
        assert unheard(HOLD, limit=0) == []
        found = [unheard(limit=2) for _ in range(4)]
        assert [len(some) for some in found] == [2, 2, 1, 0]
        assert sorted(step for some in found for step in some) == [*"abcde"]

    def test_of_racing_sweepers_one_is_told_of_a_job(
        self, dispatch: Callable[..., Commit], bench: Bench
    ) -> None:
        steps = [f"s{number}" for number in range(40)]
        dispatch(*steps)
        bench.clock.advance(HOLD)
        with ThreadPoolExecutor(8) as threads:
            told = list(threads.map(lambda _: bench.source.unheard(10, hold=HOLD), range(16)))
        assert sorted(job.step_id for some in told for job in some) == sorted(steps)


class HintsContract:
    """``Hints``. Subclass it and give a ``hints`` fixture: a queue of hints, empty.

    A queue may lose, repeat, delay and reorder them; ``received`` asks as often as yours needs to be asked.
    """

    @pytest.fixture
    def hints(self) -> Hints:
        raise NotImplementedError("give a fixture `hints`: a queue of hints, empty")

    def received(self, hints: Hints, *queues: str) -> list[Hint]:
        """Return all that is there, each once."""
        found: list[Hint] = []
        while some := hints.receive(3, queues):
            assert len(some) <= 3
            found += some
        return list(dict.fromkeys(found))

    def test_an_empty_queue_gives_nothing_at_once(self, hints: Hints) -> None:
        assert self.received(hints) == []
        hints.hint([])
        assert self.received(hints) == []

    def test_what_was_hinted_is_received(self, hints: Hints) -> None:
        runs = [("w#x1", "a", 0), ("w#x1", "a", 1), ("w#x2", "a", 0), ("w#x1", "b[2].é", 2**40)]
        hints.hint([Hint(*run) for run in runs[:3]])
        hints.hint([Hint(*run) for run in runs[3:]])
        assert sorted(hint.run for hint in self.received(hints)) == sorted(runs)

    def test_a_hint_keeps_the_name_of_its_queue(self, hints: Hints) -> None:
        hints.hint([Hint("w#x1", "a", 0, "gpu", 9), Hint("w#x1", "b", 0)])
        assert {(hint.step, hint.queue) for hint in self.received(hints)} == {
            ("a", "gpu"),
            ("b", ""),
        }

    def test_who_serves_some_queues_is_told_of_these_alone(self, hints: Hints) -> None:
        queues = ["", "gpu", "GPU", "cpu"]
        hints.hint([Hint("w#x1", f"s{n}", 0, queue) for n, queue in enumerate(queues)])
        assert {hint.queue for hint in self.received(hints, "gpu", "cpu")} <= {"gpu", "cpu"}
        assert {hint.queue for hint in self.received(hints, "")} <= {""}
        written = [text for text in TEXTS[1:] if text.isprintable()]
        assert self.received(hints, "none", *written) == []
        assert {hint.queue for hint in self.received(hints)} >= {"GPU"}

    def test_the_same_hint_again_is_no_error(self, hints: Hints) -> None:
        hint = Hint("w#x1", "a", 0)
        hints.hint([hint, hint])
        hints.hint([hint])
        assert [found.run for found in self.received(hints)] == [hint.run]
        hints.hint([hint])
        assert [found.run for found in self.received(hints)] == [hint.run]

    def test_however_many_receive_every_hint_gets_to_somebody(self, hints: Hints) -> None:
        steps = [f"s{number}" for number in range(60)]
        hints.hint([Hint("w#x1", step, 0) for step in steps])
        with ThreadPoolExecutor(8) as threads:
            told = list(threads.map(lambda _: self.received(hints), range(8)))
        assert {hint.step for some in told for hint in some} == set(steps)
