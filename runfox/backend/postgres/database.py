"""One PostgreSQL database: its connections, its settings, and transactions that are repeated where it asks."""

import atexit
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import sleep
from typing import Any, Protocol, TypeAlias, TypeVar
from weakref import WeakValueDictionary

import psycopg
from psycopg import RawCursor
from psycopg.types.numeric import Int8Dumper
from psycopg_pool import ConnectionPool

from runfox.backend.order import Numbers
from runfox.backend.postgres import schema
from runfox.backend.postgres.address import Address, address_of
from runfox.backend.postgres.failures import REPEATED, ours, translated
from runfox.backend.postgres.session import Session
from runfox.errors import RequestError, RunfoxError, StoreUnavailable

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
Result = TypeVar("Result")

POOL = 10
"""The most connections of one process, beside the one that it listens with."""

WAIT = 10.0
"""Seconds that a call waits for a free connection, or for the server to take one."""

LEAVING = 2.0
"""The same at the end of a process: what it held is found out by others, too."""

TRIES = 20
"""How often a transaction is repeated that the server undid for the sake of another."""

SETTINGS = {
    "lock_timeout": "10s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "30s",
    "default_transaction_isolation": "read committed",
    # Compiling a statement costs more than any of ours takes.
    "jit": "off",
    # The plan of a statement does not depend on what it is asked with, and making one costs more than running it.
    "plan_cache_mode": "force_generic_plan",
    # Queues are empty when nobody looks and full when somebody does: every statement here has its index.
    "enable_seqscan": "off",
    # So that triggers tell our statements from those of workers that speak SQL alone.
    "runfox.client": "1",
}


class Leaver(Protocol):
    """Who has workers in the tables."""

    def leave(self, workers: Sequence[str]) -> None:
        """Strike them off, and give back what they hold."""


_open: "WeakValueDictionary[tuple[str, str, int], Database]" = WeakValueDictionary()
_opening = threading.Lock()


def open_database(url: str, schema: str | None = None, size: int = POOL) -> "Database":
    """Return the database of a URL. Store and runner of one schema share it. Nothing is connected yet."""
    address = address_of(url, schema)
    key = (address.conninfo, address.schema, size)
    with _opening:
        database = _open.get(key)
        if database is None:
            database = _open[key] = Database(address, size)
        return database


