"""What a rollback will have to do, noted when an effect comes about."""

from typing import Any

from runfox.errors import ExpressionFailed
from runfox.graph.draft import Draft
from runfox.graph.ending import expression_error, resolve, too_large
from runfox.graph.facts import Error, UndoRecorded
from runfox.graph.frames import FrameDraft
from runfox.graph.scope import scope_of
from runfox.values import Json, TooBig


def record_undo(draft: Draft, frame: FrameDraft, position: int, output: Any) -> None:
    """Note how the effect of a run would be taken back; ``output`` None: whether it had one is unknown.

    Nothing takes back what is done once a rollback has begun, or in ``finally``.
    """
    if draft.ending is not None and not draft.draining:
        return
    undo = frame.step(position).undo
    assert undo is not None
    seen = {**scope_of(frame, position), "output": output}
    inputs: dict[str, Json] | None = None
    error: Error | None = None
    try:
        inputs = resolve(undo.input, seen)
    except ExpressionFailed as failure:
        error = expression_error(failure, "undo.input")
    except TooBig as failure:
        error = too_large(failure, "undo.input")
    turn = frame.cells[position].turn
    draft.emit(UndoRecorded(frame.path(position), turn, inputs, error, draft.now))
