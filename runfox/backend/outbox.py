"""What a commit says to other executions: reports to callers, cancels, and outputs that others may use."""

from runfox.backend import messages
from runfox.backend.protocols import CacheEntry, Message
from runfox.graph import NOWHERE, Elsewhere, Transition, WorkflowRecord, ended
from runfox.results import Cancelled, Complete, Failed, Halt
from runfox.values import Json


def outgoing(before: WorkflowRecord, transition: Transition, token: str) -> tuple[Message, ...]:
    """Return the messages that go out with a transition."""
    elsewhere, over = transition.elsewhere, transition.record.status.ended
    if elsewhere is NOWHERE and not over:
        return ()
    found = [Message(child, f"cancel-{token}", messages.CANCEL, {}) for child in elsewhere.cancels]
    found += [Message(child, f"retry-{token}", messages.RETRY, {}) for child in elsewhere.retries]
    found += [
        Message(
            execution_id,
            f"replaced-{token}-{number}",
            messages.CANCEL,
            {"step": step, "run_id": run_id},
        )
        for number, (execution_id, step, run_id) in enumerate(dict.fromkeys(elsewhere.replaced))
    ]
    if over and not before.status.ended:
        found += _report(transition.record)
    return tuple(found)


def _report(record: WorkflowRecord) -> list[Message]:
    """Return the report of an execution that has ended to the one that called it."""
    parent = record.origin.parent
    if parent is None or parent.detached:
        return []
    body: dict[str, Json] = {"step": parent.step, "run_id": parent.run_id}
    match ended(record):
        case Complete(outcome=outcome):
            body["output"] = outcome
        case Halt(result=result):
            body["error"] = {
                "type": "Halted",
                "message": f"the workflow it called halted: {result}",
            }
        case Failed(error=error):
            told = f"{error['type']}: {error['message']}"
            message = f"the workflow it called failed: {told}"
            body["error"] = {"type": "ChildFailed", "message": message[:4000]}
        case Cancelled():
            message = "the workflow it called was cancelled"
            body["error"] = {"type": "ChildFailed", "message": message}
    caller = parent.key.rpartition("#")[2]
    key = f"ended-{record.execution_id}-{record.revision}"
    return [Message(caller, key, messages.ENDED, body)]


def cached(record: WorkflowRecord, elsewhere: Elsewhere) -> tuple[CacheEntry, ...]:
    """Return the outputs that a transition keeps for others, as stores take them."""
    return tuple(
        CacheEntry(record.workflow_id, kept.step, kept.key, kept.output, kept.until)
        for kept in elsewhere.kept
    )
