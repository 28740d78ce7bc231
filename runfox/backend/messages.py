"""Results on their way through an inbox."""

from runfox.backend.protocols import Message
from runfox.graph import StepResult
from runfox.results import DispatchJob
from runfox.values import digest

RESULT = "result"


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


def lease_lost(job: DispatchJob) -> StepResult:
    """Return the failure of a run that cost too many workers their lease, or their life."""
    message = f"{job.delivery} workers took it, and none of them answered"
    return StepResult(job.step_id, job.run_id, None, {"type": "LeaseLost", "message": message})
