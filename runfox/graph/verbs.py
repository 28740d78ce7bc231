"""What operators can do to a run: each verb is facts like any other, or a refusal that names the way out."""

from typing import Any

from runfox.errors import VerbRefused
from runfox.graph import fitting
from runfox.graph.draft import Draft
from runfox.graph.ending import conclude_last, end, withdraw_inside
from runfox.graph.events import (
    CancelAsked,
    Event,
    PauseAsked,
    RerunAsked,
    ResumeAsked,
    RetryAsked,
    SkipAsked,
    StepCancelAsked,
    Verb,
)
from runfox.graph.facts import (
    BlockReopened,
    StepRecalled,
    StepsReopened,
    WorkflowPaused,
    WorkflowReopened,
    WorkflowResumed,
)
from runfox.graph.frames import FrameDraft
from runfox.graph.gates import handled, skip
from runfox.graph.resets import reset
from runfox.graph.turns import turn_failed
from runfox.spec.model import Call
from runfox.status import StepStatus, WorkflowStatus

_S = StepStatus


def obey(draft: Draft, verb: Verb) -> None:
    """Make true what an operator wants. Raises ``VerbRefused``, and then nothing has happened."""
    match verb:
        case CancelAsked():
            _cancel(draft)
        case PauseAsked():
            _pause(draft)
        case ResumeAsked():
            if draft.status is not WorkflowStatus.PAUSED:
                raise VerbRefused(f"the run is {draft.status.value}, not paused")
            draft.emit(WorkflowResumed(draft.now))
            _look_again(draft)
        case RetryAsked(steps=steps):
            _retry(draft, steps)
        case RerunAsked():
            _rerun(draft, verb)
        case SkipAsked():
            _skip(draft, verb)
        case StepCancelAsked():
            _make_way(draft, verb)


def refuse_if_reported(draft: Draft, asked: Event) -> None:
    """Raise ``VerbRefused`` for what would open a run again whose caller has been told how it ended."""
    parent = draft.before.origin.parent
    if not isinstance(asked, RetryAsked | RerunAsked | SkipAsked) or not draft.status.ended:
        return
    if parent is not None and not parent.detached:
        raise VerbRefused(
            f"the run that called it, {parent.key}, has been told how it ended: retry that, which opens"
            " this one again, or fork this one at a revision"
        )


def _look_again(draft: Draft) -> None:
    """Have those try again that wait for a place in a limit: nobody was told while the run was paused."""
    draft.blocked_by = None
    for name, entries in draft.awaited.items():
        if name.startswith("limit\0"):
            draft.rouse(entries)


def _cancel(draft: Draft) -> None:
    if draft.status.ended:
        raise VerbRefused(f"the run is {draft.status.value} already")
    if draft.ending is None:
        end(draft, WorkflowStatus.CANCELLED)
    elif draft.ending.phase == "finally":
        conclude_last(draft)
    else:
        raise VerbRefused("the run is rolling back, which is not stopped halfway; wait for its end")


def _pause(draft: Draft) -> None:
    if draft.status.ended:
        raise VerbRefused(f"the run is {draft.status.value} already")
    if draft.ending is not None:
        raise VerbRefused("the run is ending; wait for it")
    if draft.status is not WorkflowStatus.PAUSED:
        draft.emit(WorkflowPaused(draft.now))


def _find(draft: Draft, step: str) -> tuple[FrameDraft, int]:
    try:
        return draft.find(step)
    except KeyError:
        known = ", ".join(list(draft.index)[:12])
        raise VerbRefused(f"no step {step!r} in this run; its steps are: {known}") from None


# Retry ------------------------------------------------------------------------------------------------


def _retry(draft: Draft, steps: tuple[str, ...]) -> None:
    if draft.status is WorkflowStatus.COMPLETE:
        raise VerbRefused(
            "the run is complete: nothing has failed; rerun --from STEP runs a step again"
        )
    # A failure that a step of the run deals with is not what it failed by.
    wanted = [_find(draft, step) for step in steps] or [
        (frame, position) for frame, position in _failed(draft.root) if not handled(frame, position)
    ]
    for frame, position in wanted:
        if frame.cells[position].status is not _S.FAILED:
            raise VerbRefused(f"step {frame.path(position)!r} has not failed")
    if not wanted and not _withdrawn(draft.root):
        raise VerbRefused("no step of this run has failed; rerun --from STEP runs a step again")
    ended = draft.status.ended
    reopen(draft)
    for frame, position in wanted:
        _reopen_around(draft, frame, ended=ended)
        _reopen_step(draft, frame, position)
    _reopen_others(draft, draft.root)


def reopen(draft: Draft) -> None:
    """Let a run go on that was over. Raises ``VerbRefused`` once effects were undone."""
    if draft.before.undo is not None or draft.undo is not None:
        raise VerbRefused("its effects were undone: fork the run at a revision before that")
    if draft.ending is not None:
        raise VerbRefused("the run is ending; wait for it")
    if draft.status.ended:
        draft.emit(WorkflowReopened(draft.now))


def _failed(frame: FrameDraft) -> list[tuple[FrameDraft, int]]:
    return [
        (frame, position) for position in frame.begun() if frame.cells[position].status is _S.FAILED
    ]


