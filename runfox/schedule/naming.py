"""What a schedule, and each run that it starts, is called."""

import re
from datetime import UTC, datetime

from runfox.values import digest

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_NOT_SAFE = re.compile(r"[^A-Za-z0-9._-]+")
_STAMP = re.compile(r"[0-9]{8}T[0-9]{6}Z")


def schedule_key(name: str, index: int) -> str:
    """Return what a schedule of a workflow is called: the workflow's name, made fit for an id, and its place.

    A name that had to be changed gets a digest, so that two names never become one.
    """
    if not _SAFE.fullmatch(name):
        plain = _NOT_SAFE.sub("-", name).strip("._-")[:60] or "workflow"
        name = f"{plain}-{digest(name)[:12]}"
    return f"{name}-{index}"


def execution_id(key: str, moment: datetime) -> str:
    """Return the id of the run that a schedule starts for a moment: the same for everybody."""
    return f"{key}-{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def started_by(key: str, execution_id: str) -> bool:
    """Return whether an execution was started by a schedule, as its id tells."""
    return execution_id.startswith(f"{key}-") and bool(_STAMP.fullmatch(execution_id, len(key) + 1))
