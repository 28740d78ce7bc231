"""What a queue promises of what a worker asks for: certain jobs alone, and none that cost too many their life."""

from datetime import timedelta

import pytest

from runfox.backend.messages import result_message
from runfox.backend.protocols import Ask, Message, Taker
from runfox.backend.queue import result_of
from runfox.graph import StepResult
from runfox.results import DispatchJob, Terms
from runfox.testing.bench import LEASE, ONE, TWO, Bench
from runfox.testing.builders import a_job, run_of
from runfox.testing.hostile import TEXTS
from runfox.values import Json


class AskContract:
    """``Ask.runs`` and ``Ask.max_deliveries``. Part of ``JobSourceContract``."""

    # runs -------------------------------------------------------------------------------------------

    def test_who_was_told_of_jobs_is_given_these_alone(self, bench: Bench) -> None:
        _, b, _, d = _queue(bench, "a", "b", "c", "d")
        taken = bench.source.take(Ask(ONE, 10, runs=(run_of(d), run_of(b))))
        assert [job.step_id for job in taken] == ["b", "d"]
        assert [job.step_id for job in bench.source.pending()] == ["a", "c"]

    def test_of_the_jobs_that_were_told_no_more_are_given_than_were_asked_for(
        self, bench: Bench
    ) -> None:
        runs = tuple(run_of(job) for job in _queue(bench, "a", "b", "c"))
        assert [job.step_id for job in bench.source.take(Ask(ONE, 2, runs=runs))] == ["a", "b"]
        assert [job.step_id for job in bench.source.take(Ask(ONE, 2, runs=runs))] == ["c"]
        assert bench.source.take(Ask(ONE, 2, runs=runs)) == []

    def test_a_job_that_is_told_of_twice_is_given_once(self, bench: Bench) -> None:
        (job,) = _queue(bench, "a")
        assert len(bench.source.take(Ask(ONE, 10, runs=(run_of(job),) * 2))) == 1
        assert bench.source.take(Ask(TWO, 10, runs=(run_of(job),))) == []
        bench.source.forget(job.workflow_execution_id, [("a", 0)])
        assert bench.source.take(Ask(TWO, 10, runs=(run_of(job),))) == []

    def test_what_was_told_wrongly_finds_nothing(self, bench: Bench) -> None:
        _queue(bench, "a")
        key, other = bench.keys
        wrong = [
            (other, "a", 0),
            (key, "b", 0),
            (key, "a", 1),
            (key, "a", -1),
            ("w#nobody", "a", 0),
        ]
        wrong += [(key, hostile, 0) for hostile in TEXTS]
        for run in wrong:
            assert bench.source.take(Ask(ONE, 10, runs=(run,))) == []
        assert len(bench.source.pending()) == 1

    def test_what_is_told_has_to_be_of_the_queues_of_who_asks(self, bench: Bench) -> None:
        key = bench.keys[0]
        jobs = [a_job("a", of=key), a_job("b", of=key, terms=Terms(queue="gpu"))]
        bench.source.queue(jobs)
        runs = tuple(run_of(job) for job in jobs)
        taken = bench.source.take(Ask(ONE, 10, queues=("gpu",), runs=runs))
        assert [job.step_id for job in taken] == ["b"]

    def test_a_job_that_was_told_and_is_past_its_time_is_given_to_nobody(
        self, bench: Bench
    ) -> None:
        job = a_job("a", of=bench.keys[0], terms=Terms(wait=1))
        bench.source.queue([job])
        bench.clock.advance(timedelta(seconds=1))
        assert bench.source.take(Ask(ONE, 10, runs=(run_of(job),))) == []

    # max_deliveries ---------------------------------------------------------------------------------

    @pytest.mark.parametrize("most", [1, 2, 7])
    @pytest.mark.parametrize("told", [False, True])
    def test_a_job_is_delivered_as_often_as_its_workers_say(
        self,
        bench: Bench,
        most: int,
        told: bool,  # noqa: FBT001 - as pytest gives it
    ) -> None:
        (job,) = _queue(bench, "a")
        runs = (run_of(job),) if told else ()
        for delivery in range(1, most + 1):
            worker = Taker(f"one-{delivery}", LEASE)
            (taken,) = bench.source.take(Ask(worker, 1, runs=runs, max_deliveries=most))
            assert taken.delivery == delivery
            bench.clock.advance(LEASE)
        assert bench.source.take(Ask(ONE, 1, runs=runs, max_deliveries=most)) == []
        assert _lost(bench) == ["LeaseLost"]
        assert bench.source.newest(*run_of(job)[:2]) is None

    def test_a_job_that_came_back_too_often_fails_as_soon_as_it_is_asked_for(
        self, bench: Bench
    ) -> None:
        (job,) = _queue(bench, "a")
        bench.source.take(Ask(ONE, 1))
        bench.clock.advance(LEASE)
        assert bench.source.reclaim() == 1
        ask = Ask(TWO, 1, runs=(run_of(job),), max_deliveries=1)
        assert bench.source.take(ask) == []
        assert _lost(bench) == ["LeaseLost"]


