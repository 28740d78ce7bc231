"""From a URL to a backend: the one place where store and runner are chosen together."""

from runfox.backend import Backend, InMemoryStore, InProcessRunner, SqliteRunner, SqliteStore
from runfox.backend.sqlite.database import Profile
from runfox.errors import RequestError
from runfox.execution import Executor


def connect(url: str, *, executor: Executor | None = None, profile: Profile = "durable") -> Backend:
    """Return the backend of a URL, with a queue in the same database as the store.

    ``memory:`` is this process's memory. ``sqlite:///runs.db`` is a file, relative to the current folder,
    ``sqlite:////srv/runs.db`` one from the root; a path alone, ``runs.db``, is a SQLite file too.
    ``postgresql://user@host/database`` is a PostgreSQL database, whose tables are in the schema ``runfox``,
    or the one that ``?schema=NAME`` says.

    Raises ``RequestError`` for a scheme that nothing here serves.
    """
    scheme, mark, rest = url.partition(":")
    if url == "memory:":
        return Backend(InMemoryStore(), InProcessRunner(), executor=executor)
    if scheme == "sqlite" and mark:
        if not rest.startswith("///") or rest == "///":
            raise RequestError(f"{url!r} names no file: write sqlite:///runs.db")
        return _sqlite(rest.removeprefix("///"), executor, profile)
    if scheme in ("postgresql", "postgres") and rest.startswith("//"):
        return _postgres(url, executor)
    if mark and "//" in rest:
        raise RequestError(
            f"no backend for {_safe(url)!r}: use memory:, sqlite:///FILE, the path of a SQLite file,"
            " or postgresql://USER@HOST/DATABASE"
        )
    return _sqlite(url, executor, profile)


def _sqlite(path: str, executor: Executor | None, profile: Profile) -> Backend:
    store = SqliteStore(path, profile=profile)
    return Backend(store, SqliteRunner(path, profile=profile), executor=executor)


def _postgres(url: str, executor: Executor | None) -> Backend:
    from runfox.backend.postgres import PostgresRunner, PostgresStore

    return Backend(PostgresStore(url), PostgresRunner(url), executor=executor)


def _safe(url: str) -> str:
    """Return a URL without the password that may be in it."""
    scheme, mark, rest = url.partition("://")
    who, at, where = rest.rpartition("@")
    return f"{scheme}{mark}{who.partition(':')[0]}{at}{where}"
