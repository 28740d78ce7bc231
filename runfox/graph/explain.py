"""Why a step is not running: one answer for the command line, the web and the API."""

from datetime import datetime

from runfox.graph.persistent import MASK, SHIFT
from runfox.graph.plan import gate_open
from runfox.graph.record import StepRecord, WorkflowRecord
from runfox.status import StepStatus

NAMED = 5
"""How many dependencies an answer names."""


def explain(record: WorkflowRecord, *, now: datetime) -> dict[str, str]:
    """Return, for each step that has not ended, why it is not running, or what it is doing.

    Empty when the execution is over. Costs O(steps + dependencies).
    """
    if record.status.ended:
        return {}
    return {
        step: _reason(record, position, cell, now)
        for position, (step, cell) in enumerate(record.steps.items())
        if not cell.status.ended
    }


def _reason(record: WorkflowRecord, position: int, cell: StepRecord, now: datetime) -> str:
    match cell.status:
        case StepStatus.IN_PROGRESS:
            return f"run {cell.run_id} is with a worker, or queued for one (attempt {cell.attempt})"
        case StepStatus.RETRY:
            return _retry_reason(cell, now)
        case _:
            return _gate_reason(record, position)


def _retry_reason(cell: StepRecord, now: datetime) -> str:
    kind = cell.error["type"] if cell.error is not None else "an error"
    failed = f"attempt {cell.attempt} failed with {kind}"
    if cell.due is None or cell.due <= now:
        return f"{failed}; the next one is due now"
    seconds = (cell.due - now).total_seconds()
    return f"{failed}; the next one is due in {seconds:.1f} s, at {cell.due.isoformat(timespec='seconds')}"


def _gate_reason(record: WorkflowRecord, position: int) -> str:
    if gate_open(record.gates[position >> SHIFT][position & MASK]):
        return "ready; the next advance dispatches it"
    waiting = [
        f"{dependency} ({record.steps[dependency].status.value})"
        for dependency in record.plan.steps[position].depends_on
        if record.steps[dependency].status is not StepStatus.COMPLETE
    ]
    more = f" and {len(waiting) - NAMED} more" if len(waiting) > NAMED else ""
    return f"waits for {', '.join(waiting[:NAMED])}{more}"
