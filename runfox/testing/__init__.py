"""Tests of workflows, and the promises of stores and runners as tests.

``simulate`` runs a workflow to its end by a script, in memory, under a virtual clock:

    from runfox.testing import Fails, simulate

    run = simulate("flow.yaml", {"charge": [Fails("Declined"), {"receipt": 7}]}, {"total": 40})
    assert run.outcome == {"receipt": 7}

Of the contracts subclass a class, give one fixture, run pytest:

    from runfox.testing import StoreContract

    class TestMyStore(StoreContract):
        @pytest.fixture
        def store(self, tmp_path):
            return MyStore(tmp_path / "runs")

``StoreContract`` is for stores, ``RunnerContract`` for runners beside any store, ``JobSourceContract`` for
the worker's side of a queue. They need the extra ``test``, ``simulate`` does not.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from runfox.testing.bench import Bench, bench_of
from runfox.testing.builders import (
    NOW,
    a_chain,
    a_claim,
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
from runfox.testing.script import Fails, Takes, TimesOut, Unscripted
from runfox.testing.simulate import Simulation, simulate
from runfox.testing.simulate_run import Called, Stuck

if TYPE_CHECKING:
    from runfox.testing.finding import DueContract, HistoriesContract, ListsContract
    from runfox.testing.inbox import InboxContract
    from runfox.testing.jobs import JobSourceContract
    from runfox.testing.queues import JobsOfCommitsContract
    from runfox.testing.records import RecordsContract
    from runfox.testing.remembering import CachesContract, DefinitionsContract, FiredContract
    from runfox.testing.runner import RunnerContract
    from runfox.testing.slots import SlotsContract
    from runfox.testing.spreading import SpreadingContract
    from runfox.testing.store import StoreContract
    from runfox.testing.terms import TermsContract
    from runfox.testing.wakes import WakesContract

__all__ = [
    "NOW",
    "Bench",
    "CachesContract",
    "Called",
    "DefinitionsContract",
    "DueContract",
    "Fails",
    "FakeClock",
    "FiredContract",
    "HistoriesContract",
    "InboxContract",
    "JobSourceContract",
    "JobsOfCommitsContract",
    "ListsContract",
    "RecordsContract",
    "RunnerContract",
    "Simulation",
    "SlotsContract",
    "SpreadingContract",
    "StoreContract",
    "Stuck",
    "Takes",
    "TermsContract",
    "TimesOut",
    "Unscripted",
    "WakesContract",
    "a_chain",
    "a_claim",
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
    "simulate",
    "told",
]

_CONTRACTS = {
    "DueContract": "finding",
    "HistoriesContract": "finding",
    "ListsContract": "finding",
    "InboxContract": "inbox",
    "JobSourceContract": "jobs",
    "JobsOfCommitsContract": "queues",
    "RecordsContract": "records",
    "CachesContract": "remembering",
    "DefinitionsContract": "remembering",
    "FiredContract": "remembering",
    "RunnerContract": "runner",
    "SlotsContract": "slots",
    "SpreadingContract": "spreading",
    "StoreContract": "store",
    "TermsContract": "terms",
    "WakesContract": "wakes",
}


def __getattr__(name: str) -> Any:
    """Import a contract when it is first asked for: they need pytest, which ``simulate`` does not."""
    if name in _CONTRACTS:
        return getattr(import_module(f"runfox.testing.{_CONTRACTS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
