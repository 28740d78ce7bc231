"""The decisions: from a record and what happened to the facts that follow. No clock, no I/O, no chance."""

from collections.abc import Iterable
from datetime import datetime

from runfox.errors import ExpressionFailed
from runfox.graph.branches import judge
from runfox.graph.draft import Draft
from runfox.graph.facts import StepDispatched, WorkflowCreated
from runfox.graph.outcomes import StepResult, accept, in_order
from runfox.graph.persistent import meld
from runfox.graph.plan import Plan
from runfox.graph.record import Origin, WorkflowRecord
from runfox.graph.settle import expression_error, resolve
from runfox.graph.transition import Transition, transition
from runfox.results import Halt, Pending
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import Json, TooBig, plain


def start(plan: Plan, *, execution_id: str, inputs: dict[str, Json], now: datetime) -> Transition:
    """Bring an execution into being, with nothing dispatched yet.

    ``inputs`` must be checked JSON (``values.checked``). Costs the same for any number of steps.
    """
    draft = Draft(blank(plan, execution_id=execution_id, inputs=inputs, now=now), now)
    draft.emit(WorkflowCreated(plan.workflow_id, inputs, now))
    return transition(draft)


def blank(
    plan: Plan, *, execution_id: str, inputs: dict[str, Json], now: datetime
) -> WorkflowRecord:
    """Return the record that the facts of a history are folded into, at revision 0."""
    key = f"{plan.workflow_id}#{execution_id}"
    return WorkflowRecord(
        Origin(plan, execution_id, key, inputs, now),
        cells=plan.cells,
        gates=plan.gates,
        ready=plan.roots,
        open=len(plan.steps),
    )


def advance(record: WorkflowRecord, *, now: datetime) -> Transition:
    """Dispatch every step that is ready, and every retry that is due."""
    return step(record, (), now=now)


def on_step_result(record: WorkflowRecord, result: StepResult, *, now: datetime) -> Transition:
    """Decide what one result makes true, and dispatch nothing.

    The decision is ``Halt`` if a branch halted the workflow, ``Pending`` if the step will be tried again,
    else None.
    """
    draft = Draft(record, now)
    accept(draft, result)
    decided = transition(draft)
    return decided._replace(decision=_told(decided.record, result))


def _told(record: WorkflowRecord, result: StepResult) -> Halt | Pending | None:
    if record.status is WorkflowStatus.HALTED:
        return Halt(plain(record.outcome))
    position = record.plan.index.get(result.step_id)
    if position is not None and record.cell(position).status is StepStatus.RETRY:
        return Pending()
    return None


def step(record: WorkflowRecord, results: Iterable[StepResult], *, now: datetime) -> Transition:
    """Apply results, then advance: everything that they lead to, in one transition.

    Results are applied in the order of the spec, and many at once are the same as one after another.
    """
    draft = Draft(record, now)
    for result in in_order(draft, results):
        accept(draft, result)
    if not draft.status.ended:
        _fire_timers(draft)
        _dispatch(draft)
    return transition(draft)


def _fire_timers(draft: Draft) -> None:
    while draft.timers is not None and draft.timers.due <= draft.now:
        timer = draft.timers
        draft.timers = meld(timer.left, timer.right)
        if draft.waits_for(timer):
            draft.ready.append(timer.position)


def _dispatch(draft: Draft) -> None:
    """Hand out all that is ready. A step whose input cannot be resolved fails, which may make others ready."""
    while draft.ready and not draft.status.ended:
        positions = sorted(set(draft.ready)) if len(draft.ready) > 1 else draft.ready
        draft.ready = []
        for position in positions:
            if draft.is_over():
                draft.ready.append(position)
            elif draft.is_ready(position):
                _hand_out(draft, position)


def _hand_out(draft: Draft, position: int) -> None:
    spec, cell = draft.plan.steps[position], draft.cells[position]
    try:
        inputs = {} if spec.input is None else resolve(spec.input, draft.scope())
    except ExpressionFailed as error:
        judge(draft, position, error=expression_error(error, "input"))
    except TooBig as error:
        judge(draft, position, error={"type": "TooLarge", "message": f"input: {error}"})
    else:
        draft.emit(StepDispatched(spec.id, cell.run_id + 1, cell.attempt + 1, inputs, draft.now))
