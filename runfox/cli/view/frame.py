"""One picture of a running execution. Pure: the same tally and moment give the same picture."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.text import Text

from runfox.cli.drawing.labels import one_line
from runfox.cli.texts import count
from runfox.cli.view.entries import Entry, alone, entries
from runfox.cli.view.rows import Row, elapsed, table
from runfox.cli.view.styles import WORDS, glyph, style
from runfox.cli.view.tally import Tally
from runfox.graph import WorkflowRecord
from runfox.status import StepStatus

MOST_STEPS = 40
"""With more steps than this, or than fit, only those at work and the broken ones have a row."""

BAR = 40
_ORDER = (
    "complete",
    "in_progress",
    "queued",
    "retry",
    "waiting",
    "failed",
    "halted",
    "cancelled",
    "skipped",
    "ready",
)


class Glance(NamedTuple):
    """What else a picture shows: the moment, how far executors are, and how much room there is.

    ``places`` is how many steps are executed at a time.
    """

    now: datetime
    places: int = 1_000_000
    progress: Mapping[str, int] = {}
    rows: int = 1_000


def frame(tally: Tally, glance: Glance) -> RenderableType:
    """Return the picture: all steps where they fit, else how many are where and what is going on."""
    record = tally.record
    body: RenderableType
    if tally.size <= min(MOST_STEPS, glance.rows - 5):
        at_work = tally.at_work(glance.places)
        rows = (_row(tally, entry, glance, at_work) for entry in entries(record))
        body = table(record, rows, glance.now)
    else:
        body = Group(bar(tally, glance), "", _shown(tally, glance))
    return Group(heading(record), "", body, "", footer(tally, glance))


def heading(record: WorkflowRecord) -> Text:
    """Return the name of the workflow and the id of the execution."""
    name = Text(one_line(record.plan.spec.name), style="bold", no_wrap=True, overflow="ellipsis")
    return name.append(f"  {record.execution_id}", style="dim")


def footer(tally: Tally, glance: Glance) -> Text:
    """Return the counts and the time it takes."""
    text = Text(no_wrap=True, overflow="ellipsis")
    for status, number in _counts(tally, glance).items():
        told = f"{glyph(status)} {number:,} {WORDS.get(status, status)}"
        text.append(told, style=style(status)).append("   ")
    return text.append(elapsed(tally.record, glance.now), style="dim")


def bar(tally: Tally, glance: Glance) -> Text:
    """Return one line in which every status has its share."""
    total = len(tally.record.plan.steps)
    text, drawn, seen = Text("  ", no_wrap=True), 0, 0
    for status, number in _counts(tally, glance).items():
        seen += number
        until = round(BAR * seen / total)
        line = "─" if status in ("queued", "ready") else "━"
        text.append(line * (until - drawn), style=style(status))
        drawn = until
    done = sum(tally.counts[status] for status in StepStatus if status.ended)
    return text.append(f"  {done:,} of {count(total, 'step')}")


def _counts(tally: Tally, glance: Glance) -> dict[str, int]:
    """How many steps are in each status, those in progress told apart by whether it is their turn."""
    counts = {status.value: number for status, number in tally.counts.items()}
    counts["queued"] = tally.queued(glance.places)
    counts["in_progress"] = counts.get("in_progress", 0) - counts["queued"]
    return {status: counts[status] for status in _ORDER if counts.get(status)}


def _shown(tally: Tally, glance: Glance) -> RenderableType:
    """The broken steps, those at work, and those that wait, as far as there is room."""
    room = max(4, min(24, glance.rows - 10))
    at_work = tally.at_work(min(glance.places, room))
    others = [path for path in list(tally.active) if path not in tally.jobs]
    broken = list(tally.broken)[: room // 2]
    paths = [*broken, *at_work, *others][:room]
    rows = (_row(tally, alone(tally.record, path), glance, at_work) for path in paths)
    grid = table(tally.record, rows, glance.now)
    working = min(glance.places, len(tally.jobs))
    hidden = len(tally.broken) + working + len(others) - len(paths)
    return Group(grid, Text(f"    and {hidden:,} more", style="dim")) if hidden else grid


def _row(tally: Tally, entry: Entry, glance: Glance, at_work: Mapping[str, object]) -> Row:
    queues = entry.path in tally.jobs and entry.path not in at_work
    status = "queued" if queues else entry.cell.status.value
    return Row(entry, status, glance.progress.get(entry.path, 0))
