"""Store and queue in a PostgreSQL database. Needs the extra ``postgres``."""

from runfox.errors import MissingExtra

try:
    import psycopg_pool as _needed  # noqa: F401 - and with it psycopg
except ImportError as error:
    raise MissingExtra("a PostgreSQL database", "postgres") from error

from runfox.backend.postgres.runner import PostgresRunner
from runfox.backend.postgres.store import PostgresStore

__all__ = ["PostgresRunner", "PostgresStore"]
