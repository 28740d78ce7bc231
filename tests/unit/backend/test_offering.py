"""Of the jobs of a commit a worker gets those of its queues, as far as it has places, in their order."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from runfox.backend.offering import offered, remaining
from runfox.backend.protocols import Taker
from runfox.results import DispatchJob, Terms

QUEUES = st.sampled_from(["", "gpu", "mail"])


def jobs_of(queues):
    return tuple(
        DispatchJob("w#x", f"s{n}", "fn", {}, 0, terms=Terms(queue=queue))
        for n, queue in enumerate(queues)
    )


@given(st.lists(QUEUES, max_size=8), st.sets(QUEUES), st.integers(0, 9))
def test_a_worker_gets_the_first_of_its_queues_and_nothing_is_lost(queues, served, places):
    jobs = jobs_of(queues)
    taker = Taker("w", timedelta(seconds=60), places, queues=tuple(sorted(served)))
    told, own = offered(jobs, taker)
    mine = [job for job in jobs if not served or job.terms.queue in served][:places]
    assert sorted(told) == sorted(jobs)
    if jobs:
        assert list(told[: own.places]) == mine
        assert remaining(taker, jobs).places == places - len(mine)
    others = [job for job in told if job not in mine]
    assert others == [job for job in jobs if job not in mine]


def test_without_a_taker_jobs_are_left_as_they_are():
    jobs = jobs_of(["gpu", ""])
    assert offered(jobs, None) == (jobs, None)
    assert remaining(None, jobs) is None
