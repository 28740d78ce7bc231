"""What a queue promises of the terms of its jobs: which comes first, who may take it, and for how long."""

from datetime import timedelta

import pytest

from runfox.backend.protocols import Ask, Taker
from runfox.backend.queue import result_of
from runfox.graph import StepResult
from runfox.results import DispatchJob, Terms
from runfox.testing.bench import LEASE, ONE, TWO, Bench
from runfox.testing.builders import a_job, run_of
from runfox.testing.hostile import TEXTS

SECOND = timedelta(seconds=1)
LONG = Taker("w1", timedelta(days=1))


class TermsContract:
    """``DispatchJob.terms``, as a queue heeds them. Part of ``JobSourceContract``."""

    # priority ---------------------------------------------------------------------------------------

    def test_of_jobs_queued_at_once_the_most_urgent_is_first(self, bench: Bench) -> None:
        _queue(bench, low=Terms(priority=0), usual=Terms(), high=Terms(priority=10), plain=None)
        order = ["high", "usual", "plain", "low"]
        assert [job.step_id for job in bench.source.pending()] == order
        taken = [bench.source.take(Ask(ONE, 1))[0].step_id for _ in order]
        assert taken == order

    def test_a_minute_of_waiting_is_worth_one_level(self, bench: Bench) -> None:
        _queue(bench, patient=Terms(priority=3))
        bench.clock.advance(timedelta(minutes=2) - SECOND)
        _queue(bench, usual=Terms())
        assert [job.step_id for job in bench.source.pending()] == ["usual", "patient"]
        bench.clock.advance(2 * SECOND)
        _queue(bench, later=Terms())
        assert [job.step_id for job in bench.source.pending()] == ["usual", "patient", "later"]

    def test_a_job_that_comes_back_keeps_its_place_among_urgent_ones(self, bench: Bench) -> None:
        _queue(bench, a=Terms(priority=9), b=Terms(priority=9), c=Terms(priority=7))
        bench.source.release(ONE, bench.source.take(Ask(ONE, 2)))
        assert [job.step_id for job in bench.source.pending()] == ["a", "b", "c"]
        bench.source.take(Ask(ONE, 1))
        bench.clock.advance(LEASE)
        assert [job.step_id for job in bench.source.take(Ask(TWO, 10))] == ["a", "b", "c"]

    # queues -----------------------------------------------------------------------------------------

    def test_a_worker_takes_jobs_of_its_queues_alone(self, bench: Bench) -> None:
        _queue(bench, a=None, b=Terms(queue="gpu"), c=Terms(queue="GPU"), d=Terms(queue="cpu"))

        def taken(*queues: str) -> list[str]:
            return [job.step_id for job in bench.source.take(Ask(ONE, 10, None, queues))]

        assert taken("none", *TEXTS[1:]) == []
        assert taken("gpu", "cpu") == ["b", "d"]
        assert taken("") == ["a"]
        assert taken() == ["c"]

    def test_queue_and_execution_can_be_asked_for_together(self, bench: Bench) -> None:
        first, second = bench.keys
        terms = Terms(queue="gpu")
        jobs = [a_job("a", of=first), a_job("b", of=second, terms=terms), a_job("c", of=second)]
        bench.source.queue(jobs)
        own = second.rpartition("#")[2]
        found = bench.source.take(Ask(ONE, 10, own, ("gpu",)))
        assert [job.step_id for job in found] == ["b"]

    def test_terms_come_back_exactly_as_they_went_in(self, bench: Bench) -> None:
        secrets = ((("a", 0, "b"), "name"), (("é",), "TOKEN"))
        terms = Terms(7, "q é\x00", 1.5, 0.25, 3600.0, secrets)
        _queue(bench, a=terms, b=None)
        assert [job.terms for job in bench.source.pending()] == [terms, Terms()]
        assert [job.terms for job in bench.source.take(Ask(ONE, 2))] == [terms, Terms()]

    # wait -------------------------------------------------------------------------------------------

    def test_a_job_that_waits_too_long_fails_and_is_given_to_nobody(self, bench: Bench) -> None:
        _queue(bench, a=Terms(wait=30), b=None)
        bench.clock.advance(30 * SECOND - timedelta(milliseconds=1))
        assert bench.source.expire() == 0
        bench.clock.advance(timedelta(milliseconds=1))
        assert [job.step_id for job in bench.source.take(Ask(ONE, 10))] == ["b"]
        (failure,) = _failures(bench)
        assert failure[:3] == ("a", 0, None)
        assert failure.error is not None
        assert failure.error["type"] == "Timeout"
        assert "queue" in str(failure.error["message"])

    def test_however_many_jobs_are_past_their_time_none_is_given_out(self, bench: Bench) -> None:
        jobs = [a_job(f"s{n}", of=bench.keys[0], terms=Terms(wait=1)) for n in range(250)]
        bench.source.queue(jobs)
        bench.clock.advance(SECOND)
        assert bench.source.take(Ask(ONE, 1_000)) == []

    def test_a_job_that_was_taken_in_time_does_not_wait_any_longer(self, bench: Bench) -> None:
        (job,) = _queue(bench, a=Terms(wait=1))
        bench.source.take(Ask(LONG, 1))
        bench.clock.advance(3600 * SECOND)
        assert bench.source.expire() == 0
        assert bench.source.beat(LONG) == {run_of(job)}

    def test_a_job_that_comes_back_waits_anew(self, bench: Bench) -> None:
        _queue(bench, a=Terms(wait=10))
        bench.clock.advance(9 * SECOND)
        bench.source.release(ONE, bench.source.take(Ask(ONE, 1)))
        bench.clock.advance(9 * SECOND)
        assert bench.source.expire() == 0
        bench.clock.advance(SECOND)
        assert bench.source.expire() == 1
        assert bench.source.pending() == []

    # attempt, heartbeat -----------------------------------------------------------------------------

    def test_an_attempt_that_takes_too_long_fails(self, bench: Bench) -> None:
        _queue(bench, a=Terms(attempt=10))
        bench.clock.advance(100 * SECOND)
        (job,) = bench.source.take(Ask(LONG, 1))
        bench.clock.advance(10 * SECOND - timedelta(milliseconds=1))
        bench.source.alive(LONG, job)
        assert bench.source.expire() == 0
        bench.clock.advance(timedelta(milliseconds=1))
        assert bench.source.expire() == 1
        (failure,) = _failures(bench)
        assert failure.error == {"type": "Timeout", "message": "it took longer than 10 s"}
        assert bench.source.beat(LONG) == frozenset()
        assert bench.source.newest(bench.keys[0], "a") is None

    def test_an_executor_that_gives_no_sign_of_life_fails(self, bench: Bench) -> None:
        _queue(bench, a=Terms(heartbeat=5))
        (job,) = bench.source.take(Ask(LONG, 1))
        for _ in range(5):
            bench.clock.advance(4 * SECOND)
            bench.source.alive(LONG, job)
            assert bench.source.expire() == 0
        bench.clock.advance(5 * SECOND)
        assert bench.source.expire() == 1
        (failure,) = _failures(bench)
        assert failure.error is not None
        assert failure.error["type"] == "HeartbeatMissed"

    def test_signs_of_life_do_not_make_an_attempt_longer(self, bench: Bench) -> None:
        _queue(bench, a=Terms(attempt=10, heartbeat=4))
        (job,) = bench.source.take(Ask(LONG, 1))
        for _ in range(3):
            bench.clock.advance(3 * SECOND)
            bench.source.alive(LONG, job)
            assert bench.source.expire() == 0
        bench.clock.advance(SECOND)
        assert bench.source.expire() == 1
        (failure,) = _failures(bench)
        assert failure.error is not None
        assert failure.error["type"] == "Timeout"

    def test_a_sign_of_life_from_who_does_not_hold_the_job_counts_for_nothing(
        self, bench: Bench
    ) -> None:
        _queue(bench, a=Terms(heartbeat=5))
        (job,) = bench.source.take(Ask(LONG, 1))
        bench.clock.advance(4 * SECOND)
        bench.source.alive(TWO, job)
        bench.source.alive(LONG, job._replace(run_id=1))
        bench.clock.advance(SECOND)
        assert bench.source.expire() == 1
        bench.source.alive(LONG, job)
        assert bench.source.newest(bench.keys[0], "a") is None

    def test_a_job_without_bounds_is_never_past_its_time(self, bench: Bench) -> None:
        jobs = _queue(bench, a=None, b=Terms(priority=9))
        bench.source.take(Ask(Taker("w1", None), 1))
        bench.source.alive(ONE, jobs[0])
        bench.clock.advance(timedelta(days=20_000))
        assert bench.source.expire() == 0
        assert len(bench.source.pending()) == 1

    def test_a_job_that_was_answered_is_not_past_its_time(self, bench: Bench) -> None:
        _queue(bench, a=Terms(attempt=1), b=Terms(wait=1))
        bench.source.take(Ask(ONE, 1))
        bench.source.forget(bench.keys[0], [("a", 0), ("b", 0)])
        bench.clock.advance(2 * SECOND)
        assert bench.source.expire() == 0
        assert _failures(bench) == []

    def test_no_more_expire_than_were_asked_for(self, bench: Bench) -> None:
        jobs = [a_job(f"s{n}", of=bench.keys[0], terms=Terms(wait=1)) for n in range(5)]
        bench.source.queue(jobs)
        bench.clock.advance(SECOND)
        assert [bench.source.expire(limit=2) for _ in range(4)] == [2, 2, 1, 0]
        assert {failure.step_id for failure in _failures(bench)} == {job.step_id for job in jobs}

    @pytest.mark.parametrize("lapsed", [False, True])
    def test_the_next_attempt_has_all_of_its_time(self, bench: Bench, lapsed: bool) -> None:  # noqa: FBT001
        _queue(bench, a=Terms(attempt=100))
        (job,) = bench.source.take(Ask(ONE, 1))
        bench.clock.advance(LEASE)
        if not lapsed:
            bench.source.release(ONE, [job])
        bench.source.take(Ask(Taker("w2", timedelta(days=1)), 1))
        bench.clock.advance(99 * SECOND)
        assert bench.source.expire() == 0
        bench.clock.advance(SECOND)
        assert bench.source.expire() == 1


def _queue(bench: Bench, **terms: Terms | None) -> list[DispatchJob]:
    """Queue a job for each name, in one go; None stands for a job that nothing was said about."""
    of = bench.keys[0]
    jobs = [
        a_job(step, of=of) if own is None else a_job(step, of=of, terms=own)
        for step, own in terms.items()
    ]
    bench.source.queue(jobs)
    return jobs


def _failures(bench: Bench) -> list[StepResult]:
    messages = bench.inbox.read(bench.keys[0].rpartition("#")[2], 100)
    return [result_of(message) for message in messages]
