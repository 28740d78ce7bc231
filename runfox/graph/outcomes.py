"""What one result makes true: accepted or ignored, tried again or judged by the branches."""

from collections.abc import Iterable
from typing import NamedTuple

from runfox.errors import ExpressionFailed
from runfox.expressions import truthy
from runfox.graph.branches import judge
from runfox.graph.draft import Draft
from runfox.graph.facts import Error, ResultIgnored, StepRetrying, StepSucceeded
from runfox.graph.record import StepRecord
from runfox.graph.scope import branch_scope
from runfox.graph.timing import due_after, retry_delay
from runfox.spec.model import Retry, Step
from runfox.status import StepStatus
from runfox.values import Json, size

MAX_STATE = 1_000_000

_IN_PROGRESS = StepStatus.IN_PROGRESS
_NOT_OK = {"type": "NotOk", "message": "the executor answered ok: false"}
_STATE_TOO_LARGE = f"state would be over the limit max_state ({MAX_STATE} bytes)"


class StepResult(NamedTuple):
    """What came back from one run of a step: an ``output``, or an ``error`` with ``type`` and ``message``.

    ``run_id`` None answers the run that is in flight. ``delivery`` None is trusted; otherwise a store
    refuses a failure from a delivery that has been taken over.
    """

    step_id: str
    run_id: int | None = None
    output: dict[str, Json] | None = None
    error: Error | None = None
    delivery: int | None = None


def in_order(draft: Draft, results: Iterable[StepResult]) -> list[StepResult]:
    """Return results by position in the spec, those of one step as they came: the order they are applied in."""
    told = list(results)
    if len(told) < 2:
        return told
    index = draft.index
    last = len(index)
    return sorted(told, key=lambda result: index.get(result.step_id, last))


def accept(draft: Draft, result: StepResult) -> None:
    """Decide what one result makes true.

    A success of any run of the current turn is accepted, first wins; a failure, which ``ok: false`` is too,
    only from the current run. Everything else changes nothing, so delivering a result twice, late or never
    asked for is harmless.
    """
    position = draft.index.get(result.step_id)
    if position is None:
        _ignore(draft, result, "unknown step")
        return
    cell = draft.cells[position]
    run_id = cell.run_id if result.run_id is None else result.run_id
    reason = None
    if cell.status is not _IN_PROGRESS or run_id != cell.run_id or draft.status.ended:
        reason = _refusal(draft, cell, run_id, result)
    if reason is not None:
        if not _repeats(cell, run_id, result):
            _ignore(draft, result._replace(run_id=run_id), reason)
        return
    if result.error is not None:
        _attempt_failed(draft, position, run_id, result.error)
    else:
        _succeeded(draft, position, run_id, result.output or {})


def _refusal(draft: Draft, cell: StepRecord, run_id: int, result: StepResult) -> str | None:
    """Return why a result that is not of the run in flight is ignored; None if it is accepted all the same."""
    if draft.status.ended:
        return f"the workflow is {draft.status.value}"
    if run_id > cell.run_id or cell.run_id < 0:
        return "no such run was dispatched"
    if run_id < cell.first_run:
        return "it answers an earlier turn"
    if cell.status not in (_IN_PROGRESS, StepStatus.RETRY):
        return f"the step is {cell.status.value}"
    if result.error is not None or _not_ok(result):
        return "it is a failure of an attempt that is over"
    return _STATE_TOO_LARGE if _state_would_be_too_large(draft, result.output or {}) else None


def _not_ok(result: StepResult) -> bool:
    return result.output is not None and result.output.get("ok") is False


def _repeats(cell: StepRecord, run_id: int, result: StepResult) -> bool:
    """Whether it is the result of that run once more, as far as the record still tells."""
    if run_id != cell.answered:
        return False
    if result.error is not None:
        return cell.error == result.error
    return cell.output == result.output or (_not_ok(result) and cell.error == _NOT_OK)


def _ignore(draft: Draft, result: StepResult, reason: str) -> None:
    run_id = -1 if result.run_id is None else result.run_id
    # One note per run is enough: a queue that repeats itself must not make the history grow.
    if f"{result.step_id}#{run_id}" not in draft.ignored:
        draft.emit(ResultIgnored(result.step_id, run_id, reason, draft.now))


def _succeeded(draft: Draft, position: int, run_id: int, output: dict[str, Json]) -> None:
    not_ok = output.get("ok") is False
    if not_ok and _retry(draft, position, run_id, dict(_NOT_OK), output):
        return
    if _state_would_be_too_large(draft, output):
        error = {"type": "TooLarge", "message": _STATE_TOO_LARGE}
        _attempt_failed(draft, position, run_id, error)
        return
    draft.emit(StepSucceeded(draft.plan.steps[position].id, run_id, output, draft.now))
    judge(draft, position, output=output)


def _state_would_be_too_large(draft: Draft, output: dict[str, Json]) -> bool:
    draft.state_bytes += size(output)
    if draft.state_bytes <= MAX_STATE:
        return False
    # The running sum counts overwritten values too, so it only says that it is time to measure.
    draft.state_bytes = size({**draft.state, **output})
    if draft.state_bytes <= MAX_STATE:
        return False
    draft.state_bytes = size(dict(draft.state))
    return True


def _attempt_failed(draft: Draft, position: int, run_id: int, error: Error) -> None:
    if not _retry(draft, position, run_id, error, None):
        judge(draft, position, error=error)


def _retry(
    draft: Draft, position: int, run_id: int, error: Error, output: dict[str, Json] | None
) -> bool:
    """Let the step wait for another attempt, if a policy accepts the failure and its budget is not spent."""
    step, cell = draft.plan.steps[position], draft.cells[position]
    policy = _policy(draft, step, cell, error, output)
    if policy is None:
        return False
    seed = f"{draft.before.origin.execution_id}#{step.id}#{run_id}"
    due = due_after(draft.now, retry_delay(policy, cell.attempt, seed))
    draft.emit(StepRetrying(step.id, run_id, error, due, draft.now))
    return True


def _policy(
    draft: Draft, step: Step, cell: StepRecord, error: Error, output: dict[str, Json] | None
) -> Retry | None:
    for policy in step.retries:
        if policy.condition is None or _holds(draft, policy, cell, error, output):
            return policy if cell.attempt < policy.max_attempts else None
    return None


def _holds(
    draft: Draft, policy: Retry, cell: StepRecord, error: Error, output: dict[str, Json] | None
) -> bool:
    assert policy.condition is not None
    try:
        return truthy(policy.condition(branch_scope(draft, cell, output, error)))
    except ExpressionFailed:
        return False
