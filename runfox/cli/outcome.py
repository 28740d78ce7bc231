"""How an execution ended, or that it has not: on a terminal, in a pipe, for a program."""

from typing import NamedTuple, TextIO

import click

from runfox.backend.clock import utc_now
from runfox.cli.codes import PENDING
from runfox.cli.drawing.standing import GLYPHS
from runfox.cli.leaving import remark
from runfox.cli.records import brief
from runfox.cli.texts import count, harmless, machine, pretty, since
from runfox.graph import WorkflowRecord
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import Json

_COLOURS = {"complete": "green", "failed": "red", "halted": "yellow"}


class Told(NamedTuple):
    """What the command knows beside the record. ``here``: this process executed the steps."""

    code: int
    output: str
    resume: str | None
    here: bool


def tell(record: WorkflowRecord, told: Told, out: TextIO) -> None:
    """Tell how an execution stands now that its driving is over: the answer on ``out``, remarks on stderr."""
    if told.output == "json":
        print(machine(brief(record)), file=out, flush=True)
    if not record.status.ended:
        remark(_unfinished(record, told))
    elif told.output == "text":
        if out.isatty():
            click.echo(_ended(record))
        else:
            remark(_ended(record))
        _answer(record, out)


def _ended(record: WorkflowRecord) -> str:
    status = record.status.value
    sign = click.style(f"{GLYPHS.get(status, '·')} {status}", fg=_COLOURS.get(status), bold=True)
    line = f"{sign} in {since(record.started_at, record.ended_at or utc_now())}"
    if record.error is None:
        return line
    step = record.error.get("step")
    where = f"step {step!r}: " if step is not None else ""
    message = f"{where}{record.error.get('type')}: {record.error.get('message')}"
    return f"{line}: {harmless(message)}"


def _answer(record: WorkflowRecord, out: TextIO) -> None:
    if record.status not in (WorkflowStatus.COMPLETE, WorkflowStatus.HALTED):
        return
    if not out.isatty():
        print(pretty(record.outcome), file=out, flush=True)
    elif record.outcome != {}:
        _highlighted(record.outcome, out)


def _highlighted(value: Json, out: TextIO) -> None:
    from rich.console import Console
    from rich.highlighter import JSONHighlighter
    from rich.text import Text

    text = JSONHighlighter()(Text(pretty(value)))
    Console(file=out).print(text, soft_wrap=True)


def _unfinished(record: WorkflowRecord, told: Told) -> str:
    cells = list(record.steps.values())
    done = sum(cell.status is StepStatus.COMPLETE for cell in cells)
    so_far = f"{done:,} of {count(len(cells), 'step')} complete"
    word = "not over yet" if told.code == PENDING else "interrupted"
    begin = f"{word} after {since(record.started_at, utc_now())}, {so_far}"
    if told.resume is None:
        return (
            f"{begin}. Nothing of it is kept: run it with --db FILE, and it can be resumed "
            "after an interruption."
        )
    if told.here:
        return f"{begin}. All of that is kept. Go on with:\n  {told.resume}"
    return f"{begin}. Workers go on with it. Wait for them again with:\n  {told.resume}"