class ReclaimContract:
    """``JobSource.reclaim``. Part of ``JobSourceContract``."""

    def test_what_a_lapsed_worker_holds_goes_back_to_the_queue(self, bench: Bench) -> None:
        _queue(bench, "a", "b", "c")
        bench.source.take(Ask(ONE, 2))
        assert bench.source.reclaim() == 0
        bench.clock.advance(LEASE)
        assert bench.source.reclaim() == 2
        assert bench.source.reclaim() == 0
        assert [job.step_id for job in bench.source.pending()] == ["a", "b", "c"]
        assert bench.source.beat(ONE) == frozenset()
        assert [job.delivery for job in bench.source.take(Ask(TWO, 3))] == [2, 2, 1]

    def test_what_others_hold_stays_theirs(self, bench: Bench) -> None:
        _queue(bench, "a", "b")
        bench.source.take(Ask(ONE, 1))
        long = Taker("w2", LEASE * 10)
        (theirs,) = bench.source.take(Ask(long, 1))
        bench.clock.advance(LEASE)
        assert bench.source.reclaim() == 1
        assert bench.source.beat(long) == {run_of(theirs)}

    def test_a_job_whose_answer_waits_is_taken_and_executed_by_nobody(self, bench: Bench) -> None:
        answered, _ = _queue(bench, "a", "b")
        taken = bench.source.take(Ask(ONE, 2))
        bench.inbox.put(_answer(taken[0], {}))
        bench.clock.advance(LEASE)
        assert bench.source.reclaim() == 2
        assert [job.step_id for job in bench.source.pending()] == ["b"]
        assert bench.source.newest(*run_of(answered)[:2]) is None

    def test_taking_drops_a_job_whose_answer_waits_too(self, bench: Bench) -> None:
        _queue(bench, "a", "b")
        bench.inbox.put(_answer(bench.source.take(Ask(ONE, 2))[0], {}))
        bench.clock.advance(LEASE)
        assert [job.step_id for job in bench.source.take(Ask(TWO, 10))] == ["b"]

    def test_the_answer_to_another_run_is_none(self, bench: Bench) -> None:
        _queue(bench, "a")
        (taken,) = bench.source.take(Ask(ONE, 1))
        for other in (taken._replace(run_id=1), taken._replace(step_id="b")):
            bench.inbox.put(_answer(other, {}))
        bench.clock.advance(LEASE)
        assert len(bench.source.take(Ask(TWO, 1))) == 1

    def test_a_failure_of_a_delivery_before_is_no_answer(self, bench: Bench) -> None:
        _queue(bench, "a")
        (first,) = bench.source.take(Ask(ONE, 1))
        bench.clock.advance(LEASE)
        bench.source.take(Ask(TWO, 1))
        bench.inbox.put(_answer(first, None))
        bench.clock.advance(LEASE)
        (again,) = bench.source.take(Ask(Taker("w3", LEASE), 1))
        assert again.delivery == 3

    def test_a_job_that_was_delivered_too_often_fails(self, bench: Bench) -> None:
        _queue(bench, "a", "b")
        bench.source.take(Ask(ONE, 1))
        bench.clock.advance(LEASE)
        assert bench.source.reclaim(max_deliveries=1) == 1
        assert [job.step_id for job in bench.source.pending()] == ["b"]
        assert _lost(bench) == ["LeaseLost"]


def _answer(job: DispatchJob, output: dict[str, Json] | None) -> Message:
    error = None if output is not None else {"type": "Broken", "message": "it broke"}
    result = StepResult(job.step_id, job.run_id, output, error, job.delivery)
    return result_message(job.execution_id, result)


def _queue(bench: Bench, *steps: str) -> list[DispatchJob]:
    jobs = [a_job(step, of=bench.keys[0]) for step in steps]
    bench.source.queue(jobs)
    return jobs


def _lost(bench: Bench) -> list[object]:
    messages = bench.inbox.read(bench.keys[0].rpartition("#")[2], 10)
    return [error["type"] for one in messages if (error := result_of(one).error) is not None]