def _withdrawn(frame: FrameDraft) -> bool:
    return any(
        frame.cells[position].status in (_S.CANCELLED, _S.HALTED)
        for position in range(frame.size())
    )


def _reopen_step(draft: Draft, frame: FrameDraft, position: int) -> None:
    """Let a failed step be tried again: what is inside of it goes on where it failed."""
    cell = frame.cells[position]
    path = frame.path(position)
    if cell.more.child is not None and isinstance(frame.step(position).body, Call):
        draft.wishes.retried.append(cell.more.child)
        draft.emit(BlockReopened(path, draft.now))
        return
    inside = frame.inside(position) if cell.more.inner is not None else None
    failed = _failed(inside) if inside is not None else []
    if inside is None or not failed:
        draft.emit(StepsReopened((path,), draft.now))
        return
    draft.emit(BlockReopened(path, draft.now))
    for place, at in failed:
        _reopen_step(draft, place, at)
    _reopen_others(draft, inside)


def _reopen_others(draft: Draft, frame: FrameDraft, *, withdrawn: bool = True) -> None:
    """Bring back what was withdrawn at the end, and what was skipped because of a failure."""
    ends = (_S.CANCELLED, _S.HALTED) if withdrawn else ()
    back = [p for p in frame.begun() if frame.cells[p].status in ends]
    back += [p for p in frame.begun() if _may_open_again(frame, p)]
    if back:
        draft.emit(StepsReopened(tuple(frame.path(p) for p in sorted(back)), draft.now))
        _reopen_others(draft, frame, withdrawn=withdrawn)


def _may_open_again(frame: FrameDraft, position: int) -> bool:
    """Whether a step was skipped that could still run, now that some of its dependencies are open again."""
    if frame.layout.numbered or frame.cells[position].status is not _S.SKIPPED:
        return False
    index = frame.layout.index
    return any(
        not frame.cells[index[dependency.step]].status.ended
        for dependency in frame.step(position).depends_on
    )


# Rerun and skip ---------------------------------------------------------------------------------------


def _rerun(draft: Draft, verb: RerunAsked) -> None:
    frame, position = _find(draft, verb.step)
    if frame is not draft.root:
        raise VerbRefused(
            f"{verb.step!r} is inside another step; rerun from a step of the run itself"
        )
    if frame.cells[position].status is _S.READY and verb.given is None:
        raise VerbRefused(
            f"step {verb.step!r} has not run in this turn; nothing is to be done again"
        )
    reopen(draft)
    reset(draft, frame, [position], by="", given=verb.given)
    _reopen_others(draft, frame)


def _skip(draft: Draft, verb: SkipAsked) -> None:
    frame, position = _find(draft, verb.step)
    cell = frame.cells[position]
    if cell.status.ended and cell.status is not _S.FAILED:
        raise VerbRefused(
            f"step {verb.step!r} is {cell.status.value} already; rerun --from runs it again"
        )
    if verb.output is not None:
        refused = fitting.refusal(draft, frame, frame.step(position), verb.output)
        if refused is not None:
            raise VerbRefused(str(refused["message"]))
    ended = draft.status.ended
    reopen(draft)
    _reopen_around(draft, frame, ended=ended)
    if cell.more.inner is not None:
        withdraw_inside(draft, frame.inside(position))
    shut = _shut(frame) if cell.status is _S.FAILED else []
    if verb.output is None:
        skip(draft, frame, position, "operator")
    else:
        draft.emit(StepRecalled(frame.path(position), verb.output, "operator", draft.now))
    open_again = [one for one in shut if frame.layout.can_open(one, frame.gates[one])]
    if open_again:
        draft.emit(StepsReopened(tuple(frame.path(one) for one in open_again), draft.now))
    if ended:
        _reopen_others(draft, frame)


def _reopen_around(draft: Draft, frame: FrameDraft, *, ended: bool) -> None:
    """Let the steps go on that a frame is inside of, and that have ended with it."""
    if frame.parent is not None:
        place = frame.where[-1]
        _reopen_around(draft, frame.parent, ended=ended)
        if frame.parent.cells[place].status in (_S.FAILED, _S.CANCELLED):
            draft.emit(BlockReopened(frame.parent.path(place), draft.now))
            _reopen_others(draft, frame)
            _reopen_others(draft, frame.parent, withdrawn=ended)


def _shut(frame: FrameDraft) -> list[int]:
    """Return the steps that were skipped because their dependencies ended as they did."""
    if frame.layout.numbered:
        return []
    return [
        position
        for position in range(frame.size())
        if frame.cells[position].status is _S.SKIPPED
        and not frame.layout.can_open(position, frame.gates[position])
    ]


def _make_way(draft: Draft, verb: StepCancelAsked) -> None:
    """Fail a run of a step, or cancel the whole run, whose place another took."""
    error: dict[str, Any] = {
        "type": "Replaced",
        "message": "another run took its place in a limit",
    }
    if not verb.step:
        if not draft.over:
            end(draft, WorkflowStatus.CANCELLED)
        return
    try:
        frame, position = draft.find(verb.step)
    except KeyError:
        return
    cell = frame.cells[position]
    if not cell.status.ended and cell.run_id == verb.run_id and not draft.over:
        turn_failed(draft, frame, position, error)
