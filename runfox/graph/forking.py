"""A new run that begins where another one stood."""

from collections.abc import Iterable
from datetime import datetime

from runfox.errors import VerbRefused
from runfox.graph.decide import blank
from runfox.graph.draft import Draft
from runfox.graph.facts import Fact, StepsReopened, StepWithdrawn, WorkflowCreated
from runfox.graph.frames import FrameDraft
from runfox.graph.layout import Plan
from runfox.graph.places import walk
from runfox.graph.record import WorkflowRecord
from runfox.graph.transition import Transition, transition
from runfox.spec.model import Call, Fn
from runfox.status import StepStatus
from runfox.values import Json


def fork(
    source: WorkflowRecord, told: Iterable[Fact], plan: Plan, *, execution_id: str, now: datetime
) -> Transition:
    """Begin a run with the facts of another, up to where ``source`` is its record.

    What finished stays finished, with its outputs. Runs that were in flight are dispatched anew, executions
    that were called and are open are called anew; times that steps wait for stay what they were. ``plan`` may
    be of another spec, as long as no step that has begun is another there. Raises ``VerbRefused``.
    """
    if source.status.ended or source.ending is not None:
        raise VerbRefused(
            f"at revision {source.revision} the run is over: fork it at an earlier one, or use retry or rerun"
        )
    _check_steps(source, plan)
    created = WorkflowCreated(plan.workflow_id, source.inputs, now, dict(source.origin.labels))
    draft = Draft(blank(plan, execution_id=execution_id, created=created), now)
    draft.emit(created)
    for fact in told:
        if not isinstance(fact, WorkflowCreated):
            draft.emit(fact._replace(at=now))  # type: ignore[attr-defined] # every fact is a tuple
    _begin_anew(draft, draft.root)
    draft.opened.clear()
    draft.closed.clear()
    draft.wishes.freed.clear()
    draft.unsettled.clear()
    return transition(draft)


def _begin_anew(draft: Draft, frame: FrameDraft) -> None:
    """Send back what was under way elsewhere: its answers go to the run that this one was made of."""
    back = []
    for position in frame.begun():
        cell = frame.cells[position]
        body = frame.step(position).body
        if cell.more.inner is not None and cell.status is StepStatus.IN_PROGRESS:
            _begin_anew(draft, frame.inside(position))
        elif (cell.status is StepStatus.IN_PROGRESS and isinstance(body, Fn | Call)) or (
            cell.more.blocked is not None
        ):
            draft.emit(StepWithdrawn(frame.path(position), draft.now))
            back.append(frame.path(position))
    if back:
        draft.emit(StepsReopened(tuple(back), draft.now))


def _check_steps(source: WorkflowRecord, plan: Plan) -> None:
    """Refuse another spec in which a step that has begun is not what it was."""
    if plan.workflow_id == source.workflow_id:
        return
    before, after = _written(source.plan), _written(plan)
    changed = [
        path
        for path, _, cell in walk(source)
        if "." not in path
        and "[" not in path
        and (cell.status is not StepStatus.READY or cell.run_id >= 0)
        and before.get(path) != after.get(path)
    ]
    if changed:
        names = ", ".join(changed[:10])
        raise VerbRefused(
            f"these steps have begun and are not the same in the other file: {names};"
            " fork at a revision before them, or leave them as they were"
        )


def _written(plan: Plan) -> dict[str, Json]:
    """Return the steps of a spec by id, as they were written."""
    return {step.get("id", step.get("op")): step for step in plan.spec.data["steps"]}
