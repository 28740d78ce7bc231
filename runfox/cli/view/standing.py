"""What a step that runs or waits is about, in words, for every view of it."""

from datetime import datetime

from runfox.cli.drawing.labels import one_line
from runfox.cli.texts import clock
from runfox.cli.view.entries import items
from runfox.graph import StepRecord
from runfox.status import StepStatus


def standing_text(cell: StepRecord, now: datetime) -> str:
    """Return what a step that runs or waits is about: its items, what it called, what it waits for."""
    if cell.more.inner is not None and cell.more.inner.values:
        found = items(cell)
        return found.text if found is not None else ""
    if cell.status is StepStatus.IN_PROGRESS and cell.more.child is not None:
        return f"runs {cell.more.child}"
    if cell.status is StepStatus.WAITING:
        return waiting_text(cell, now)
    return ""


def waiting_text(cell: StepRecord, now: datetime) -> str:
    """Return what a step waits for: ``for signal approve or until 14:05:03``."""
    if cell.more.blocked is not None:
        again = f", tries again at {clock(cell.due, now)}" if cell.due is not None else ""
        return f"for a place in the limit {one_line(cell.more.blocked)!r}{again}"
    parts = [
        f"for signal {name}{f' of {one_line(key)}' if key else ''}"
        for name, key in cell.more.signals
    ]
    if cell.due is not None:
        parts.append(f"until {clock(cell.due, now)}")
    return " or ".join(parts)
