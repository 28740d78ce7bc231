"""What follows from a step's end: skips that spread, a failure that ends the run, the end of the whole."""

from typing import Any

from runfox.errors import ExpressionFailed
from runfox.graph.draft import Draft
from runfox.graph.facts import Error, StepSkipped, StepWithdrawn, WorkflowEnded
from runfox.graph.plan import gate_decided, gate_open
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import Json, TooBig, size

MAX_OUTCOME = 1_000_000


def settle(draft: Draft, failed: Error | None = None) -> None:
    """Spread skips until none follows from another; then judge the failure; then ask whether all is over."""
    while draft.shut:
        position = draft.shut.pop()
        if _stays_shut(draft, position):
            draft.emit(StepSkipped(draft.plan.steps[position].id, draft.now))
    if failed is not None:
        end(draft, WorkflowStatus.FAILED, error=failed)
    elif draft.open == 0 and not draft.status.ended:
        complete(draft)


def _stays_shut(draft: Draft, position: int) -> bool:
    gate = draft.gates[position]
    return (
        draft.cells[position].status is StepStatus.READY
        and gate_decided(gate)
        and not gate_open(gate)
    )


def complete(draft: Draft) -> None:
    """End the run with its resolved ``outputs``; where they cannot be resolved, as failed."""
    try:
        outcome = resolve(draft.plan.spec.outputs, draft.scope())
    except ExpressionFailed as error:
        end(draft, WorkflowStatus.FAILED, error=expression_error(error, "outputs"))
    except TooBig as error:
        end(
            draft, WorkflowStatus.FAILED, error={"type": "TooLarge", "message": f"outputs: {error}"}
        )
    else:
        end(draft, WorkflowStatus.COMPLETE, outcome=outcome)


def end(
    draft: Draft, status: WorkflowStatus, *, outcome: Json = None, error: Error | None = None
) -> None:
    """Freeze how the run ended, after withdrawing what is under way. What never began stays ready."""
    if draft.flying:
        for position, step in enumerate(draft.plan.steps):
            if draft.cells[position].status in (StepStatus.IN_PROGRESS, StepStatus.RETRY):
                draft.emit(StepWithdrawn(step.id, draft.now))
    draft.emit(WorkflowEnded(status, outcome, error, draft.now))


def resolve(template: Any, seen: dict[str, Any]) -> Json:
    """Return a template's value as plain JSON within the limit of a payload; ``{}`` where there is none."""
    if template is None:
        return {}
    value = template(
        seen
    )  # plain JSON, made of plain JSON: only how much of it there is has to be asked
    if size(value) > MAX_OUTCOME:
        raise TooBig(MAX_OUTCOME)
    return value


def expression_error(error: ExpressionFailed, where: str) -> Error:
    """Return the stored form of an expression that could not be evaluated."""
    return {"type": "ExpressionError", "message": f"{where}: {error}"}
