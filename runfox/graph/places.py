"""Where things are: paths of steps (``block.inner``, ``each[17].inner``, ``undo[0]``) to their records."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from runfox.graph.layout import Layout, Plan, terms_of
from runfox.graph.persistent import Stack, from_top
from runfox.graph.record import Frame, StepRecord, UndoEntry, WorkflowRecord
from runfox.spec.model import Fn, Step

if TYPE_CHECKING:
    from runfox.graph.draft import Draft
    from runfox.graph.frames import FrameDraft

LAST: Final = -1
UNDO: Final = -2
"""The first positions that lead to steps of ``finally``, and to those of a rollback."""

_PART = re.compile(r"(?:^|\.)([A-Za-z][A-Za-z0-9_-]*)|\[(\d{1,9})\]")

Part = str | int


@lru_cache(maxsize=4096)
def parts(path: str) -> tuple[Part, ...]:
    """Return the ids and numbers that a path is made of. Raises ``KeyError`` for what is no path."""
    found: list[Part] = []
    end = 0
    for match in _PART.finditer(path):
        if match.start() != end:
            break
        end = match.end()
        found.append(match[1] if match[1] is not None else int(match[2]))
    if end != len(path) or not found:
        raise KeyError(path)
    return tuple(found)


def locate(draft: "Draft", path: str) -> "tuple[FrameDraft, int]":
    """Return the frame and the position that a path leads to. Raises ``KeyError``."""
    first, *rest = parts(path)
    frame: FrameDraft | None = draft.root
    if first == "undo" and draft.undo is not None:
        number = _number(rest, path)
        if number >= draft.undo.size():
            raise KeyError(path)
        return draft.undo, number
    position = draft.index.get(str(first))
    if position is None and draft.last is not None:
        frame = draft.last
        position = draft.last.layout.index.get(str(first))
    for part in rest:
        if position is None or frame is None or frame.cells[position].more.inner is None:
            raise KeyError(path)
        frame = frame.inside(position)
        position = _position(frame.layout, part, frame.size())
    if position is None or frame is None:
        raise KeyError(path)
    return frame, position


def _number(rest: list[Part], path: str) -> int:
    if len(rest) != 1 or type(rest[0]) is not int:
        raise KeyError(path)
    return rest[0]


def _position(layout: Layout, part: Part, size: int) -> int | None:
    if layout.numbered:
        return part if type(part) is int and part < size else None
    return layout.index.get(part) if type(part) is str else None


def cell_at(record: WorkflowRecord, path: str) -> StepRecord:
    """Return the record of a step by its path. Raises ``KeyError``."""
    first, *rest = parts(path)
    plan = record.plan
    if first == "undo" and record.undo is not None:
        return _cell(record.undo, _number(rest, path), path)
    layout, frame = plan.layout, record.frame
    if str(first) not in layout.index and plan.last is not None and record.last is not None:
        layout, frame = plan.last, record.last
    position = layout.index.get(str(first))
    for part in rest:
        inner = _cell(frame, position, path).more.inner
        if inner is None or position is None:
            raise KeyError(path)
        layout, frame = layout.inside(position), inner
        position = _position(layout, part, sum(map(len, frame.cells)))
    return _cell(frame, position, path)


def _cell(frame: Frame, position: int | None, path: str) -> StepRecord:
    if position is None:
        raise KeyError(path)
    try:
        return frame.cell(position)
    except IndexError:
        raise KeyError(path) from None


def step_at(plan: Plan, path: str) -> Step:
    """Return the step of the spec that a path leads to an instance of. Raises ``KeyError``."""
    first, *rest = parts(path)
    layout = plan.layout
    if str(first) not in layout.index and plan.last is not None:
        layout = plan.last
    position = layout.index[str(first)]
    for part in rest:
        layout = layout.inside(position)
        position = 0 if layout.numbered else layout.index[str(part)]
    return layout.steps[position]


def undo_layout(plan: Plan, undos: Stack | None) -> Layout:
    """Return the layout of a rollback: what takes each effect back, the last one first."""
    entries: list[UndoEntry] = list(from_top(undos))
    steps = tuple(_undo_step(plan, entry) for entry in entries)
    return Layout(
        steps=steps,
        index={},
        terms=tuple(terms_of(step, plan.spec.priority) for step in steps),
        numbered=True,
    )


def _undo_step(plan: Plan, entry: UndoEntry) -> Step:
    undo = step_at(plan, entry.step).undo
    assert undo is not None, f"{entry.step} has no undo"
    return Step(id=entry.step, body=Fn(name=undo.fn), retries=undo.retries)


def walk(record: WorkflowRecord) -> "Iterator[tuple[str, Step, StepRecord]]":
    """Yield every step that there is a record of, with its path, at any depth. Costs O(of them)."""
    plan = record.plan
    yield from _walk(plan.layout, record.frame, "")
    if record.undo is not None:
        yield from _walk(undo_layout(plan, record.undos), record.undo, "undo")
    if record.last is not None and plan.last is not None:
        yield from _walk(plan.last, record.last, "")


def _walk(layout: Layout, frame: Frame, prefix: str) -> Iterator[tuple[str, Step, StepRecord]]:
    position = 0
    for chunk in frame.cells:
        for cell in chunk:
            step = layout.steps[position]
            path = f"{prefix}[{position}]" if layout.numbered else prefix + step.id
            yield path, step, cell
            if cell.more.inner is not None:
                inside = layout.inside(position)
                yield from _walk(inside, cell.more.inner, path if inside.numbered else f"{path}.")
            position += 1
