"""The promises of stores and runners as tests: subclass a class, give one fixture, run pytest.

    from runfox.testing import StoreContract

    class TestMyStore(StoreContract):
        @pytest.fixture
        def store(self, tmp_path):
            return MyStore(tmp_path / "runs")

``StoreContract`` is for stores, ``RunnerContract`` for runners beside any store, ``JobSourceContract`` for
the worker's side of a queue. Needs the extra ``test``.
"""

from runfox.testing.builders import (
    NOW,
    a_chain,
    a_commit,
    a_creation,
    a_definition,
    a_job,
    a_plan,
    a_record,
    a_spec,
    a_step,
    created,
    loaded,
    run_of,
    told,
)
from runfox.testing.clock import FakeClock
from runfox.testing.finding import DueContract, HistoriesContract, ListsContract
from runfox.testing.inbox import InboxContract
from runfox.testing.jobs import Bench, JobSourceContract, bench_of
from runfox.testing.queues import JobsOfCommitsContract
from runfox.testing.records import RecordsContract
from runfox.testing.runner import RunnerContract
from runfox.testing.store import StoreContract
from runfox.testing.wakes import WakesContract

__all__ = [
    "NOW",
    "Bench",
    "DueContract",
    "FakeClock",
    "HistoriesContract",
    "InboxContract",
    "JobSourceContract",
    "JobsOfCommitsContract",
    "ListsContract",
    "RecordsContract",
    "RunnerContract",
    "StoreContract",
    "WakesContract",
    "a_chain",
    "a_commit",
    "a_creation",
    "a_definition",
    "a_job",
    "a_plan",
    "a_record",
    "a_spec",
    "a_step",
    "bench_of",
    "created",
    "loaded",
    "run_of",
    "told",
]
