"""Which queues an execution still needs workers of."""

from collections.abc import Iterable

from runfox.graph import WorkflowRecord
from runfox.graph.places import walk
from runfox.spec.model import Do, Each, Fn, Step
from runfox.status import StepStatus

_LEFT = (StepStatus.READY, StepStatus.IN_PROGRESS, StepStatus.WAITING, StepStatus.FAILED)


def needs_queue(record: WorkflowRecord, queue: str) -> bool:
    """Return whether a step of that queue, "" for none, is to be done still, or has failed."""
    return any(cell.status in _LEFT and _of_queue([step], queue) for _, step, cell in walk(record))


def _of_queue(steps: Iterable[Step], queue: str) -> bool:
    return any(
        (step.queue or "") == queue
        if isinstance(step.body, Fn)
        else (isinstance(step.body, Do) and _of_queue(step.body.block.steps, queue))
        or (isinstance(step.body, Each) and _of_queue([step.body.item], queue))
        for step in steps
    )
