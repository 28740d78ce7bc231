"""Store and queue in a SQLite file."""

from runfox.backend.sqlite.runner import SqliteRunner
from runfox.backend.sqlite.store import SqliteStore

__all__ = ["SqliteRunner", "SqliteStore"]
