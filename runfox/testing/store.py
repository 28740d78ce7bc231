"""All that a store can promise, in one class to subclass."""

from runfox.testing.engines import EnginesContract
from runfox.testing.finding import DueContract, HistoriesContract, ListsContract
from runfox.testing.grouping import GroupsContract
from runfox.testing.inbox import InboxContract
from runfox.testing.pruning import CompactsContract, ExaminesContract, PrunesContract
from runfox.testing.queues import JobsOfCommitsContract
from runfox.testing.records import RecordsContract
from runfox.testing.remembering import (
    CachesContract,
    DefinitionsContract,
    FiredContract,
    NotesContract,
)
from runfox.testing.slots import SlotsContract
from runfox.testing.spreading import SpreadingContract
from runfox.testing.wakes import WakesContract


class StoreContract(
    RecordsContract,
    SpreadingContract,
    HistoriesContract,
    ListsContract,
    DueContract,
    InboxContract,
    JobsOfCommitsContract,
    WakesContract,
    GroupsContract,
    SlotsContract,
    CachesContract,
    FiredContract,
    NotesContract,
    DefinitionsContract,
    PrunesContract,
    CompactsContract,
    ExaminesContract,
    EnginesContract,
):
    """Certifies a store. Subclass it and give a ``store`` fixture: an empty store, fresh for each test.

    What the store does not implement (histories, lists, limits, jobs of its own) is skipped, and pytest
    says so; ``RecordsContract`` and ``SpreadingContract`` are what no store can do without.
    """
