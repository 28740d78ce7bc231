"""How executions become durable and jobs find workers: protocols, and what implements them here."""

from typing import TYPE_CHECKING, Any

from runfox.backend.base import Backend
from runfox.backend.inprocess import InProcessRunner, InProcessWorker
from runfox.backend.memory import InMemoryStore
from runfox.backend.protocols import Runner, Store

if TYPE_CHECKING:
    from runfox.backend.aio import AsyncBackend
    from runfox.backend.sqlite import SqliteRunner, SqliteStore

__all__ = [
    "AsyncBackend",
    "Backend",
    "InMemoryStore",
    "InProcessRunner",
    "InProcessWorker",
    "Runner",
    "SqliteRunner",
    "SqliteStore",
    "Store",
]


def __getattr__(name: str) -> Any:
    """Import a technology, or what only some programs need, when it is first asked for."""
    if name == "AsyncBackend":
        from runfox.backend.aio import AsyncBackend

        return AsyncBackend
    if name in ("SqliteRunner", "SqliteStore"):
        from runfox.backend import sqlite

        return getattr(sqlite, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
