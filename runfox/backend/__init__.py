"""How executions become durable and jobs find workers: protocols, and what implements them here."""

from runfox.backend.base import Backend
from runfox.backend.inprocess import InProcessRunner, InProcessWorker
from runfox.backend.memory import InMemoryStore
from runfox.backend.protocols import Runner, Store
from runfox.backend.sqlite import SqliteRunner, SqliteStore

__all__ = [
    "Backend",
    "InMemoryStore",
    "InProcessRunner",
    "InProcessWorker",
    "Runner",
    "SqliteRunner",
    "SqliteStore",
    "Store",
]
