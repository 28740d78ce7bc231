"""Handing out what is ready: in the order of the spec, what is inside a step at the place of that step."""

from runfox.errors import ExpressionFailed
from runfox.graph.bodies import hand_out
from runfox.graph.draft import Draft
from runfox.graph.ending import end, expression_error
from runfox.graph.facts import WorkflowBlocked
from runfox.graph.frames import FrameDraft
from runfox.graph.limits import RUN, Entry, admitted, claim_of, limit_key
from runfox.graph.settle import settle
from runfox.status import StepStatus, WorkflowStatus


def dispatch(draft: Draft) -> None:
    """Begin all that may begin. A step that fails at once may make others ready, or end the run."""
    if draft.status is WorkflowStatus.PENDING and not _begins(draft):
        return
    top = _top(draft)
    while top is not None:
        _hand_out_all(draft, top)
        last, top = top, _top(draft)
        if top is last:
            return


def _top(draft: Draft) -> FrameDraft | None:
    """Return the frame that steps are handed out of now."""
    if draft.status.ended or draft.status is WorkflowStatus.PAUSED:
        return None
    if draft.ending is None:
        return draft.root
    return {"undoing": draft.undo, "finally": draft.last}.get(draft.ending.phase)


def _hand_out_all(draft: Draft, frame: FrameDraft) -> None:
    """Hand out what is ready in a frame, and inside it."""
    if frame.layout.numbered:
        _hand_out_items(draft, frame)
        return
    while frame.ready and _open(draft, frame):
        positions = sorted(set(frame.ready)) if len(frame.ready) > 1 else frame.ready
        frame.ready = []
        for place, position in enumerate(positions):
            if not _open(draft, frame):
                frame.ready += positions[place:]
                break
            _one(draft, frame, position)


def _open(draft: Draft, frame: FrameDraft) -> bool:
    """Whether the run, and the step that the frame is inside of, is still under way, and more may begin."""
    if _enough(draft):
        return False
    if frame is draft.root and draft.ending is None:
        return not draft.status.ended
    if draft.status.ended or _top(draft) is not _root_of(frame):
        return False
    parent = frame.parent
    if parent is None:
        return True
    place = frame.where[-1]
    if not parent.goes_on(place):
        return False
    return parent.inner.get(place) is frame


def _root_of(frame: FrameDraft) -> FrameDraft:
    while frame.parent is not None:
        frame = frame.parent
    return frame


def _one(draft: Draft, frame: FrameDraft, position: int) -> None:
    """Begin a step if it may, or what is ready inside of it."""
    if frame.is_due(position):
        hand_out(draft, frame, position)
        if draft.unsettled:
            settle(draft)
            if not _open(draft, frame):
                return
    cell = frame.cells[position]
    if cell.more.inner is not None and frame.goes_on(position):
        inside = frame.inside(position)
        _hand_out_all(draft, inside)
        if _enough(draft):
            inside.call_up()


def _enough(draft: Draft) -> bool:
    """Whether as many runs were handed out as one decision may."""
    most = draft.outside.most
    return most is not None and len(draft.opened) >= most


def _hand_out_items(draft: Draft, frame: FrameDraft) -> None:
    """Begin items, as many as may run at once: those that have to go on, then those that come next."""
    each = frame.layout.items
    most = 1 if each is None else each.max
    again, frame.ready = sorted(set(frame.ready)), []
    for place, position in enumerate(again):
        if not _open(draft, frame):
            frame.ready += again[place:]
            return
        fresh = frame.cells[position].status is StepStatus.READY
        if fresh and most is not None and frame.flying >= most:
            frame.ready.append(position)
        else:
            _one(draft, frame, position)
    total = frame.size()
    while (
        frame.next < total
        and not frame.closed
        and (most is None or frame.flying < most)
        and _open(draft, frame)
    ):
        position = frame.next
        _one(draft, frame, position)
        if frame.next == position:
            break  # it has to wait for an answer from outside


def _begins(draft: Draft) -> bool:
    """Whether the run may begin now; what its first steps need is decided then."""
    start_at = draft.before.origin.start_at
    if start_at is not None and draft.now < start_at:
        return False
    if draft.plan.spec.limit is not None and not _enters(draft):
        return False
    plain = draft.plan.layout.plain
    roots = draft.plan.layout.roots
    fresh = [position for position in roots if not plain[position]]
    if fresh:
        draft.root.ready = [position for position in roots if plain[position]]
        draft.root.fresh = fresh
        draft.root.list()
        settle(draft)
    return not draft.status.ended


def _enters(draft: Draft) -> bool:
    """Claim the run's place in the limit of its file, or say what becomes of it without one."""
    limit = draft.plan.spec.limit
    assert limit is not None
    if draft.blocked_by is not None:
        return False
    try:
        key = limit_key(limit, draft.plan.spec.name, draft.scope())
    except ExpressionFailed as error:
        end(draft, WorkflowStatus.FAILED, error=expression_error(error, "limit.key"))
        return False
    match admitted(draft, limit, claim_of(limit, key, RUN, 0)):
        case Entry.OPEN:
            return True
        case Entry.SKIP:
            end(draft, WorkflowStatus.CANCELLED)
        case Entry.FAIL:
            message = f"no place was free in the limit {key!r}"
            end(draft, WorkflowStatus.FAILED, error={"type": "LimitFull", "message": message})
        case Entry.WAIT:
            until = draft.outside.full[key].until
            draft.emit(WorkflowBlocked(key, draft.now, until))
    return False
