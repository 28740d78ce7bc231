"""Whether a failed attempt is tried again, and when."""

from datetime import datetime
from typing import Any

from runfox.errors import ExpressionFailed
from runfox.expressions import truthy
from runfox.graph.draft import Draft
from runfox.graph.facts import Error, StepRetrying
from runfox.graph.frames import FrameDraft
from runfox.graph.record import StepRecord
from runfox.graph.scope import branch_scope
from runfox.graph.timing import due_after, retry_delay
from runfox.spec.model import Retry


def retry(
    draft: Draft, frame: FrameDraft, position: int, run_id: int, error: Error, output: Any
) -> bool:
    """Let the step wait for another attempt, if a policy accepts the failure and its budget is not spent."""
    retries = frame.step(position).retries
    if not retries:
        return False
    cell = frame.cells[position]
    number = _accepting(frame, position, retries, error, output)
    if number is None:
        return False
    policy, path = retries[number], frame.path(position)
    failures = cell.more.failures[number] + 1 if cell.more.failures else _first(cell, retries)
    if failures >= policy.max_attempts:
        return False
    seed = f"{draft.before.origin.execution_id}#{path}#{run_id}"
    due = due_after(draft.now, retry_delay(policy, failures, seed))
    if _too_late(policy, cell, due):
        return False
    draft.emit(StepRetrying(path, run_id, error, due, draft.now, number))
    return True


def _too_late(policy: Retry, cell: StepRecord, due: datetime) -> bool:
    """Whether the next attempt would begin after all the time that the policy gives."""
    if policy.within is None or cell.started_at is None:
        return False
    return due > due_after(cell.started_at, policy.within)


def _first(cell: StepRecord, retries: tuple[Retry, ...]) -> int:
    """Return how many failures the policy has accepted with this one, where they were not counted apart."""
    return cell.attempt if len(retries) == 1 else 1


def _accepting(
    frame: FrameDraft, position: int, retries: tuple[Retry, ...], error: Error, output: Any
) -> int | None:
    """Return the place of the first policy that takes the failure on."""
    for number, policy in enumerate(retries):
        if policy.condition is None:
            return number
        try:
            if truthy(policy.condition(branch_scope(frame, position, output, error))):
                return number
        except ExpressionFailed:
            continue
    return None
