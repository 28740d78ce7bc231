"""Frames as they begin, and the numbers that they begin from."""

from collections.abc import Callable

from runfox.graph.layout import Layout
from runfox.graph.persistent import MASK, SHIFT, Chunks, flat
from runfox.graph.record import FRESH, Frame, More, StepRecord
from runfox.values import Json


def steps_frame(layout: Layout, more: More) -> Frame:
    """Return a list of steps of which none has begun, inside a step of which ``more`` is known."""
    cells = layout.cells
    if more.base or more.turns:
        cells = repeated(_first(more), len(layout.steps))
    return Frame(cells, layout.gates, (), len(layout.steps))


def numbered_frame(values: tuple[Json, ...], more: More) -> Frame:
    """Return the items of a ``foreach``, of which none has begun."""
    cells = repeated(_first(more), len(values))
    return Frame(cells, open=len(values), values=tuple(values))


def _first(more: More) -> StepRecord:
    """Return the record of a step that has not begun, whose numbers were not used by any before it."""
    if not more.base and not more.turns:
        return FRESH
    return StepRecord(
        turn=more.turns,
        run_id=more.base - 1,
        first_run=more.base,
        more=More(base=more.base, turns=more.turns),
    )


def repeated(cell: StepRecord, count: int) -> Chunks[StepRecord]:
    """Return a vector of the same record: its full chunks are one."""
    full, rest = count >> SHIFT, count & MASK
    chunk = [cell] * (MASK + 1)
    return [chunk] * full + ([[cell] * rest] if rest else [])


def next_base(frame: Frame) -> int:
    """Return the first ``run_id`` that no step inside a frame has used."""
    return max(
        (
            max(cell.run_id + 1, cell.more.base, _inside(cell, next_base))
            for cell in flat(frame.cells)
        ),
        default=0,
    )


def next_turn(frame: Frame) -> int:
    """Return the first ``turn`` that no step inside a frame has been in."""
    return max(
        (
            max(cell.turn + 1, cell.more.turns, _inside(cell, next_turn))
            for cell in flat(frame.cells)
        ),
        default=0,
    )


def _inside(cell: StepRecord, number: Callable[[Frame], int]) -> int:
    return 0 if cell.more.inner is None else number(cell.more.inner)
