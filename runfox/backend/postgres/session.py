"""The one connection of a process that lasts: it hears of changes, and holds the locks of the living."""

import os
import selectors
import socket
import threading
from contextlib import suppress
from hashlib import sha256
from time import monotonic
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors

from runfox.errors import RunfoxError

if TYPE_CHECKING:
    from runfox.backend.postgres.database import Connection, Database

POLL = 1.0
"""Seconds between two looks at whether the server has written anything: of most commits nobody is told."""

PATIENCE = 2.0
"""Seconds that a new worker waits for its lock. Without it, its lease alone says that it lives."""

AGAIN = (0.0, 0.05, 0.2, 0.5, 1.0)
"""Seconds before each try to connect again; the last for all that follow."""


_WITHOUT = """
    WITH idle AS (
      DELETE FROM workers WHERE worker = $1 AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.worker = $1)
    )
    UPDATE workers SET lock = NULL WHERE worker = $1 AND EXISTS (SELECT 1 FROM jobs WHERE jobs.worker = $1)
    RETURNING worker
"""

_HAS = "UPDATE workers SET missed_at = NULL WHERE worker = $1 AND missed_at IS NOT NULL"


def lock_key(schema: str, worker: str) -> int:
    """Return the key of the advisory lock of a worker."""
    digest = sha256(f"runfox {schema} {worker}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


class Session:
    """A thread that listens. It connects again when it is cut off, and takes its locks anew.

    The locks are those of this process's workers: the server drops them with the connection, so others see who
    is dead. They are taken again at once when it was only the connection that broke.
    """

    def __init__(self, database: "Database") -> None:
        self._database = database
        self._changed = threading.Condition()
        self._generation = 0
        self._waiting = 0
        self._seen = threading.local()
        self._wanted: dict[str, int] = {}
        self._given_up: dict[str, int] = {}
        self._left: set[str] = set()
        self._held: set[str] = set()
        self._written: object = None
        self._stopped = False
        self._connection: Connection | None = None
        # Not a pipe: on Windows only sockets can be waited for.
        self._ear, self._mouth = socket.socketpair()
        self._mouth.setblocking(False)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        _all.add(self)

    # For the threads of this process ----------------------------------------------------------------

    def wait(self, timeout: float) -> None:
        """Return when something may have changed since this thread's last call, or the time is over."""
        self._start()
        with self._changed:
            if self._generation == getattr(self._seen, "generation", None):
                self._waiting += 1
                if self._waiting == 1:
                    self._wake()
                seen = self._generation
                try:
                    self._changed.wait_for(lambda: self._generation != seen, timeout)
                finally:
                    self._waiting -= 1  # of who is interrupted, too: nobody is polled for then
            self._seen.generation = self._generation

    def hold(self, worker: str) -> int | None:
        """Hold the lock of a worker from now on, and return its key; None as long as it could not be taken."""
        if worker in self._held:
            return self._wanted[worker]
        if worker not in self._wanted:
            self._wanted[worker] = lock_key(self._database.schema, worker)
            self._start()
            self._wake()
            with self._changed:
                self._changed.wait_for(lambda: worker in self._held, PATIENCE)
        return self._wanted[worker] if worker in self._held else None

    def let_go(self, name: str) -> None:
        """Give up the locks of a worker, and of its hands, soon. Waits for nothing: it is called in passing."""
        for worker in list(self._wanted):
            if worker == name or worker.startswith(f"{name}-"):
                self._given_up[worker] = self._wanted.pop(worker)
        if self._given_up:
            self._wake()

    def held(self) -> list[str]:
        """Return the workers of this process, and those that it gave up while they held jobs."""
        return [*self._wanted, *self._left]

    def close(self) -> None:
        """End the thread, and with its connection the locks."""
        self._stopped = True
        self._wake()
        if self._thread is not None:
            self._thread.join()
        for end in (self._ear, self._mouth):
            end.close()
        _all.discard(self)

    def _start(self) -> None:
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(
                        target=self._run, name="runfox-postgres", daemon=True
                    )
                    self._thread.start()

    def _wake(self) -> None:
        with suppress(OSError):  # it has been told often enough, or is over
            self._mouth.send(b"x")

    def inherit(self) -> None:
        """In a forked child: let go of the connection, which must not outlive the process that has it."""
        for end in (self._ear, self._mouth):
            end.close()
        connection = self._connection
        if connection is not None:
            with suppress(psycopg.Error, OSError):
                nothing = os.open(os.devnull, os.O_RDWR)
                os.dup2(nothing, connection.fileno())
                os.close(nothing)

    # The thread -------------------------------------------------------------------------------------

    def _run(self) -> None:
        failures = 0
        while not self._stopped:
            try:
                with self._database.connect() as connection:
                    self._connection = connection
                    connection.execute(
                        f"LISTEN runfox_{self._database.schema}",
                        prepare=False,
                    )
                    failures = 0
                    # Of what happened meanwhile nobody has told us.
                    self._tell()
                    self._listen(connection)
            except (psycopg.Error, RunfoxError, OSError):
                self._pause(AGAIN[min(failures, len(AGAIN) - 1)])
                failures += 1
            finally:
                self._connection = None
                self._held.clear()

    def _pause(self, seconds: float) -> None:
        until = monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._ear, selectors.EVENT_READ)
            while not self._stopped and (left := until - monotonic()) > 0:
                if selector.select(left):
                    self._ear.recv(4096)

    def _listen(self, connection: "Connection") -> None:
        connection.add_notify_handler(lambda _: self._tell())
        with selectors.DefaultSelector() as selector:
            selector.register(self._ear, selectors.EVENT_READ)
            selector.register(connection.fileno(), selectors.EVENT_READ)
            while not self._stopped:
                self._unlock(connection)
                self._lock(connection)
                busy = self._waiting or self._held != set(self._wanted)
                found = selector.select(POLL if busy else None)
                if any(key.fileobj is self._ear for key, _ in found):
                    self._ear.recv(4096)
                if any(key.fileobj is not self._ear for key, _ in found):
                    self._hear(connection)
                elif not found and self._waiting:
                    self._look(connection)

    def _unlock(self, connection: "Connection") -> None:
        while self._given_up:
            worker, key = self._given_up.popitem()
            # In this order: a lock that is free and expected is that of a dead worker.
            with suppress(errors.InsufficientPrivilege):
                if connection.execute(_WITHOUT, (worker,)).fetchall():
                    self._left.add(worker)
            if worker in self._held:
                self._held.discard(worker)
                connection.execute("SELECT pg_advisory_unlock($1)", (key,))

    def _lock(self, connection: "Connection") -> None:
        for worker, key in list(self._wanted.items()):
            if worker not in self._held:
                # Not there at once when the server has not seen yet that our last connection is dead.
                got = connection.execute("SELECT pg_try_advisory_lock($1)", (key,)).fetchall()
                if got[0][0]:
                    # A role that may not is told so by the statement that enters its worker.
                    with suppress(errors.InsufficientPrivilege):
                        connection.execute(_HAS, (worker,))
                    with self._changed:
                        self._held.add(worker)
                        self._changed.notify_all()

    def _hear(self, connection: "Connection") -> None:
        connection.pgconn.consume_input()
        told = False
        while connection.pgconn.notifies() is not None:
            told = True
        if told:
            self._tell()

    def _look(self, connection: "Connection") -> None:
        found = connection.execute("SELECT pg_current_wal_insert_lsn()::text").fetchall()
        if found != self._written:
            self._written = found
            self._tell()

    def _tell(self) -> None:
        with self._changed:
            self._generation += 1
            self._changed.notify_all()


_all: set[Session] = set()


def _forked() -> None:
    for session in list(_all):
        session.inherit()
    _all.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
