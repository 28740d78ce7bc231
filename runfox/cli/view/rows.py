"""Steps as rows of a table: for the live picture, whatever it chooses to show."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from rich.table import Table
from rich.text import Text

from runfox.cli.drawing.labels import one_line
from runfox.cli.texts import count, seconds, ticking
from runfox.cli.view.entries import Entry
from runfox.cli.view.standing import standing_text
from runfox.cli.view.styles import glyph, style
from runfox.cli.view.wording import error_text, rounds
from runfox.graph import StepRecord, WorkflowRecord
from runfox.status import StepStatus

_SECOND = timedelta(seconds=1)


class Row(NamedTuple):
    """One step. ``status`` may be "queued"; ``heard`` is how often its executor told of progress."""

    entry: Entry
    status: str
    heard: int = 0

    @property
    def cell(self) -> StepRecord:
        return self.entry.cell


def table(record: WorkflowRecord, rows: Iterable[Row], now: datetime) -> Table:
    """Return a line for each row: its sign, name, time, turn and attempt, and what there is to say."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=3, justify="right")
    grid.add_column(no_wrap=True, overflow="ellipsis", max_width=40)
    grid.add_column(justify="right", no_wrap=True, min_width=5)
    # As wide from the start as it will be, so that nothing jumps when the first turn is over.
    grid.add_column(no_wrap=True, min_width=6 if _repeats(record) else 0)
    grid.add_column()  # rich makes only those narrower that it may wrap; the notes clip themselves
    for row in rows:
        look, cell = style(row.status), row.cell
        grid.add_row(
            Text(glyph(row.status), style=look),
            Text(row.entry.name, style="dim" if look == "dim" else ""),
            Text("" if row.status == "queued" else duration(cell, now), style="dim"),
            Text(
                rounds(cell.turn, cell.attempt), style="magenta" if cell.attempt < 2 else "yellow"
            ),
            _note(row, now),
        )
    return grid


def duration(cell: StepRecord, now: datetime) -> str:
    """Return how long the turn of a step took, or takes so far."""
    if cell.started_at is None:
        return ""
    if cell.ended_at is None:
        return ticking((now - cell.started_at) / _SECOND)
    return seconds((cell.ended_at - cell.started_at) / _SECOND)


def elapsed(record: WorkflowRecord, now: datetime) -> str:
    """Return how long the execution has run, or ran."""
    if record.started_at is None:
        return ""
    if record.ended_at is None:
        return ticking((now - record.started_at) / _SECOND)
    return seconds((record.ended_at - record.started_at) / _SECOND)


def _repeats(record: WorkflowRecord) -> bool:
    return any(step.branches or step.retries for step in record.plan.steps)


def _note(row: Row, now: datetime) -> Text:
    cell = row.cell
    if cell.status is StepStatus.RETRY and cell.due is not None:
        wait = f"again in {ticking((cell.due - now) / _SECOND)} · "
        return _clipped(wait + error_text(cell.error), "yellow")
    if cell.error is not None and cell.status is not StepStatus.WAITING:
        return _clipped(error_text(cell.error), style(row.status) or "yellow")
    told = standing_text(cell, now)
    if told:
        return _clipped(told, style(row.status) if not cell.status.ended else "dim")
    if row.heard and cell.status is StepStatus.IN_PROGRESS:
        return _clipped(count(row.heard, "progress report"), "blue")
    return _clipped(one_line(row.entry.step.label or ""), "dim")


def _clipped(text: str, look: str) -> Text:
    return Text(text, style=look, no_wrap=True, overflow="ellipsis")
