"""A ``foreach`` on its way: whether enough of its items have ended, too many failed, or more are wanted."""

from runfox.errors import ExpressionFailed
from runfox.expressions import truthy
from runfox.graph.bodies import Unfit, items_of
from runfox.graph.draft import Draft
from runfox.graph.ending import expression_error, withdraw_inside
from runfox.graph.facts import Error, FrameClosed, ItemsAdded
from runfox.graph.frames import FrameDraft
from runfox.graph.scope import results_scope
from runfox.graph.turns import succeeded, turn_failed
from runfox.spec.model import Each
from runfox.values import TooBig


def settle_items(draft: Draft, frame: FrameDraft) -> None:
    """Say whether a ``foreach`` is over, after its items were known or one of them has ended."""
    each, outer = frame.layout.items, frame.parent
    assert each is not None
    assert outer is not None
    place = frame.where[-1]
    if outer.cells[place].status.ended:
        if not frame.flying:
            outer.list()  # the steps around it may have waited for the last of these
        return
    error = _too_many_failed(frame, each)
    if error is not None:
        turn_failed(draft, outer, place, error)
        return
    try:
        enough = not frame.closed and _enough(frame, each)
        if not enough and not frame.closed:
            _add(draft, frame, each)
    except ExpressionFailed as failure:
        turn_failed(draft, outer, place, expression_error(failure, "foreach"))
        return
    except (Unfit, TooBig) as failure:
        turn_failed(draft, outer, place, {"type": "ExpressionError", "message": str(failure)})
        return
    if enough:
        _close(draft, frame, each)
    if frame.open == 0 or (frame.closed and (frame.flying == 0 or each.rest == "ignore")):
        succeeded(draft, outer, place, outer.cells[place].run_id, None)
    elif not frame.closed:
        frame.call_up()  # there may be room for the next one


def _too_many_failed(frame: FrameDraft, each: Each) -> Error | None:
    total = len(frame.values)
    if each.need is not None and not frame.closed:
        possible = frame.successes + frame.open
        if possible < each.need:
            message = f"{each.need} items have to succeed, and {possible} still can"
            return _items_failed(frame, message)
    if frame.failures == 0:
        return None
    allowed = _allowed(each, total)
    if allowed is not None and frame.failures > allowed:
        message = f"{frame.failures} of {total} items failed"
        return _items_failed(frame, f"{message}; {allowed} may" if allowed else message)
    return None


def _allowed(each: Each, total: int) -> int | None:
    """Return how many items may fail; None where ``need`` alone decides."""
    tolerate = each.tolerate
    if tolerate is None:
        return None if each.need is not None else 0
    if tolerate.count is not None:
        return tolerate.count
    assert tolerate.share is not None
    return int(total * tolerate.share + 1e-9)


def _items_failed(frame: FrameDraft, message: str) -> Error:
    """Return the error of a ``foreach``, with what the first failed item said."""
    for position in range(frame.next):
        error = frame.cells[position].error
        if error is not None and frame.cells[position].status == "failed":
            first = f"{frame.path(position)}: {error['type']}: {error['message']}"
            return {"type": "ItemsFailed", "message": f"{message} ({first})"}
    return {"type": "ItemsFailed", "message": message}


def _enough(frame: FrameDraft, each: Each) -> bool:
    if each.need is not None and frame.successes >= each.need:
        return True
    if each.until is None or frame.successes + frame.failures == 0:
        return False
    return truthy(each.until(results_scope(frame)))


def _add(draft: Draft, frame: FrameDraft, each: Each) -> None:
    """Add the items that ``more`` gives."""
    if each.more is None or frame.successes + frame.failures == 0:
        return
    value = each.more(results_scope(frame))
    if value is None or value is False:
        return
    items = items_of(value, "more")
    if items:
        items_of([*frame.values, *items], "more")
        draft.emit(ItemsAdded(_outer_path(frame), items, draft.now))


def _close(draft: Draft, frame: FrameDraft, each: Each) -> None:
    """Begin no more items, and do with those under way what ``rest`` says."""
    if each.rest == "cancel":
        withdraw_inside(draft, frame)
    draft.emit(FrameClosed(_outer_path(frame), draft.now))


def _outer_path(frame: FrameDraft) -> str:
    assert frame.parent is not None
    return frame.parent.path(frame.where[-1])
