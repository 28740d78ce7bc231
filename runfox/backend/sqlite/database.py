"""One SQLite file: its connections, its settings, and transactions that several processes can share."""

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Literal, TypeAlias
from weakref import WeakValueDictionary

from runfox.backend.order import Numbers
from runfox.backend.sqlite import schema
from runfox.backend.sqlite.checkpoints import Checkpoints
from runfox.backend.sqlite.liveness import Locks
from runfox.errors import RequestError, StoreCorrupt, StoreError, StoreUnavailable

Profile: TypeAlias = Literal["durable", "fast"]

_SYNCHRONOUS = {"durable": "FULL", "fast": "NORMAL"}
"""``durable``: what was acknowledged survives a power cut. ``fast``: the last commits may be lost by one, but
never by the death of a process, and nothing is ever corrupted."""

BUSY_MS = 10_000

_open: "WeakValueDictionary[tuple[str, str], Database]" = WeakValueDictionary()
_opening = threading.Lock()


def open_database(path: str | os.PathLike[str], profile: Profile = "durable") -> "Database":
    """Return the database of a file, made if it is not there. Store and runner of one file share it."""
    if profile not in _SYNCHRONOUS:
        raise RequestError(f"no profile {profile!r}: use 'durable' or 'fast'")
    if str(path) == ":memory:":
        raise RequestError("a SQLite database in memory cannot be shared; use InMemoryStore")
    try:
        key = (os.path.realpath(path), profile)
    except ValueError:
        raise RequestError(f"{path!r} cannot be the path of a file") from None
    with _opening:
        database = _open.get(key)
        # A file that was deleted on purpose, and is opened anew on purpose, is a new one.
        if database is None or not database.is_there():
            database = _open[key] = Database(*key)
        return database


class _Own:
    """A thread's connection. ``using`` is held by whoever uses it, for another thread may come to close it.

    SQLite would be used after it was freed otherwise, and end the process.
    """

    __slots__ = ("closed", "connection", "pid", "using")

    connection: sqlite3.Connection

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.using = threading.RLock()
        self.closed = False

    def close(self) -> None:
        with self.using:
            self.closed = True
            self.connection.close()


