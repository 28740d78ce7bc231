"""Which steps a ``set`` sends back: its targets, and all that ran because they had."""

from typing import Any

from runfox.graph.draft import Draft
from runfox.spec.kinds import target_step
from runfox.spec.model import Set
from runfox.status import StepStatus
from runfox.values import Json


class Refused(ValueError):
    """Targets that were computed at run time name no step."""


def reset_targets(draft: Draft, action: Set, seen: dict[str, Any]) -> list[int]:
    """Return the positions of a ``set``'s targets. Raises ``Refused`` if computed ones are no steps."""
    if isinstance(action.targets, tuple):
        return [draft.index[target] for target in action.targets]
    value = action.targets(seen)
    names = value if isinstance(value, list) else [value]
    return [_position(draft, name) for name in names]


def _position(draft: Draft, name: Json) -> int:
    step = target_step(name) if isinstance(name, str) else None
    position = draft.index.get(step) if step is not None else None
    if position is None:
        raise Refused(f"{name!r} is no step of this workflow")
    return position


def steps_behind(draft: Draft, targets: list[int]) -> list[int]:
    """Return, in the order of the spec, the positions that a new turn of ``targets`` sends back.

    From each target it walks to those dependents that have begun: their gate was opened by a step that goes
    back. A step that sets itself resets nothing else: nothing has begun behind it. What has not begun has
    nothing to lose and stays as it is. Costs O(what is sent back and its direct dependents).
    """
    cells, dependents = draft.cells, draft.plan.dependents
    seen: set[int] = set()
    stack = [target for target in targets if _begun(draft, target)]
    while stack:
        position = stack.pop()
        if position not in seen:
            seen.add(position)
            stack += [
                other
                for other in dependents[position]
                if cells[other].status is not StepStatus.READY
            ]
    return sorted(seen)


def _begun(draft: Draft, position: int) -> bool:
    return draft.cells[position].status is not StepStatus.READY
