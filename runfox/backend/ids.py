"""Ids of executions: made, read, and checked against their grammar before anything else sees them."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from os import getpid, urandom
from weakref import finalize

from runfox.errors import InvalidId

GRAMMAR = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
_WORD = re.compile(GRAMMAR)


def new_execution_id(now: datetime) -> str:
    """Return an id that sorts by time and holds 128 random bits: two never meet."""
    return f"{now:%Y%m%dT%H%M%S}-{urandom(16).hex()}"


class WorkerName:
    """What a process is called among workers: random, and another name in a process forked from this one."""

    def __init__(self) -> None:
        self._named: tuple[int, str] = (0, "")

    def __str__(self) -> str:
        pid, name = self._named
        if pid != getpid():
            name = f"w-{urandom(8).hex()}"
            self._named = (getpid(), name)
        return name


def give_up_with(owner: object, name: WorkerName, ledger: object) -> None:
    """Have a ledger let go of the locks of a worker when its owner is gone: a process may have one for each call.

    What it holds then is held by its lease alone, as for who takes jobs and drops the backend before the work.
    """
    let_go: Callable[[str], None] | None = getattr(ledger, "let_go", None)
    if let_go is not None:
        finalize(owner, _let_go, let_go, name).atexit = False


def _let_go(let_go: Callable[[str], None], name: WorkerName) -> None:
    let_go(str(name))


@lru_cache(maxsize=4096)
def execution_id(key: str) -> str:
    """Return the execution id of a long or short form: ``{workflow_id}#{execution_id}`` or the latter alone.

    Raises ``InvalidId`` for anything else, so that no hostile text gets further than here.
    """
    workflow, mark, execution = key.rpartition("#")
    if not _WORD.fullmatch(execution) or (mark and not _WORD.fullmatch(workflow)):
        raise InvalidId("execution id", key, f"[workflow_id#]{GRAMMAR}")
    return execution
