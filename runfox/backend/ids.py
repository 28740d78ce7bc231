"""Ids of executions: made, read, and checked against their grammar before anything else sees them."""

import re
from datetime import datetime
from functools import lru_cache
from secrets import token_hex

from runfox.errors import InvalidId

GRAMMAR = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
_WORD = re.compile(GRAMMAR)


def new_execution_id(now: datetime) -> str:
    """Return an id that sorts by time and holds 128 random bits: two never meet."""
    return f"{now:%Y%m%dT%H%M%S}-{token_hex(16)}"


@lru_cache(maxsize=4096)
def execution_id(key: str) -> str:
    """Return the execution id of a long or short form: ``{workflow_id}#{execution_id}`` or the latter alone.

    Raises ``InvalidId`` for anything else, so that no hostile text gets further than here.
    """
    workflow, mark, execution = key.rpartition("#")
    if not _WORD.fullmatch(execution) or (mark and not _WORD.fullmatch(workflow)):
        raise InvalidId("execution id", key, f"[workflow_id#]{GRAMMAR}")
    return execution
