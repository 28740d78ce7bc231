"""Which workers are certainly dead: each holds a lock on a file, which the system drops with its process."""

import os
import re
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from time import sleep
from typing import Any
from weakref import WeakSet

from runfox.backend.ids import GRAMMAR

# Windows has no such locks: leases alone decide there.
fcntl: Any = import_module("fcntl") if find_spec("fcntl") is not None else None

TRIES = 100

_NAME = re.compile(GRAMMAR)
"""Names of workers come from the database, too, where others may write: none must lead out of the folder."""


class Locks:
    """The lock files beside a database, one for each worker that is alive."""

    def __init__(self, database: str) -> None:
        self._folder = Path(f"{database}-workers")
        self._held: dict[str, int] = {}
        self.left: set[str] = set()
        """Workers of this process that were let go, and may be entered still."""
        self._holding = Lock()
        _all.add(self)

    def hold(self, worker: str) -> bool:
        """Hold the lock of a worker of this process until it ends, or ``drop``. Returns whether that is new.

        For one whose name is no name of a file, its lease alone decides.
        """
        if worker in self._held or fcntl is None or not _NAME.fullmatch(worker):
            return False
        with self._holding:
            if worker in self._held:
                return False
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._held[worker] = _locked(self._folder / worker)
            return True

    def drop(self, worker: str) -> None:
        """Let the lock of a worker of this process go."""
        handle = self._held.pop(worker, None)
        if handle is not None:
            (self._folder / worker).unlink(missing_ok=True)
            os.close(handle)

    def let_go(self, name: str) -> None:
        """Let the locks of a worker go, and of its hands: their leases alone count from now on."""
        for worker in list(self._held):
            if worker == name or worker.startswith(f"{name}-"):
                self.left.add(worker)
                self.drop(worker)

    def known(self) -> set[str]:
        """Return the workers that have a file here."""
        return {path.name for path in self._folder.iterdir()} if self._folder.is_dir() else set()

    def held(self) -> list[str]:
        """Return the workers of this process."""
        return list(self._held)

    def gone(self, worker: str) -> bool:
        """Return whether the process of a worker is certainly dead: its lock file is there, and free."""
        if worker in self._held or fcntl is None or not _NAME.fullmatch(worker):
            return False
        try:
            handle = os.open(self._folder / worker, os.O_RDWR)
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        else:
            return True
        finally:
            os.close(handle)

    def bury(self, worker: str) -> None:
        """Remove the lock file of a worker that is gone, once its jobs have been given back.

        One that only let its lease run out keeps its file: some day it may be gone, and be found out by it.
        """
        if self.gone(worker):
            with suppress(OSError):
                (self._folder / worker).unlink(missing_ok=True)

    def leave(self) -> None:
        """Forget what the process holds that this one was forked from: the lock goes with the last handle."""
        self._holding = Lock()
        self.left = set()
        while self._held:
            os.close(self._held.popitem()[1])


def _locked(path: Path) -> int:
    """Return a handle on a file, made if it is not there, that holds its lock. Raises ``OSError``."""
    for trial in range(TRIES):
        # Opened close-on-exec, as Python does: a program started by an executor does not keep it.
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Another process that sweeps up may have found it free before we locked it.
            if os.fstat(handle).st_nlink:
                return handle
        except OSError:
            if trial == TRIES - 1:
                os.close(handle)
                raise
        os.close(handle)
        sleep(0.01)
    raise OSError(f"{path} is deleted again and again")


_all: "WeakSet[Locks]" = WeakSet()


def _forked() -> None:
    for locks in _all:
        locks.leave()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
