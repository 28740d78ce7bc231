"""Limits: whether a step may begin, as far as others that have the same key leave a place."""

from enum import Enum, auto
from typing import Any

from runfox.graph.draft import Draft
from runfox.graph.ending import resolve
from runfox.graph.facts import StepBlocked
from runfox.graph.frames import FrameDraft
from runfox.graph.outside import Claim
from runfox.graph.scope import scope_of
from runfox.spec.model import Limit
from runfox.values import canonical


class Entry(Enum):
    """What a limit says to a step that could begin."""

    OPEN = auto()
    WAIT = auto()
    SKIP = auto()
    FAIL = auto()


RUN = ""
"""What the place of a whole run is called, where those of its steps are called by their paths."""


def limit_key(limit: Limit, own: str, seen: dict[str, Any]) -> str:
    """Return the key of a limit: what it resolves to, or the limit's own. Raises what its expression raises."""
    if limit.key is None:
        return own
    value = resolve(limit.key, seen)
    return value if type(value) is str else canonical(value)


def enter(draft: Draft, frame: FrameDraft, position: int) -> Entry:
    """Claim a place for a step that is about to begin, or say what becomes of it without one."""
    step = frame.step(position)
    limit = step.limit
    assert limit is not None
    own = f"{draft.plan.spec.name}/{step.id}"
    key = limit_key(limit, own, scope_of(frame, position))
    cell = frame.cells[position]
    claim = claim_of(limit, key, frame.path(position), cell.run_id + 1)
    entry = admitted(draft, limit, claim)
    if entry is Entry.WAIT:
        # Once more for one that waits already: whoever was told of a place, and came too late, waits anew.
        until = draft.outside.full[key].until
        draft.emit(StepBlocked(frame.path(position), key, draft.now, until))
    return entry


def claim_of(limit: Limit, key: str, step: str, run_id: int) -> Claim:
    """Return the claim of a run of a step."""
    rate = limit.rate
    count, per = (None, None) if rate is None else (rate.count, rate.per)
    return Claim(key, step, run_id, limit.max, count, per)


def admitted(draft: Draft, limit: Limit, claim: Claim) -> Entry:
    """Claim the place, if the store has not said that there is none."""
    full = draft.outside.full.get(claim.key)
    if full is None or sum(one.key == claim.key for one in draft.wishes.claims) < full.free:
        draft.wishes.claims.append(claim)
        return Entry.OPEN
    if limit.full == "skip":
        return Entry.SKIP
    if limit.full == "fail":
        return Entry.FAIL
    if limit.full == "replace":
        draft.wishes.replaced += full.holders
    draft.wishes.blocked.append(claim)
    return Entry.WAIT
