"""What a queue promises that tells people how it stands."""

from datetime import timedelta

import pytest

from runfox.backend.protocols import Ask, Depth, JobRow, Reports, Taker, WorkerRow
from runfox.results import DispatchJob, Terms
from runfox.testing.bench import LEASE, ONE, TWO, Bench
from runfox.testing.builders import a_job

SECOND = timedelta(seconds=1)


class ReportsContract:
    """``Reports`` of a ledger. Part of ``JobSourceContract``; checked where the ledger implements it."""

    @pytest.fixture
    def reports(self, bench: Bench) -> Reports:
        if not isinstance(bench.source, Reports):
            pytest.skip(f"{type(bench.source).__name__} reports nothing")
        return bench.source

    def test_an_idle_queue_has_nothing_to_report(self, reports: Reports) -> None:
        assert reports.depths() == []
        assert reports.oldest() == []
        assert reports.workers() == []

    # workers ----------------------------------------------------------------------------------------

    def test_workers_are_told_in_the_order_in_which_their_leases_end(
        self, bench: Bench, reports: Reports
    ) -> None:
        _queue(bench, a=None, b=None, c=None)
        bench.source.beat(Taker("stays", None))
        bench.source.beat(Taker("drives", LEASE * 2, role="driver"))
        bench.source.take(Ask(ONE, 2))
        now = bench.clock()
        told = [(row.worker, row.role, row.until, row.alive, row.jobs) for row in reports.workers()]
        assert told == [
            ("w1", "worker", now + LEASE, True, 2),
            ("drives", "driver", now + LEASE * 2, True, 0),
            ("stays", "worker", None, True, 0),
        ]

    def test_a_worker_whose_lease_ran_out_is_told_until_it_is_reclaimed(
        self, bench: Bench, reports: Reports
    ) -> None:
        _queue(bench, a=None)
        bench.source.take(Ask(ONE, 1))
        bench.clock.advance(LEASE)
        (row,) = reports.workers()
        assert isinstance(row, WorkerRow)
        assert (row.worker, row.until, row.jobs) == ("w1", bench.clock(), 1)
        bench.source.reclaim()
        assert reports.workers() == []

    # depths, oldest ---------------------------------------------------------------------------------

    def test_depths_are_told_by_queue_and_status(self, bench: Bench, reports: Reports) -> None:
        start = bench.clock()
        _queue(bench, a=None, b=None)
        bench.clock.advance(SECOND)
        _queue(bench, c=None, d=Terms(queue="gpu"))
        bench.source.take(Ask(ONE, 1))
        assert reports.depths() == [
            Depth("", "queued", 2, start),
            Depth("", "taken", 1, start),
            Depth("gpu", "queued", 1, start + SECOND),
        ]

    def test_the_oldest_jobs_are_told_with_who_has_them(
        self, bench: Bench, reports: Reports
    ) -> None:
        start, key = bench.clock(), bench.keys[0]
        _queue(bench, a=None)
        bench.clock.advance(SECOND)
        _queue(bench, b=Terms(queue="gpu"), c=None)
        bench.source.take(Ask(TWO, 1))
        until = bench.clock() + LEASE
        assert reports.oldest() == [
            JobRow(key, "a", 0, "", 1, start, "w2", until),
            JobRow(key, "b", 0, "gpu", 0, start + SECOND),
            JobRow(key, "c", 0, "", 0, start + SECOND),
        ]
        assert [row.step for row in reports.oldest(2)] == ["a", "b"]

    def test_a_job_that_came_back_is_there_since_then(self, bench: Bench, reports: Reports) -> None:
        _queue(bench, a=None, b=None)
        taken = bench.source.take(Ask(ONE, 1))
        bench.clock.advance(SECOND)
        bench.source.release(ONE, taken)
        assert [(row.step, row.queued_at) for row in reports.oldest()] == [
            ("b", bench.clock() - SECOND),
            ("a", bench.clock()),
        ]


def _queue(bench: Bench, **terms: Terms | None) -> list[DispatchJob]:
    of = bench.keys[0]
    jobs = [
        a_job(step, of=of) if own is None else a_job(step, of=of, terms=own)
        for step, own in terms.items()
    ]
    bench.source.queue(jobs)
    return jobs
