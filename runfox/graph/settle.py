"""What follows from what has ended: skips that spread, failures that are judged, ends of blocks and of the run."""

from runfox.graph.draft import Draft
from runfox.graph.ending import (
    complete,
    conclude_last,
    drained,
    end,
    mark_undone,
    roll_back,
    undone,
)
from runfox.graph.facts import Error, FailureKept
from runfox.graph.frames import FrameDraft
from runfox.graph.gates import consider, handled
from runfox.graph.items import settle_items
from runfox.graph.turns import attempt_failed, block_complete
from runfox.status import StepStatus, WorkflowStatus


def settle(draft: Draft) -> None:
    """Follow up everything that has ended, until nothing follows any more.

    In each list of steps the skips spread first, then failures are judged, then it is asked whether all of it
    is over; which may end a step of the list around it.
    """
    while draft.unsettled:
        frame = draft.unsettled.pop()
        frame.listed = False
        if draft.status.ended:
            draft.unsettled.clear()
        elif draft.draining:
            drained(draft, frame)
        elif frame is draft.undo:
            _settle_undo(draft, frame)
        elif draft.ending is None or (draft.last is not None and _within(frame, draft.last)):
            _settle(draft, frame)


def _within(frame: FrameDraft, top: FrameDraft) -> bool:
    return frame.where[:1] == top.where


def _settle(draft: Draft, frame: FrameDraft) -> None:
    if not _running(frame):
        return
    if frame.layout.numbered:
        settle_items(draft, frame)
        return
    while frame.fresh:
        consider(draft, frame, frame.fresh.pop())
        if draft.status.ended:
            return
    if frame.suspects:
        suspects, frame.suspects = frame.suspects, []
        for position in dict.fromkeys(suspects):
            _judge_failure(draft, frame, position)
            if not _running(frame) or (frame is draft.root and draft.over):
                return
    if frame.fresh or frame.suspects:
        frame.list()
    elif frame.open == 0 and not frame.left_over():
        _over(draft, frame)
    elif frame.ready:
        frame.call_up()


def _running(frame: FrameDraft) -> bool:
    """Whether the frame is still part of the run: its step is under way, and was not reset."""
    while frame.parent is not None:
        place = frame.where[-1]
        if frame.parent.inner.get(place) is not frame:
            return False
        if not frame.parent.goes_on(place):
            return False
        frame = frame.parent
    return True


def _judge_failure(draft: Draft, frame: FrameDraft, position: int) -> None:
    cell = frame.cells[position]
    if cell.status is not StepStatus.FAILED or handled(frame, position):
        return
    path = frame.path(position)
    error: Error = {**(cell.error or {}), "step": path}
    mode = draft.plan.spec.on_failure
    if frame is draft.last:
        return  # it is in the record, and changes nothing
    if mode == "continue":
        if frame.error is None:
            outer = "" if frame.parent is None else frame.parent.path(frame.where[-1])
            draft.emit(FailureKept(outer, error, draft.now))
    elif frame.parent is not None:
        _fail_around(draft, frame, frame.parent, error)
    elif mode == "rollback":
        roll_back(draft, error)
    else:
        end(draft, WorkflowStatus.FAILED, error=error)


def _fail_around(draft: Draft, frame: FrameDraft, outer: FrameDraft, error: Error) -> None:
    """Fail the attempt of the step that a list of steps is inside of, for one of them that failed."""
    place = frame.where[-1]
    message = f"step {error['step']!r} failed: {error['type']}: {error['message']}"
    told: Error = {"type": "BlockFailed", "message": message}
    attempt_failed(draft, outer, place, outer.cells[place].run_id, told)


def _over(draft: Draft, frame: FrameDraft) -> None:
    """Conclude a list of steps that have all ended."""
    error = _unhandled(frame)
    if frame is draft.last:
        conclude_last(draft)
    elif frame.parent is None:
        if error is None:
            complete(draft)
        elif not draft.over:
            end(draft, WorkflowStatus.FAILED, error=error)
    elif error is None:
        block_complete(draft, frame)
    else:
        _fail_around(draft, frame, frame.parent, error)


def _unhandled(frame: FrameDraft) -> Error | None:
    """Return the first failure that nothing handles: the one kept may have been sent back since."""
    cells = [cell for chunk in frame.cells.chunks for cell in chunk]
    failed = [place for place, cell in enumerate(cells) if cell.status is StepStatus.FAILED]
    left = [place for place in failed if not handled(frame, place)]
    errors: list[Error] = [{**(cells[one].error or {}), "step": frame.path(one)} for one in left]
    return frame.error if frame.error in errors else next(iter(errors), None)


def _settle_undo(draft: Draft, frame: FrameDraft) -> None:
    last = frame.next - 1
    if last >= 0 and frame.cells[last].status is StepStatus.COMPLETE:
        mark_undone(draft, last)
    undone(draft)
