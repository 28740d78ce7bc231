"""Outputs that answer for later runs of the same step with the same key."""

import re
from typing import Any

from runfox.errors import ExpressionFailed
from runfox.graph.draft import Draft
from runfox.graph.ending import resolve
from runfox.graph.frames import FrameDraft
from runfox.graph.outside import Kept, Question
from runfox.graph.scope import scope_of
from runfox.values import TooBig, canonical

_NUMBERS = re.compile(r"\[\d+\]")


def static_path(frame: FrameDraft, position: int) -> str:
    """Return the path of a step as the spec has it, the same for all items."""
    return _NUMBERS.sub("", frame.path(position))


def question(frame: FrameDraft, position: int) -> Question:
    """Return what to ask for a step's output. Raises what its key raises."""
    cache = frame.step(position).cache
    assert cache is not None
    key = resolve(cache.key, scope_of(frame, position))
    return Question(static_path(frame, position), canonical(key))


def recalled(draft: Draft, asked: Question) -> Any:
    """Return the output that is kept, or None; where nobody has looked yet, have somebody look."""
    if asked not in draft.outside.answers:
        draft.wishes.questions[asked] = None
        return None
    return draft.outside.answers[asked]


def remember(draft: Draft, frame: FrameDraft, position: int, output: Any) -> None:
    """Have an output kept for those that ask with the same key."""
    cache = frame.step(position).cache
    assert cache is not None
    try:
        asked = question(frame, position)
    except (ExpressionFailed, TooBig):
        return  # it could be evaluated when the step began; what it reads has changed since
    until = None if cache.lifetime is None else draft.now + cache.lifetime
    draft.wishes.kept.append(Kept(asked.step, asked.key, output, until))
