"""What is said to executions: the kinds of messages, and those that a queue or a store makes itself."""

from datetime import datetime, timedelta

from runfox.backend.protocols import Message
from runfox.graph import StepResult
from runfox.results import DispatchJob
from runfox.values import digest

RESULT = "result"
SIGNAL = "signal"
CANCEL = "cancel"
ENDED = "ended"
SLOT = "slot"
RETRY = "retry"


def result_message(execution_id: str, result: StepResult) -> Message:
    """Return a result as a message. The same result of the same run has the same key, which is ASCII."""
    body = {
        "step": result.step_id,
        "run_id": result.run_id,
        "output": result.output,
        "error": result.error,
        "delivery": result.delivery,
    }
    return Message(execution_id, digest(body), RESULT, body)


def answers(message: Message, job: DispatchJob) -> bool:
    """Return whether a message is an answer to this delivery of a job that its execution will accept.

    A success is accepted from any delivery of a run, a failure from the current one.
    """
    body = message.body
    if message.kind != RESULT or not isinstance(body, dict):
        return False
    if (body.get("step"), body.get("run_id")) != (job.step_id, job.run_id):
        return False
    return body.get("error") is None or body.get("delivery") in (None, job.delivery)


def slot_message(execution_id: str, key: str, token: str, number: int) -> Message:
    """Tell a waiter that a slot may be free: a message of its own for each time that a commit tells of one."""
    return Message(execution_id, f"slot-{token}-{number}", SLOT, {"key": key})


def rest_message(execution_id: str, token: str) -> Message:
    """Tell an execution that a commit left something to do: as of a place in a limit that nobody waits for."""
    return Message(execution_id, f"rest-{token}", SLOT, {"key": ""})


def lease_lost(job: DispatchJob) -> StepResult:
    """Return the failure of a run that cost too many workers their lease, or their life."""
    return _failure(job, "LeaseLost", f"{job.delivery} workers took it, and none of them answered")


def expired(job: DispatchJob, taken_at: datetime | None, expires_at: datetime) -> StepResult:
    """Return the failure of a run that is past its time, by what that time was reckoned from."""
    terms = job.terms
    if taken_at is None:
        return _failure(job, "Timeout", f"it waited longer than {terms.wait:g} s in the queue")
    if terms.attempt is not None and taken_at + timedelta(seconds=terms.attempt) <= expires_at:
        return _failure(job, "Timeout", f"it took longer than {terms.attempt:g} s")
    return _failure(job, "HeartbeatMissed", f"it gave no sign of life for {terms.heartbeat:g} s")


def _failure(job: DispatchJob, kind: str, message: str) -> StepResult:
    return StepResult(job.step_id, job.run_id, None, {"type": kind, "message": message})
