"""What an expression sees of an execution: lazy views, so that reading one value costs one value."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from runfox.graph.record import StepRecord
from runfox.status import StepStatus
from runfox.values import Json

if TYPE_CHECKING:
    from runfox.graph.draft import Draft
    from runfox.graph.frames import FrameDraft

RESERVED = ("input", "state", "steps", "workflow", "output", "error", "attempt")
"""Names in a branch that win over keys of the step's output. ``ok`` is the output's own key."""


_WORDS = {status: status.value for status in StepStatus}


def shown(step: StepRecord) -> dict[str, Json]:
    """Return one step as ``steps.<id>`` shows it; output and error are there once there is one."""
    seen: dict[str, Json] = {"status": _WORDS[step.status], "attempts": step.attempt}
    if step.output is not None:
        seen["output"] = step.output
    if step.error is not None:
        seen["error"] = step.error
    return seen


class StepsView(Mapping[str, dict[str, Json]]):
    """The steps of a list by id as a draft has them at that moment, and behind them those of the lists around."""

    __slots__ = ("_frame",)

    def __init__(self, frame: "FrameDraft") -> None:
        self._frame = frame

    def __getitem__(self, step_id: str) -> dict[str, Json]:
        for frame in _around(self._frame):
            position = frame.layout.index.get(step_id)
            if position is not None:
                return shown(frame.cells[position])
        raise KeyError(step_id)

    def __iter__(self) -> Iterator[str]:
        frames = _around(self._frame)
        return iter(dict.fromkeys(chain.from_iterable(frame.layout.index for frame in frames)))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def pluck(self, name: str) -> list[Any]:
        """Return that value of every step that has it, in the order of the spec."""
        if self._frame.parent is None and not self._frame.where:
            cells = [cell for chunk in self._frame.cells.chunks for cell in chunk]
        else:
            return [step[name] for step in self.values() if name in step]
        if name == "output":
            return [cell.output for cell in cells if cell.output is not None]
        seen = map(shown, cells)
        return [step[name] for step in seen if name in step]


def _around(frame: "FrameDraft") -> "Iterator[FrameDraft]":
    """The frame and those around it that have steps with ids, the innermost first."""
    inside: FrameDraft | None = frame
    while inside is not None:
        if not inside.layout.numbered:
            yield inside
        if inside.parent is None and inside.where:
            yield inside.draft.root  # the steps of ``finally`` see those of the run
        inside = inside.parent


class WorkflowView(Mapping[str, Any]):
    """The execution itself, as ``workflow`` shows it."""

    __slots__ = ("_draft",)
    _names = ("id", "status", "started_at")

    def __init__(self, draft: "Draft") -> None:
        self._draft = draft

    def __getitem__(self, name: str) -> Any:
        draft = self._draft
        if name == "id":
            return draft.before.origin.key
        if name == "status":
            return (draft.status if draft.ending is None else draft.ending.status).value
        if name == "started_at":
            return None if draft.started_at is None else draft.started_at.isoformat()
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Results(Sequence[Any]):
    """The outputs of a ``foreach`` so far, in the order of its items; null where an item is open or failed."""

    __slots__ = ("_frame",)

    def __init__(self, frame: "FrameDraft") -> None:
        self._frame = frame

    def __getitem__(self, position: Any) -> Any:
        if isinstance(position, slice):
            return [self[one] for one in range(*position.indices(len(self)))]
        if not -len(self) <= position < len(self):
            raise IndexError(position)
        cell = self._frame.cells[position % len(self)]
        return cell.output if cell.status is StepStatus.COMPLETE else None

    def __len__(self) -> int:
        return len(self._frame.values)


def scope(draft: "Draft") -> dict[str, Any]:
    """Return what ``input`` and ``outputs`` see at the top: views that stay true while the draft changes."""
    return {
        "input": draft.before.origin.inputs,
        "state": draft.state,
        "steps": StepsView(draft.root),
        "workflow": WorkflowView(draft),
    }


def scope_of(frame: "FrameDraft", position: int) -> dict[str, Any]:
    """Return what the expressions of a step see: those of the top, and what the frames around it add."""
    if frame is frame.draft.root:
        return frame.draft.scope()
    if frame.parent is None:
        return {**frame.draft.scope(), "steps": StepsView(frame)}
    seen = dict(scope_of(frame.parent, frame.where[-1]))
    each = frame.layout.items
    if each is None:
        seen["steps"] = StepsView(frame)
    else:
        seen[each.name] = frame.values[position]
        seen["index"] = position
    return seen


def results_scope(frame: "FrameDraft") -> dict[str, Any]:
    """Return what ``until`` and ``more`` of a ``foreach`` see, whose items are in a frame."""
    assert frame.parent is not None
    return {**scope_of(frame.parent, frame.where[-1]), "results": Results(frame)}


def branch_scope(
    frame: "FrameDraft", position: int, output: Any, error: dict[str, Json] | None
) -> dict[str, Any]:
    """Return what a branch sees: the same, the step's own result, and its output's keys by their bare names."""
    seen: dict[str, Any] = dict(output) if type(output) is dict else {}
    seen.update(scope_of(frame, position))
    seen["attempt"] = frame.cells[position].attempt
    if output is not None:
        seen["output"] = output
    else:
        seen.pop("output", None)
    if error is not None:
        seen["error"] = error
        seen["ok"] = False
    else:
        seen.pop("error", None)
    return seen
