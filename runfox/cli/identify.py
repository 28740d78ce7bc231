"""From what a person types to the execution it means."""

from runfox.backend import Backend
from runfox.backend.protocols import Summary
from runfox.errors import ExecutionNotFound, RequestError

LAST = "last"
"""Always the newest execution, so no execution may be called so."""


def execution_key(backend: Backend, word: str) -> str:
    """Return the long id of the execution that ``word`` is the id of, or a unique beginning of.

    Raises ``ExecutionNotFound``, and ``RequestError`` where several begin like this.
    """
    if word == LAST:
        return _only(backend.executions(limit=1), word)
    try:
        return backend.load(word).origin.key
    except ExecutionNotFound:
        workflow, _, beginning = word.rpartition("#")
    found = [
        summary
        for summary in backend.executions(prefix=beginning, limit=1_000)
        if summary.workflow_id.startswith(workflow)
    ]
    return _only(found, word)


def _only(found: list[Summary], word: str) -> str:
    if not found:
        raise ExecutionNotFound(word)
    if len(found) > 1:
        shown = ", ".join(summary.execution_id for summary in found[:4])
        raise RequestError(f"{word!r} is the beginning of several ids: {shown}. Type more of it.")
    return long_id(found[0])


def long_id(summary: Summary) -> str:
    """Return the id under which an execution is known everywhere."""
    return f"{summary.workflow_id}#{summary.execution_id}"
