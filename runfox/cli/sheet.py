"""An execution on a page: for ``show``, and for ``history --at``."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from runfox import graph
from runfox.cli.drawing.labels import cut, one_line
from runfox.cli.paper import clipped, grid, put, status_text
from runfox.cli.records import moment, result_of
from runfox.cli.texts import pretty
from runfox.cli.view.frame import MOST_STEPS, Glance, bar, footer
from runfox.cli.view.rows import duration, elapsed
from runfox.cli.view.tally import BROKEN, Tally
from runfox.cli.view.wording import error_text, rounds
from runfox.graph import StepRecord, WorkflowRecord
from runfox.values import Json, text

LONGEST = 200
"""Characters of a value; ``-o json`` has all of it."""


def show(record: WorkflowRecord, *, now: datetime, full: bool) -> None:
    """Print all that there is to say of a record. Without ``full`` a large one has its notable steps only."""
    put(*_head(record, now), "", *_steps(record, now, full=full), *_values(record))


def _head(record: WorkflowRecord, now: datetime) -> Iterator[RenderableType]:
    yield Text(one_line(record.plan.spec.name), style="bold")
    table = grid("", "")
    taken = elapsed(record, now)
    table.add_row(Text("status", style="dim"), status_text(record.status.value))
    table.add_row(Text("id", style="dim"), Text(record.origin.key))
    table.add_row(Text("created", style="dim"), Text(moment(record.origin.created_at) or ""))
    table.add_row(Text("revision", style="dim"), Text(str(record.revision)))
    if taken:
        table.add_row(Text("took" if record.ended_at else "so far", style="dim"), Text(taken))
    yield table


def _steps(record: WorkflowRecord, now: datetime, *, full: bool) -> Iterator[RenderableType]:
    reasons = graph.explain(record, now=now)
    if full or len(record.steps) <= MOST_STEPS:
        yield _table(record.steps, reasons, now)
        return
    tally = Tally(record)
    yield bar(tally, Glance(now))
    yield Text("  ").append(footer(tally, Glance(now)))
    notable = {**tally.broken, **tally.active}
    if notable:
        yield ""
        yield _table(dict(islice(notable.items(), MOST_STEPS)), reasons, now)
    more = len(notable) - MOST_STEPS
    yield ""
    yield Text(
        f"and {more:,} more; --full shows all" if more > 0 else "--full shows all steps", "dim"
    )


def _table(rows: Mapping[str, StepRecord], reasons: Mapping[str, str], now: datetime) -> Table:
    table = grid("step", "status", "took", "", "")
    for step, cell in rows.items():
        table.add_row(
            Text(step),
            status_text(cell.status.value),
            Text(duration(cell, now), style="dim", justify="right"),
            Text(rounds(cell.turn, cell.attempt), style="magenta"),
            _note(cell, reasons.get(step)),
        )
    return table


def _note(cell: StepRecord, reason: str | None) -> Text:
    if cell.status in BROKEN and cell.error is not None:
        return clipped(error_text(cell.error), "red")
    error = error_text(cell.error)
    parts = [one_line(reason)] if reason else []
    if error:
        parts.append(error)
    return clipped(" · ".join(parts), "yellow" if error else "dim")


def _values(record: WorkflowRecord) -> Iterator[RenderableType]:
    if record.inputs:
        yield from _value("inputs", record.inputs)
    if record.state:
        yield from _value("state", dict(record.state))
    for name, value in result_of(record).items():
        yield from _value(name, value, whole=True)


def _value(name: str, value: Json, *, whole: bool = False) -> Iterator[RenderableType]:
    yield ""
    yield Text(name, style="bold")
    if whole:
        yield Text(pretty(value))
    elif isinstance(value, dict):
        table = grid("", "")
        for key, item in value.items():
            table.add_row(
                Text(cut(one_line(f"  {key}"), 40), style="dim"),
                clipped(cut(_compact(item), LONGEST)),
            )
        yield table


def _compact(value: Json) -> str:
    return one_line(value) if isinstance(value, str) else text(value)
