"""What an expression sees of an execution: lazy views, so that reading one value costs one value."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from runfox.graph.record import StepRecord
from runfox.status import StepStatus
from runfox.values import Json

if TYPE_CHECKING:
    from runfox.graph.draft import Draft

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
    """All steps by id, read from a draft as it stands at that moment."""

    __slots__ = ("_draft",)

    def __init__(self, draft: "Draft") -> None:
        self._draft = draft

    def __getitem__(self, step_id: str) -> dict[str, Json]:
        draft = self._draft
        return shown(draft.cells[draft.index[step_id]])

    def __iter__(self) -> Iterator[str]:
        return iter(self._draft.index)

    def __len__(self) -> int:
        return len(self._draft.index)

    def pluck(self, name: str) -> list[Any]:
        """Return that value of every step that has it, in the order of the spec."""
        cells = (cell for chunk in self._draft.cells.chunks for cell in chunk)
        if name == "output":
            return [cell.output for cell in cells if cell.output is not None]
        seen = map(shown, cells)
        return [step[name] for step in seen if name in step]


class WorkflowView(Mapping[str, Any]):
    """The execution itself, as ``workflow`` shows it."""

    __slots__ = ("_draft",)
    _names = ("id", "status", "started_at")

    def __init__(self, draft: "Draft") -> None:
        self._draft = draft

    def __getitem__(self, name: str) -> Any:
        if name == "id":
            return self._draft.before.origin.key
        if name == "status":
            return self._draft.status.value
        if name == "started_at":
            started = self._draft.started_at
            return None if started is None else started.isoformat()
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def scope(draft: "Draft") -> dict[str, Any]:
    """Return what ``input`` and ``outputs`` see: views that stay true while the draft changes."""
    return {
        "input": draft.before.origin.inputs,
        "state": draft.state,
        "steps": StepsView(draft),
        "workflow": WorkflowView(draft),
    }


def branch_scope(
    draft: "Draft", step: StepRecord, output: dict[str, Json] | None, error: dict[str, Json] | None
) -> dict[str, Any]:
    """Return what a branch sees: the same, the step's own result, and its output's keys by their bare names."""
    seen: dict[str, Any] = dict(output) if output is not None else {}
    seen.update(draft.scope())
    seen["attempt"] = step.attempt
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
