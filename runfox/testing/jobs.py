"""What the worker's side of a queue promises: each job to one worker at a time, until that one is lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from runfox.backend.codec import moment
from runfox.backend.protocols import MAX_DELIVERIES, Ask, Taker
from runfox.backend.queue import result_of
from runfox.results import DispatchJob
from runfox.testing.announcing import AnnouncingContract
from runfox.testing.asking import AskContract, ReclaimContract
from runfox.testing.bench import LEASE, ONE, TWO, Bench
from runfox.testing.builders import a_job, run_of
from runfox.testing.engines import EnginesOfJobsContract
from runfox.testing.hostile import PAYLOAD, TEXTS
from runfox.testing.reporting import ReportsContract
from runfox.testing.terms import TermsContract
from runfox.values import text


class JobSourceContract(
    TermsContract,
    AskContract,
    ReclaimContract,
    AnnouncingContract,
    ReportsContract,
    EnginesOfJobsContract,
):
    """``JobSource``, ``Ledger`` and ``Reports``.

    Subclass it and give a ``bench`` fixture: a ``Bench`` with an empty queue.
    """

    @pytest.fixture
    def bench(self) -> Bench:
        raise NotImplementedError("give a fixture `bench`: a Bench with an empty queue")

    # take -------------------------------------------------------------------------------------------

    def test_there_is_nothing_to_take_from_an_empty_queue(self, bench: Bench) -> None:
        assert bench.source.take(Ask(ONE, 10)) == []
        assert bench.source.pending() == []

    def test_jobs_are_taken_oldest_first(self, bench: Bench) -> None:
        _queue(bench, "c", "a", "b")
        assert [job.step_id for job in bench.source.pending()] == ["c", "a", "b"]
        assert [job.step_id for job in bench.source.take(Ask(ONE, 2))] == ["c", "a"]
        assert [job.step_id for job in bench.source.pending()] == ["b"]
        assert [job.step_id for job in bench.source.take(Ask(ONE, 2))] == ["b"]

    def test_many_jobs_are_taken_in_the_order_they_were_queued(self, bench: Bench) -> None:
        jobs = _queue(bench, *[f"s{number * 37 % 100}" for number in range(100)])
        taken = bench.source.take(Ask(ONE, 30)) + bench.source.take(Ask(TWO, 1_000))
        assert [job.step_id for job in taken] == [job.step_id for job in jobs]

    def test_what_one_worker_holds_no_other_is_given(self, bench: Bench) -> None:
        _queue(bench, "a")
        assert len(bench.source.take(Ask(ONE, 10))) == 1
        assert bench.source.take(Ask(TWO, 10)) == []
        assert bench.source.take(Ask(ONE, 10)) == []
        assert bench.source.pending() == []

    def test_of_racing_workers_each_job_goes_to_one(self, bench: Bench) -> None:
        jobs = _queue(bench, *[f"s{number}" for number in range(80)])

        def work(number: int) -> list[DispatchJob]:
            taken: list[DispatchJob] = []
            for _ in range(len(jobs)):
                taken += bench.source.take(Ask(Taker(f"w{number}", LEASE), 3))
            return taken

        with ThreadPoolExecutor(8) as threads:
            taken = [run_of(job) for own in threads.map(work, range(8)) for job in own]
        assert sorted(taken) == sorted(run_of(job) for job in jobs)

    def test_jobs_can_be_asked_for_of_one_execution(self, bench: Bench) -> None:
        first, second = bench.keys
        _queue(bench, "a", of=first)
        _queue(bench, "b", of=second)
        own = second.rpartition("#")[2]
        assert [job.step_id for job in bench.source.pending(own)] == ["b"]
        assert [job.step_id for job in bench.source.take(Ask(ONE, 10, own))] == ["b"]
        assert [job.step_id for job in bench.source.pending()] == ["a"]

    def test_a_job_is_taken_as_it_was_queued(self, bench: Bench) -> None:
        job = DispatchJob(bench.keys[0], "a", "fn é'\"\x00🦊", PAYLOAD, 3, 2, 1)
        bench.source.queue([job])
        (taken,) = bench.source.take(Ask(ONE, 1))
        assert taken._replace(inputs={}) == job._replace(inputs={})
        assert text(taken.inputs) == text(PAYLOAD)

    def test_asking_for_what_is_not_there_finds_nothing(self, bench: Bench) -> None:
        _queue(bench, "a")
        for hostile in TEXTS:
            assert bench.source.take(Ask(ONE, 10, hostile)) == []
            assert bench.source.pending(hostile) == []
            assert bench.source.newest(hostile, hostile) is None
            assert bench.source.newest(bench.keys[0], hostile) is None
            assert bench.source.gone(hostile) is False
        assert len(bench.source.pending()) == 1

    # queue ------------------------------------------------------------------------------------------

    def test_a_job_that_is_queued_already_is_not_queued_again(self, bench: Bench) -> None:
        jobs = _queue(bench, "a", "b")
        bench.source.queue([*jobs, *jobs[::-1]])
        assert [job.step_id for job in bench.source.pending()] == ["a", "b"]

    def test_a_job_that_is_taken_already_is_not_queued_again(self, bench: Bench) -> None:
        jobs = _queue(bench, "a")
        bench.source.take(Ask(ONE, 1))
        bench.source.queue(jobs)
        assert bench.source.pending() == []
        assert bench.source.take(Ask(TWO, 1)) == []

    def test_runs_of_a_step_are_jobs_of_their_own(self, bench: Bench) -> None:
        bench.source.queue([a_job("a", run_id, of=bench.keys[0]) for run_id in (0, 1, 2)])
        bench.source.queue([a_job("a", 0, of=bench.keys[1])])
        assert len(bench.source.pending()) == 4

    def test_the_newest_run_of_a_step_is_known_queued_or_taken(self, bench: Bench) -> None:
        key, other = bench.keys
        assert bench.source.newest(key, "a") is None
        bench.source.queue([a_job("a", 3, of=key), a_job("a", 7, of=key), a_job("a", 9, of=other)])
        assert bench.source.newest(key, "a") == 7
        bench.source.take(Ask(ONE, 10))
        assert bench.source.newest(key, "a") == 7
        assert bench.source.newest(key, "b") is None

    # leases -----------------------------------------------------------------------------------------

    def test_the_first_delivery_is_number_one(self, bench: Bench) -> None:
        _queue(bench, "a")
        assert [job.delivery for job in bench.source.take(Ask(ONE, 1))] == [1]

    def test_a_job_whose_lease_ran_out_is_delivered_to_another(self, bench: Bench) -> None:
        _queue(bench, "a")
        bench.source.take(Ask(ONE, 1))
        bench.clock.advance(LEASE - timedelta(milliseconds=1))
        assert bench.source.take(Ask(TWO, 1)) == []
        bench.clock.advance(timedelta(milliseconds=1))
        (job,) = bench.source.take(Ask(TWO, 1))
        assert (job.step_id, job.delivery) == ("a", 2)
        assert bench.source.beat(ONE) == frozenset()

    def test_jobs_that_come_back_are_still_the_oldest(self, bench: Bench) -> None:
        _queue(bench, "a", "b", "c")
        bench.source.take(Ask(ONE, 1))
        bench.clock.advance(LEASE)
        assert [job.step_id for job in bench.source.take(Ask(TWO, 10))] == ["a", "b", "c"]

    def test_a_beat_renews_the_lease_of_all_that_a_worker_holds(self, bench: Bench) -> None:
        jobs = _queue(bench, "a", "b")
        bench.source.take(Ask(ONE, 1))
        bench.source.take(Ask(ONE, 1))
        for _ in range(4):
            bench.clock.advance(LEASE / 2)
            assert bench.source.beat(ONE) == {run_of(job) for job in jobs}
            assert bench.source.take(Ask(TWO, 10)) == []
        bench.clock.advance(LEASE)
        assert len(bench.source.take(Ask(TWO, 10))) == 2

    def test_a_beat_tells_what_was_taken_over(self, bench: Bench) -> None:
        _queue(bench, "a", "b")
        bench.source.take(Ask(ONE, 2))
        bench.clock.advance(LEASE)
        bench.source.take(Ask(TWO, 1))
        kept = bench.source.beat(ONE)
        assert run_of(a_job("a", of=bench.keys[0])) not in kept
        assert bench.source.beat(TWO) == {run_of(a_job("a", of=bench.keys[0]))}

    def test_a_beat_of_a_worker_that_holds_nothing_is_no_error(self, bench: Bench) -> None:
        assert bench.source.beat(ONE) == frozenset()
        assert bench.source.beat(ONE) == frozenset()

    def test_taking_renews_the_lease(self, bench: Bench) -> None:
        _queue(bench, "a", "b")
        bench.source.take(Ask(ONE, 1))
        bench.clock.advance(LEASE - timedelta(seconds=1))
        bench.source.take(Ask(ONE, 1))
        bench.clock.advance(timedelta(seconds=2))
        assert bench.source.take(Ask(TWO, 10)) == []

    def test_a_worker_without_a_lease_keeps_what_it_has(self, bench: Bench) -> None:
        _queue(bench, "a")
        bench.source.take(Ask(Taker("w1", None), 1))
        bench.clock.advance(timedelta(days=20_000))
        assert bench.source.take(Ask(TWO, 1)) == []

    def test_a_worker_that_was_robbed_once_holds_what_it_takes_next(self, bench: Bench) -> None:
        _queue(bench, "a")
        bench.source.take(Ask(ONE, 1))
        bench.clock.advance(LEASE)
        bench.source.take(Ask(TWO, 1))
        (job,) = _queue(bench, "b")
        assert len(bench.source.take(Ask(ONE, 1))) == 1
        assert bench.source.take(Ask(TWO, 1)) == []
        assert bench.source.beat(ONE) == {run_of(job)}

    def test_a_job_that_cost_too_many_workers_fails_and_is_given_to_no_other(
        self, bench: Bench
    ) -> None:
        _queue(bench, "killer", "harmless")
        for delivery in range(1, MAX_DELIVERIES + 1):
            (job,) = bench.source.take(Ask(Taker(f"w{delivery}", LEASE), 1))
            assert (job.step_id, job.delivery) == ("killer", delivery)
            bench.clock.advance(LEASE)
        assert [job.step_id for job in bench.source.take(Ask(ONE, 10))] == ["harmless"]
        assert bench.source.newest(bench.keys[0], "killer") is None
        (message,) = bench.inbox.read(bench.keys[0].rpartition("#")[2], 10)
        result = result_of(message)
        assert (result.step_id, result.run_id) == ("killer", 0)
        assert result.error is not None
        assert result.error["type"] == "LeaseLost"

    # release ----------------------------------------------------------------------------------------

    def test_a_released_job_is_back_and_no_delivery_is_counted(self, bench: Bench) -> None:
        _queue(bench, "a")
        for _ in range(MAX_DELIVERIES + 2):
            jobs = bench.source.take(Ask(ONE, 1))
            assert [job.delivery for job in jobs] == [1]
            bench.source.release(ONE, jobs)
            assert len(bench.source.pending()) == 1

    def test_a_released_job_is_still_the_oldest(self, bench: Bench) -> None:
        _queue(bench, "a", "b", "c")
        bench.source.release(ONE, bench.source.take(Ask(ONE, 1)))
        assert [job.step_id for job in bench.source.pending()] == ["a", "b", "c"]
        assert [job.step_id for job in bench.source.take(Ask(TWO, 1))] == ["a"]

    def test_only_what_a_worker_holds_can_it_release(self, bench: Bench) -> None:
        _queue(bench, "a", "b")
        jobs = bench.source.take(Ask(ONE, 1))
        bench.source.release(TWO, [*jobs, a_job("b", of=bench.keys[0]), a_job("nothing")])
        assert [job.step_id for job in bench.source.pending()] == ["b"]
        assert bench.source.beat(ONE) == {run_of(job) for job in jobs}

    def test_a_worker_that_is_alive_is_not_gone(self, bench: Bench) -> None:
        _queue(bench, "a")
        bench.source.take(Ask(ONE, 1))
        assert bench.source.gone("w1") is False
        bench.clock.advance(LEASE)
        assert bench.source.gone("w1") is False
        assert bench.source.gone("nobody") is False

    def test_moments_far_away_are_no_trouble(self, bench: Bench) -> None:
        _queue(bench, "a")
        lease = moment(2**46) - bench.clock()
        assert len(bench.source.take(Ask(Taker("w1", lease), 1))) == 1
        assert bench.source.take(Ask(TWO, 1)) == []


def _queue(bench: Bench, *steps: str, of: str | None = None) -> list[DispatchJob]:
    jobs = [a_job(step, of=of or bench.keys[0]) for step in steps]
    bench.source.queue(jobs)
    return jobs