class Database:
    """Connections to one file, one for each thread, kept open: closing one costs a checkpoint."""

    def __init__(self, path: str, profile: str) -> None:
        self.path = path
        self.identity = f"sqlite:{path}"
        self.locks = Locks(path)
        self._checkpoints = Checkpoints(path)
        self.numbers = Numbers()
        self._profile = profile
        self._mine = threading.local()
        self._pid = os.getpid()
        self._connections: dict[threading.Thread, _Own] = {}
        self._inherited: list[dict[threading.Thread, _Own]] = []
        self._place = Path(path)
        self._prepared = False
        self._file = self._create_file()
        try:
            with translated(self.path):
                schema.prepare(self.connection, path)
            self._prepared = True
        except BaseException:
            self.close()
            raise

    def _create_file(self) -> tuple[int, int]:
        if not Path(self.path).parent.is_dir():
            raise RequestError(
                f"no folder {Path(self.path).parent} for the database; make it first"
            )
        try:
            # Inputs and outputs are in it: nobody else on the machine has to read them.
            handle = os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise StoreUnavailable(f"cannot open {self.path}: {error.strerror}") from error
        try:
            found = os.fstat(handle)
            return found.st_dev, found.st_ino
        finally:
            os.close(handle)

    def is_there(self) -> bool:
        """Whether the file that was opened is still where it was."""
        try:
            self._check_file()
        except StoreUnavailable:
            return False
        return True

    def _check_file(self) -> None:
        """Raise ``StoreUnavailable`` if the file has been moved, deleted or replaced since it was opened.

        What is written to a file that nobody finds any more would be lost, and a new one would be empty.
        """
        try:
            found = self._place.stat()
        except OSError as error:
            raise StoreUnavailable(
                f"{self.path}: {error.strerror}. It was there when it was opened: put it back where it was"
            ) from error
        if (found.st_dev, found.st_ino) != self._file:
            raise StoreUnavailable(
                f"{self.path} is another file than the one that was opened; start this process again"
            )

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, for as long as no other thread closes the database."""
        return self._own().connection

    def _own(self) -> _Own:
        """Return what this thread has. A forked child gets its own."""
        own: _Own | None = getattr(self._mine, "own", None)
        if own is None or own.closed or own.pid != os.getpid():
            own = self._mine.own = self._connect()
        return own

    def _seize(self) -> _Own:
        """Return what this thread has, to be used until ``using`` is released."""
        while True:
            own = self._own()
            own.using.acquire()
            if not own.closed:
                return own
            own.using.release()

    def _connect(self) -> _Own:
        self._let_go()
        self._check_file()
        own = _Own()
        with own.using, translated(self.path):
            own.connection = connection = sqlite3.connect(
                f"{Path(self.path).as_uri()}?mode=rw",  # never a new file
                uri=True,
                timeout=BUSY_MS / 1000,
                isolation_level=None,  # transactions are ours to begin
                check_same_thread=False,  # only so that `close` can be called from any thread
                cached_statements=64,
            )
            self._connections[threading.current_thread()] = own
            # Before anything is set: the file of another program stays as it is.
            if schema.check(connection, self.path) == 0 and self._prepared:
                raise StoreCorrupt(f"{self.path} has been emptied; restore it from a backup")
            enter_wal(connection)
            connection.execute(f"PRAGMA synchronous = {_SYNCHRONOUS[self._profile]}")
            connection.execute("PRAGMA journal_size_limit = 67108864")
            connection.execute("PRAGMA wal_autocheckpoint = 0")  # that is done by `Checkpoints`
        return own

    def _let_go(self) -> None:
        """Close the connections of threads that have ended, so that they do not add up."""
        self._leave_to_parent()
        for thread in list(self._connections):  # others add theirs meanwhile
            ended = None if thread.is_alive() else self._connections.pop(thread, None)
            if ended is not None:
                ended.close()

    def _leave_to_parent(self) -> None:
        """Put the connections of the process that this one was forked from out of the way.

        They are kept, for even closing them is not safe here.
        """
        if self._pid != os.getpid():
            self._inherited.append(self._connections)
            self._connections, self._pid = {}, os.getpid()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that may write: all of it is durable on leaving, or nothing is on an exception."""
        own = self._seize()
        connection = own.connection
        try:
            self._check_file()
            # A transaction that reads first and writes then fails at once when another has written since,
            # whatever the busy timeout says; so the lock is taken at the start.
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                # Where even this fails, the connection has nothing left that could be committed.
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error | UnicodeEncodeError | OSError):
                with translated(self.path):
                    raise
            raise
        else:
            self._checkpoints.committed(connection)
        finally:
            own.using.release()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Several reads of one consistent state. Nobody is locked out."""
        own = self._seize()
        connection = own.connection
        try:
            with translated(self.path):
                connection.execute("BEGIN")
                try:
                    yield connection
                finally:
                    connection.execute("COMMIT")
        finally:
            own.using.release()

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """Return the rows of one read: none for a parameter that is no Unicode text, as no row has such."""
        own = self._seize()
        try:
            with translated(self.path):
                try:
                    return own.connection.execute(sql, parameters).fetchall()
                except UnicodeEncodeError:
                    return []
        finally:
            own.using.release()

    def compact(self) -> None:
        """Write the database anew without what is free in it. Keeps writers out meanwhile."""
        own = self._seize()
        try:
            with translated(self.path):
                own.connection.execute("VACUUM")
                self._checkpoints.bring_over(own.connection)
        finally:
            own.using.release()

    def close(self) -> None:
        """Close all connections. The database may be used again, and opens new ones then.

        What other threads are at is waited for.
        """
        self._leave_to_parent()
        for thread in list(self._connections):
            own = self._connections.pop(thread, None)
            if own is not None:
                own.close()
        self._mine = threading.local()


def enter_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging. The switch itself answers busy at once, whatever the timeout says."""
    until = monotonic() + BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > until:
                raise
            sleep(0.01)


@contextmanager
def translated(path: str) -> Iterator[None]:
    """Turn the driver's errors, and those of the files beside the database, into ours."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code is None and "decode" in str(error):  # what no text of ours can be
            code = sqlite3.SQLITE_CORRUPT
        kind, way_out = _MEANINGS.get((code or 0) & 0xFF, (StoreUnavailable, ""))
        raise kind(f"{path}: {error}{way_out}") from error
    except OSError as error:
        raise StoreUnavailable(f"{error.filename or path}: {error.strerror}") from error
    except UnicodeEncodeError as error:
        raise RequestError(
            f"half of a surrogate pair is no text: {error.object[:100]!r}"
        ) from error


_RESTORE = (
    ". Its file is damaged: restore it from a backup, or save what can be read with"
    " 'sqlite3 FILE .recover'"
)

_MEANINGS: dict[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_CORRUPT: (StoreCorrupt, _RESTORE),
    sqlite3.SQLITE_NOTADB: (StoreCorrupt, _RESTORE),
    sqlite3.SQLITE_FULL: (
        StoreUnavailable,
        ". Make room: what was acknowledged is kept, and runs go on",
    ),
    sqlite3.SQLITE_READONLY: (
        StoreUnavailable,
        ". This user must be able to write to the file and to its folder",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        StoreUnavailable,
        ". This user must be able to write to the file and to its folder",
    ),
    sqlite3.SQLITE_BUSY: (
        StoreUnavailable,
        f". Another process has kept it locked for {BUSY_MS // 1000} s: look who has it open",
    ),
}
"""What the codes of SQLite mean for whoever has to act, and the way out."""
