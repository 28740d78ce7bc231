"""From a URL to a backend: the one place where store and runner are chosen together."""

from contextlib import closing
from datetime import timedelta
from typing import Literal, NamedTuple, assert_never

from runfox.backend import Backend, InMemoryStore, InProcessRunner, SqliteRunner, SqliteStore
from runfox.backend.protocols import MAX_DELIVERIES, Runner, Store
from runfox.backend.queue import LEASE
from runfox.backend.routes import HOLD
from runfox.backend.sqlite.database import Profile
from runfox.errors import RequestError
from runfox.execution import Executor


def connect(
    url: str,
    *,
    queue: str | None = None,
    executor: Executor | None = None,
    profile: Profile = "durable",
    lease: timedelta = LEASE,
    hold: timedelta = HOLD,
    max_deliveries: int = MAX_DELIVERIES,
) -> Backend:
    """Return the backend of a URL, with a queue in the same database as the store, unless another is named.

    ``memory:`` is this process's memory. ``sqlite:///runs.db`` is a file, relative to the current folder,
    ``sqlite:////srv/runs.db`` one from the root; a path alone, ``runs.db``, is a SQLite file too.
    ``postgresql://user@host/database`` is a PostgreSQL database, whose tables are in the schema ``runfox``,
    or the one that ``?schema=NAME`` says.

    ``queue`` is the URL of another database, which workers hear of jobs from: the store keeps the jobs, and
    the queue carries their keys. Every process of such a store names it, also those that only operate. The
    rest is as for ``Backend``.

    Raises ``RequestError`` for a scheme that nothing here serves.
    """
    store, runner = _parts(_read(url), profile)
    if queue is not None:
        runner = _parts(_read(queue), profile)[1]
    return Backend(
        store, runner, executor=executor, lease=lease, hold=hold, max_deliveries=max_deliveries
    )


class Address(NamedTuple):
    """What a URL names: a technology, and what that needs to find the place."""

    kind: Literal["memory", "sqlite", "postgres"]
    where: str = ""


def _read(url: str) -> Address:
    scheme, mark, rest = url.partition(":")
    if url == "memory:":
        return Address("memory")
    if scheme == "sqlite" and mark:
        if not rest.startswith("///") or rest == "///":
            raise RequestError(f"{url!r} names no file: write sqlite:///runs.db")
        return Address("sqlite", rest.removeprefix("///"))
    if scheme in ("postgresql", "postgres") and rest.startswith("//"):
        return Address("postgres", url)
    if mark and "//" in rest:
        raise RequestError(
            f"no backend for {shown(url)!r}: use memory:, sqlite:///FILE, the path of a SQLite file,"
            " or postgresql://USER@HOST/DATABASE"
        )
    return Address("sqlite", url)


def file_of(url: str) -> str | None:
    """Return the path of the SQLite file that a URL names, or None for anything else."""
    address = _read(url)
    return address.where if address.kind == "sqlite" else None


class SchemaVersion(NamedTuple):
    """The version of the tables that a database has, 0 for none, and the one that this runfox makes."""

    found: int
    known: int


def schema_version(url: str) -> SchemaVersion:
    """Return the version of the tables of a URL. Changes nothing. Raises ``RequestError`` for memory."""
    address = _read(url)
    match address.kind:
        case "sqlite":
            from runfox.backend.sqlite import schema as files

            return SchemaVersion(files.version_of(address.where), files.VERSION)
        case "postgres":
            from runfox.backend.postgres import schema as tables
            from runfox.backend.postgres.database import open_database

            database = open_database(address.where)
            with closing(database.connect()) as connection:
                found = tables.version_in(connection, database.schema)
            return SchemaVersion(found, tables.VERSION)
        case "memory":
            raise RequestError("a memory has no tables: name a database")
        case _:
            assert_never(address.kind)


def _parts(address: Address, profile: Profile) -> tuple[Store, Runner]:
    match address.kind:
        case "memory":
            return InMemoryStore(), InProcessRunner()
        case "sqlite":
            path = address.where
            return SqliteStore(path, profile=profile), SqliteRunner(path, profile=profile)
        case "postgres":
            from runfox.backend.postgres import PostgresRunner, PostgresStore

            return PostgresStore(address.where), PostgresRunner(address.where)
        case _:
            assert_never(address.kind)


def shown(url: str) -> str:
    """Return a URL without the password that may be in it."""
    scheme, mark, rest = url.partition("://")
    who, at, where = rest.rpartition("@")
    return f"{scheme}{mark}{who.partition(':')[0]}{at}{where}"
