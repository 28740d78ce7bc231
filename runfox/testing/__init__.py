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
the worker's side of a queue, ``HintsContract`` for a queue that carries hints of jobs; ``UnreliableHints`` is
such a queue, as bad as one may be. They need the extra
``test``, ``simulate`` does not.
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
from runfox.testing.unreliable import UnreliableHints

if TYPE_CHECKING:
    from runfox.testing.announcing import AnnouncingContract, HintsContract
    from runfox.testing.asking import AskContract, ReclaimContract
    from runfox.testing.engines import EnginesContract, EnginesOfJobsContract
    from runfox.testing.finding import DueContract, HistoriesContract, ListsContract
    from runfox.testing.grouping import GroupsContract
    from runfox.testing.inbox import InboxContract
    from runfox.testing.jobs import JobSourceContract
    from runfox.testing.pruning import CompactsContract, ExaminesContract, PrunesContract
    from runfox.testing.queues import JobsOfCommitsContract
    from runfox.testing.records import RecordsContract
    from runfox.testing.remembering import (
        CachesContract,
        DefinitionsContract,
        FiredContract,
        NotesContract,
    )
    from runfox.testing.reporting import ReportsContract
    from runfox.testing.runner import RunnerContract
    from runfox.testing.slots import SlotsContract
    from runfox.testing.spreading import SpreadingContract
    from runfox.testing.store import StoreContract
    from runfox.testing.terms import TermsContract
    from runfox.testing.wakes import WakesContract

__all__ = [
    "NOW",
    "AnnouncingContract",
    "AskContract",
    "Bench",
    "CachesContract",
    "Called",
    "CompactsContract",
    "DefinitionsContract",
    "DueContract",
    "EnginesContract",
    "EnginesOfJobsContract",
    "ExaminesContract",
    "Fails",
    "FakeClock",
    "FiredContract",
    "GroupsContract",
    "HintsContract",
    "HistoriesContract",
    "InboxContract",
    "JobSourceContract",
    "JobsOfCommitsContract",
    "ListsContract",
    "NotesContract",
    "PrunesContract",
    "ReclaimContract",
    "RecordsContract",
    "ReportsContract",
    "RunnerContract",
    "Simulation",
    "SlotsContract",
    "SpreadingContract",
    "StoreContract",
    "Stuck",
    "Takes",
    "TermsContract",
    "TimesOut",
    "UnreliableHints",
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
    "AnnouncingContract": "announcing",
    "HintsContract": "announcing",
    "AskContract": "asking",
    "ReclaimContract": "asking",
    "EnginesContract": "engines",
    "EnginesOfJobsContract": "engines",
    "DueContract": "finding",
    "HistoriesContract": "finding",
    "ListsContract": "finding",
    "GroupsContract": "grouping",
    "InboxContract": "inbox",
    "JobSourceContract": "jobs",
    "CompactsContract": "pruning",
    "ExaminesContract": "pruning",
    "PrunesContract": "pruning",
    "JobsOfCommitsContract": "queues",
    "RecordsContract": "records",
    "CachesContract": "remembering",
    "DefinitionsContract": "remembering",
    "FiredContract": "remembering",
    "NotesContract": "remembering",
    "ReportsContract": "reporting",
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
