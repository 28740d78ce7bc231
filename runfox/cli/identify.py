"""From what a person types to the execution it means."""

from runfox.backend import Backend
from runfox.backend.protocols import Query, Summary
from runfox.errors import ExecutionNotFound, RequestError

LAST = "last"
"""Always the newest execution that no other called, so no execution may be called so."""


def execution_key(backend: Backend, word: str) -> str:
    """Return the long id of the execution that ``word`` is the id of, or a unique beginning of.

    The ids of executions that another called begin with its own; so a beginning that fits that one means it.
    Raises ``ExecutionNotFound``, and ``RequestError`` where several begin like this.
    """
    if word == LAST:
        return _only(backend.executions(Query(roots=True, limit=1)), word)
    try:
        return backend.load(word).origin.key
    except ExecutionNotFound:
        workflow, _, beginning = word.rpartition("#")
    return _only(
        _beginning(backend, workflow, beginning, roots=True)
        or _beginning(backend, workflow, beginning, roots=False),
        word,
    )


def _beginning(backend: Backend, workflow: str, id: str, *, roots: bool) -> list[Summary]:
    return [
        summary
        for summary in backend.executions(Query(prefix=id, roots=roots, limit=1_000))
        if summary.workflow_id.startswith(workflow)
    ]


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
