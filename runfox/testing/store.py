"""All that a store can promise, in one class to subclass."""

from runfox.testing.finding import DueContract, HistoriesContract, ListsContract
from runfox.testing.inbox import InboxContract
from runfox.testing.queues import JobsOfCommitsContract
from runfox.testing.records import RecordsContract
from runfox.testing.wakes import WakesContract


class StoreContract(
    RecordsContract,
    HistoriesContract,
    ListsContract,
    DueContract,
    InboxContract,
    JobsOfCommitsContract,
    WakesContract,
):
    """Certifies a store. Subclass it and give a ``store`` fixture: an empty store, fresh for each test.

    What the store does not implement (an inbox, histories, lists, jobs of its own) is skipped, and pytest
    says so; ``RecordsContract`` is what no store can do without.
    """