class Database:
    """Connections to one database, opened when they are first needed. A forked child opens its own."""

    def __init__(self, address: Address, size: int) -> None:
        self.address = address
        self.identity = address.identity
        self.schema = address.schema
        self.numbers = Numbers()
        self._size = size
        self._patience = WAIT
        self._lock = threading.Lock()
        self._pool: ConnectionPool[Connection] | None = None
        self._pid = os.getpid()
        self._session: Session | None = None
        self._leavers: set[Leaver] = set()
        self._inherited: list[object] = []

    # Connections ------------------------------------------------------------------------------------

    def connect(self) -> Connection:
        """Open a connection beside the pool."""
        with translated(self.identity):
            connection = psycopg.connect(self.address.conninfo, **self._options())
            self._configure(connection)
        return connection

    def _options(self) -> dict[str, Any]:
        return {
            "autocommit": True,
            "prepare_threshold": 0,
            "cursor_factory": RawCursor,
            "application_name": "runfox",
            "connect_timeout": int(WAIT),
            # The death of a server, or of the way to it, is heard of.
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
        }

    def _configure(self, connection: Connection) -> None:
        # Else a small number and a large one would be two statements to the server.
        connection.adapters.register_dumper(int, Int8Dumper)
        connection.prepared_max = 300
        wanted = SETTINGS | {"search_path": self.schema}
        settings = ", ".join(f"set_config('{key}', '{wanted[key]}', false)" for key in wanted)
        # A server may be set to forget what it has acknowledged.
        connection.execute(
            f"SELECT {settings}, CASE current_setting('synchronous_commit')"
            " WHEN 'off' THEN set_config('synchronous_commit', 'on', false) END",
            prepare=False,
        )

    def _ready(self) -> "ConnectionPool[Connection]":
        pool = self._pool
        if pool is not None and self._pid == os.getpid():
            return pool
        with self._lock:
            self._forked()
            if self._pool is None:
                self._pool = self._opened()
            return self._pool

    @property
    def session(self) -> Session:
        """The connection that listens, and holds the locks of this process's workers."""
        session = self._session
        if session is not None and self._pid == os.getpid():
            return session
        self._ready()
        with self._lock:
            if self._session is None:
                self._session = Session(self)
            return self._session

    def _forked(self) -> None:
        """Let go of what the process has that this one was forked from: kept, for it must not be closed here."""
        if self._pid != os.getpid():
            self._inherited += [self._pool, self._session]
            self._pool, self._session, self._pid = None, None, os.getpid()

    def _opened(self) -> "ConnectionPool[Connection]":
        connection = self.connect()
        try:
            with translated(self.identity):
                schema.prepare(connection, self.schema)
        finally:
            connection.close()
        pool: ConnectionPool[Connection] = ConnectionPool(
            self.address.conninfo,
            kwargs=self._options(),
            min_size=0,
            max_size=self._size,
            open=True,
            configure=self._configure,
            timeout=WAIT,
            max_waiting=10_000,
            reconnect_timeout=WAIT,
            name=f"runfox-{self.schema}",
        )
        _closing.add(self)
        return pool

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Lend a connection, each statement of which is a transaction of its own."""
        pool = self._ready()
        with translated(self.identity):
            connection = pool.getconn(self._patience)
        try:
            yield connection
        except psycopg.OperationalError:
            if connection.broken:
                self._doubt(pool)
            raise
        finally:
            pool.putconn(connection)

    def _doubt(self, pool: "ConnectionPool[Connection]") -> None:
        """Let the pool look at the others: where one was cut, all may be."""
        with suppress(psycopg.Error):
            pool.check()

    # Statements -------------------------------------------------------------------------------------

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Return the rows of one read: none for a parameter that no row can have, such as half a surrogate."""
        try:
            return self.run(lambda connection: fetched(connection, sql, parameters))
        except NoText:
            return []

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Do something with a connection whose statements are transactions, again where the server asks."""
        for trial in range(TRIES):
            try:
                with self.connection() as connection:
                    return work(connection)
            except REPEATED as error:
                self._again(trial, error)
            except (psycopg.Error, UnicodeEncodeError) as error:
                raise self._ours(error) from error
        raise AssertionError

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Do something in one transaction: all of it is durable on return, or nothing on an exception."""

        def transaction(connection: Connection) -> Result:
            with connection.transaction():
                return work(connection)

        return self.run(transaction)

    def _again(self, trial: int, error: Exception) -> None:
        if trial == TRIES - 1:
            raise StoreUnavailable(
                f"{self.identity}: undone for the sake of others {TRIES} times in a row"
            ) from error
        sleep(os.urandom(1)[0] / 255 * 0.005 * (trial + 1))  # apart from the others

    def _ours(self, error: Exception) -> Exception:
        if isinstance(error, UnicodeEncodeError) or (
            isinstance(error, psycopg.DataError) and error.sqlstate is None
        ):
            return NoText(str(ours(error, self.identity)))
        return ours(error, self.identity)

    def let_go(self, name: str) -> None:
        """Give up the locks of a worker and of its hands, if this process has any."""
        session = self._session
        if session is not None and self._pid == os.getpid():
            session.let_go(name)

    def leaving(self, ledger: Leaver) -> None:
        """Note who has to tidy up when the connections are closed."""
        self._leavers.add(ledger)

    def _leave(self) -> None:
        session = self._session
        if session is not None and self._pid == os.getpid():
            for ledger in self._leavers:
                with suppress(RunfoxError):
                    ledger.leave(session.held())
        self._leavers.clear()

    def leave(self) -> None:
        """Close all connections at the end of the process, which must not last."""
        self._patience = LEAVING
        self.close()

    def close(self) -> None:
        """Close all connections. The database may be used again, and opens new ones then.

        Workers of this process are struck off, and what they hold is given back.
        """
        self._leave()
        with self._lock:
            self._forked()
            pool, self._pool = self._pool, None
            session, self._session = self._session, None
        if session is not None:
            session.close()
        if pool is not None:
            pool.close()
        _closing.discard(self)


class NoText(RequestError):
    """A value is no text that PostgreSQL could hold, so nothing there is equal to it."""


def fetched(connection: Connection, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
    """Return the rows of a statement."""
    return connection.execute(sql, parameters).fetchall()


# Those with open connections: kept until they are closed, or the process ends.
_closing: set[Database] = set()


@atexit.register
def _close_all() -> None:
    for database in list(_closing):
        database.leave()
