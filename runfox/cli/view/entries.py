"""The steps of an execution as people look at them: at any depth, but all items of a ``foreach`` as one.

An entry is known by its path. Where that is one of an item, ``entry_path`` gives the entry that shows it.
"""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from runfox.cli.drawing.labels import one_line
from runfox.graph import Plan, StepRecord, WorkflowRecord
from runfox.graph.layout import Layout
from runfox.graph.persistent import from_top
from runfox.graph.places import step_at, undo_layout
from runfox.graph.record import Frame
from runfox.spec.model import Step

UNDO = "undo["
ROOM_FOR_NUMBER = 6
LONGEST_NUMBER = 10


class Entry(NamedTuple):
    """A step. ``depth`` counts the steps that it is inside of; ``kind`` is "", "finally" or "undo"."""

    path: str
    step: Step
    cell: StepRecord
    depth: int = 0
    kind: str = ""

    @property
    def name(self) -> str:
        """What the step is called beside those that it is shown with."""
        if self.kind == "undo":
            return f"undo {self.step.id}"
        front = f"{self.kind} " if self.kind and not self.depth else ""
        return f"{'  ' * self.depth}{front}{self.step.id}"


class Items(NamedTuple):
    """How far the items of a ``foreach`` are."""

    total: int
    done: int
    failed: int
    at_work: int
    blocked: int

    @property
    def text(self) -> str:
        """The same in words: ``37/200 done, 1 failed``."""
        failed = f", {self.failed:,} failed" if self.failed else ""
        return f"{self.done:,}/{self.total:,} done{failed}"


def entries(record: WorkflowRecord) -> Iterator[Entry]:
    """Yield all that there are, those inside of a step after it; rollback and ``finally`` last."""
    plan = record.plan
    yield from _of(plan.layout, record.frame, "", 0, "")
    if record.undo is not None:
        layout = undo_layout(plan, record.undos)
        cells = (cell for chunk in record.undo.cells for cell in chunk)
        for number, cell in enumerate(cells):
            yield Entry(f"{UNDO}{number}]", layout.steps[number], cell, 0, "undo")
    if record.last is not None and plan.last is not None:
        yield from _of(plan.last, record.last, "", 0, "finally")


def _of(layout: Layout, frame: Frame, prefix: str, depth: int, kind: str) -> Iterator[Entry]:
    for position, step in enumerate(layout.steps):
        cell = frame.cell(position)
        path = prefix + step.id
        yield Entry(path, step, cell, depth, kind)
        if cell.more.inner is not None:
            inside = layout.inside(position)
            if not inside.numbered:
                yield from _of(inside, cell.more.inner, f"{path}.", depth + 1, kind)


def entry_path(path: str) -> str:
    """Return the path of the entry that shows a step: of an item, that of the outermost ``foreach``."""
    return path if path.startswith(UNDO) else path.partition("[")[0]


def entry_at(record: WorkflowRecord, path: str) -> Entry:
    """Return the entry of a path. Raises ``KeyError`` if it is not there, or no longer."""
    cell = record.steps[path]
    if path.startswith(UNDO):
        layout = undo_layout(record.plan, record.undos)
        return Entry(path, layout.steps[int(path[len(UNDO) : -1])], cell, 0, "undo")
    first = path.partition(".")[0]
    kind = "" if first in record.plan.index else "finally"
    return Entry(path, step_at(record.plan, path), cell, 0, kind)


def alone(record: WorkflowRecord, path: str) -> Entry:
    """Return the entry of a path as it is shown without those that it is inside of: it is called by its path."""
    entry = entry_at(record, path)
    return entry if entry.kind == "undo" else entry._replace(step=entry.step._replace(id=path))


def shown_name(record: WorkflowRecord, path: str) -> str:
    """Return what the step of a path is called where it stands alone: ``block.inner``, ``undo charge``.

    A result that is ignored may name a step that there never was.
    """
    number = path[len(UNDO) : -1]
    if path.startswith(UNDO) and number.isdecimal() and len(number) < LONGEST_NUMBER:
        entry = next(islice(from_top(record.undos), int(number), None), None)
        return path if entry is None else f"undo {entry.step}"
    return path if path.isprintable() else one_line(path)


def items(cell: StepRecord) -> Items | None:
    """Return how far the items of a ``foreach`` are, None if they have not begun. Costs O(items at work)."""
    frame = cell.more.inner
    if frame is None:
        return None
    total = sum(map(len, frame.cells))
    return Items(total, frame.successes, frame.failures, frame.flying, _blocked(frame))


def _blocked(frame: Frame) -> int:
    begun = islice((cell for chunk in frame.cells for cell in chunk), frame.next)
    return sum(cell.more.blocked is not None for cell in begun) if frame.flying else 0


def name_width(plan: Plan, most: int) -> int:
    """Return how wide a column of paths has to be, ``most`` at the most."""
    last = _widest(plan.last, 0) if plan.last is not None else 0
    return min(most, max(_widest(plan.layout, 0), last))


def _widest(layout: Layout, lead: int) -> int:
    widest = lead
    # All items have the same step, at whatever position.
    for position, step in enumerate([layout.steps[0]] if layout.numbered else layout.steps):
        own = lead + (ROOM_FOR_NUMBER if layout.numbered else len(step.id))
        widest = max(widest, own)
        inner = layout.inner.get(position)
        if inner is not None:
            widest = max(widest, _widest(inner, own + (not inner.numbered)))
    return widest
