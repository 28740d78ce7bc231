"""An execution on a page: for ``show``, and for ``history --at``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from runfox import graph
from runfox.backend.protocols import Summary
from runfox.cli.drawing.labels import cut, one_line
from runfox.cli.paper import clipped, grid, put, status_text
from runfox.cli.records import moment, result_of
from runfox.cli.texts import pretty
from runfox.cli.view.entries import Entry, alone, entries
from runfox.cli.view.frame import MOST_STEPS, Glance, bar, footer
from runfox.cli.view.rows import duration, elapsed
from runfox.cli.view.standing import standing_text
from runfox.cli.view.tally import BROKEN, Tally
from runfox.cli.view.wording import error_text, rounds
from runfox.graph import StepRecord, WorkflowRecord
from runfox.values import Json, text

MOST_CHILDREN = 20
LONGEST = 200
"""Characters of a value; ``-o json`` has all of it."""


def show(
    record: WorkflowRecord, *, now: datetime, full: bool, children: Sequence[Summary] = ()
) -> None:
    """Print all that there is to say of a record. Without ``full`` a large one has its notable steps only."""
    steps = _steps(record, now, full=full)
    put(*_head(record, now), "", *steps, *_children(children), *_values(record))


def _head(record: WorkflowRecord, now: datetime) -> Iterator[RenderableType]:
    yield Text(one_line(record.plan.spec.name), style="bold")
    table = grid("", "")
    taken = elapsed(record, now)
    table.add_row(Text("status", style="dim"), status_text(record.status.value))
    table.add_row(Text("id", style="dim"), Text(record.origin.key))
    table.add_row(Text("created", style="dim"), Text(moment(record.origin.created_at) or ""))
    table.add_row(Text("revision", style="dim"), Text(str(record.revision)))
    for name, value in _rare(record, graph.explain(record, now=now)):
        table.add_row(Text(name, style="dim"), clipped(one_line(value)))
    if taken:
        table.add_row(Text("took" if record.ended_at else "so far", style="dim"), Text(taken))
    yield table


def _rare(record: WorkflowRecord, why: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what most executions have nothing of."""
    origin = record.origin
    if origin.labels:
        yield "labels", ", ".join(f"{key}={value}" for key, value in origin.labels.items())
    if origin.parent is not None:
        yield "called by", f"{origin.parent.key}, step {origin.parent.step}"
    if graph.RUN in why:
        yield "waits", why[graph.RUN]


def _children(children: Sequence[Summary]) -> Iterator[RenderableType]:
    if not children:
        return
    yield ""
    yield Text("called", style="bold")
    table = grid("", "", "")
    for child in children[:MOST_CHILDREN]:
        table.add_row(
            Text(f"  {child.execution_id}"),
            status_text(child.status.value),
            clipped(one_line(child.name)),
        )
    yield table
    if len(children) > MOST_CHILDREN:
        yield Text("  and more: runfox list --parent ID", "dim")


def _steps(record: WorkflowRecord, now: datetime, *, full: bool) -> Iterator[RenderableType]:
    why = graph.explain(record, now=now)
    tally = Tally(record)
    if full or tally.size <= MOST_STEPS:
        yield _table(entries(record), why, now)
        return
    yield bar(tally, Glance(now))
    yield Text("  ").append(footer(tally, Glance(now)))
    notable = {**tally.broken, **tally.active}
    if notable:
        yield ""
        yield _table((alone(record, path) for path in islice(notable, MOST_STEPS)), why, now)
    more = len(notable) - MOST_STEPS
    yield ""
    yield Text(
        f"and {more:,} more; --full shows all" if more > 0 else "--full shows all steps", "dim"
    )


def _table(rows: Iterable[Entry], why: Mapping[str, str], now: datetime) -> Table:
    table = grid("step", "status", "took", "", "")
    for entry in rows:
        cell = entry.cell
        table.add_row(
            Text(entry.name),
            status_text(cell.status.value),
            Text(duration(cell, now), style="dim", justify="right"),
            Text(rounds(cell.turn, cell.attempt), style="magenta"),
            _note(cell, why.get(entry.path), now),
        )
    return table


def _note(cell: StepRecord, reason: str | None, now: datetime) -> Text:
    if cell.status in BROKEN and cell.error is not None:
        return clipped(error_text(cell.error), "red")
    error = error_text(cell.error)
    if reason is None or cell.more.inner is not None:
        reason = standing_text(cell, now) or reason
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
