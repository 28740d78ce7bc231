"""Which steps a ``set`` sends back: its targets, and all that ran because they had."""

from typing import Any, Protocol

from runfox.graph.draft import Draft
from runfox.graph.ending import doubt, withdraw_inside
from runfox.graph.facts import StepsReset
from runfox.graph.frames import FrameDraft
from runfox.graph.layout import Layout
from runfox.graph.persistent import Editor
from runfox.graph.record import StepRecord
from runfox.spec.forms import target_step
from runfox.spec.model import Set
from runfox.status import StepStatus
from runfox.values import Json


class Refused(ValueError):
    """Targets that were computed at run time name no step."""


def reset_targets(frame: FrameDraft, action: Set, seen: dict[str, Any]) -> list[int]:
    """Return the positions of a ``set``'s targets. Raises ``Refused`` if computed ones are no steps."""
    index = frame.layout.index
    if isinstance(action.targets, tuple):
        return [index[target] for target in action.targets]
    value = action.targets(seen)
    names = value if isinstance(value, list) else [value]
    return [_position(index, name) for name in names]


def _position(index: dict[str, int], name: Json) -> int:
    step = target_step(name) if isinstance(name, str) else None
    position = index.get(step) if step is not None else None
    if position is None:
        raise Refused(f"{name!r} is no step of this workflow")
    return position


def reset(
    draft: Draft,
    frame: FrameDraft,
    targets: list[int],
    *,
    by: str,
    given: dict[str, Json] | None = None,
) -> None:
    """Begin a new turn of steps of one list, and of all that they let through."""
    steps = steps_behind(frame, targets)
    for position in steps:
        if frame.cells[position].more.inner is not None:
            withdraw_inside(draft, frame.inside(position))
        doubt(draft, frame, position)
    named = tuple([frame.path(target) for target in targets])
    paths = named if steps == targets else tuple([frame.path(position) for position in steps])
    draft.emit(StepsReset(by, named, paths, draft.now, given))


class Steps(Protocol):
    """As much of a frame as it takes to find out who is behind whom."""

    @property
    def layout(self) -> Layout: ...
    @property
    def cells(self) -> Editor[StepRecord]: ...


def steps_behind(frame: Steps, targets: list[int]) -> list[int]:
    """Return, in the order of the spec, the positions that a new turn of ``targets`` sends back.

    From each target it walks to those dependents that have begun, or were skipped, because of it: their gate
    was decided by a step that goes back. A step that sets itself resets nothing else: nothing has begun behind
    it. What has not begun has nothing to lose and stays as it is. Costs O(what is sent back and its direct
    dependents).
    """
    layout = frame.layout
    seen: set[int] = set()
    stack = [target for target in targets if _begun(frame, target)]
    while stack:
        position = stack.pop()
        if position not in seen:
            seen.add(position)
            behind = layout.dependents[position]
            if position in layout.others:
                behind = [*behind, *(one for one, _ in layout.others[position])]
            stack += [other for other in behind if _let_through(frame, other, position)]
    return sorted(seen)


def _begun(frame: Steps, position: int) -> bool:
    return frame.cells[position].status is not StepStatus.READY


def _let_through(frame: Steps, dependent: int, dependency: int) -> bool:
    """Whether a step has begun, or was skipped, and that dependency had a part in it."""
    cell = frame.cells[dependent]
    if cell.status is StepStatus.READY:
        return False
    return not cell.more.by or frame.layout.steps[dependency].id in cell.more.by
