"""Calling executors: one run of one step, in this thread, in a pool, in a process or in an event loop."""

from runfox.execution.call import Executor, JobContext, is_async, perform
from runfox.execution.pools import Mode, Pool, open_pool
from runfox.execution.returned import failure, result_from
from runfox.execution.secrets import SecretMissing, Secrets, from_environment

__all__ = [
    "Executor",
    "JobContext",
    "Mode",
    "Pool",
    "SecretMissing",
    "Secrets",
    "failure",
    "from_environment",
    "is_async",
    "open_pool",
    "perform",
    "result_from",
]
