"""What the stores and queues here have no part in, said once: it is left out, and nothing is skipped."""

from runfox.testing import AnnouncingContract, CompactsContract, EnginesContract, ExaminesContract
from runfox.testing.engines import EnginesOfJobsContract

NO_PART = {
    # Of one process: there is no other engine, no file and no space to give back.
    "TestInMemoryStore": (EnginesContract, CompactsContract, ExaminesContract),
    "TestQueueInMemory": (EnginesOfJobsContract,),
    # The server gives space back by itself.
    "TestPostgresStore": (CompactsContract,),
    # Queues apart from every store: no commit announces their jobs.
    "TestQueueOfAnInProcessRunner": (AnnouncingContract, EnginesOfJobsContract),
    "TestQueueOfASqliteRunner": (AnnouncingContract,),
    "TestQueueOfAPostgresRunner": (AnnouncingContract,),
}

# The store of five methods has no jobs, and does not find what is due.
NO_TEST = {
    "TestStoreOfAThirdParty": (
        "test_an_execution_is_due_as_long_as_messages_wait",
        "test_forgetting_late_does_not_make_it_due_again",
        "test_the_jobs_of_what_is_started_are_there_with_it",
    )
}


def pytest_collection_modifyitems(config, items):
    left_out = [item for item in items if _has_no_part(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not _has_no_part(item)]


def _has_no_part(item):
    of = getattr(getattr(item, "cls", None), "__name__", None)
    if of not in NO_PART and of not in NO_TEST:
        return False
    contracts = {contract.__name__ for contract in NO_PART.get(of, ())}
    return item.function.__qualname__.partition(".")[
        0
    ] in contracts or item.originalname in NO_TEST.get(of, ())
