"""``runfox history``"""

from collections.abc import Iterator
from datetime import datetime

import click

from runfox import graph
from runfox.backend import Backend, codec
from runfox.cli import options
from runfox.cli.databases import Place, open_existing
from runfox.cli.drawing.labels import cut
from runfox.cli.feed import Moved
from runfox.cli.identify import execution_key
from runfox.cli.records import told, whole
from runfox.cli.texts import harmless, machine
from runfox.cli.view.entries import name_width
from runfox.cli.view.styles import glyph
from runfox.cli.view.wording import lines

_COLOURS = {"complete": "green", "failed": "red", "halted": "yellow", "retry": "yellow"}


@click.command("history")
@click.argument("id")
@options.db
@click.option(
    "--at", type=click.IntRange(1), metavar="REVISION", help="Show the execution as it was then."
)
@click.option("--full", is_flag=True, help="With --at: a line for every step.")
@options.output
def command(id: str, db: Place, at: int | None, full: bool, output: str) -> None:
    """List what happened to an execution, commit by commit.

    ID is an execution's id, the beginning of one, or 'last'. The number at the front of a line is the
    revision that --at takes.
    """
    backend = open_existing(db)
    key = execution_key(backend, id)
    if at is not None:
        _show_at(backend, key, at, output, full=full)
    elif output == "json":
        click.echo(machine([told(moved, moment) for moved, moment in _commits(backend, key)]))
    else:
        _print(backend, key)


def _show_at(backend: Backend, key: str, revision: int, output: str, *, full: bool) -> None:
    record = backend.record_at(key, revision)
    row = backend.history(key, after=revision - 1)[0]
    if output == "json":
        click.echo(machine(whole(record, now=row.at)))
    else:
        from runfox.cli.sheet import show

        show(record, now=row.at, full=full)


def _commits(backend: Backend, key: str) -> Iterator[tuple[Moved, datetime]]:
    """Yield what each commit changed, and when."""
    origin = backend.load(key).origin
    rows = backend.history(key)
    created = codec.facts(rows[0])[0]
    assert isinstance(created, graph.WorkflowCreated)
    record = graph.blank(origin.plan, execution_id=origin.execution_id, created=created)
    for row in rows:
        facts = codec.facts(row)
        after = graph.fold(record, facts, revision=row.revision)
        yield Moved(record, facts, after), row.at
        record = after


def _print(backend: Backend, key: str) -> None:
    record = backend.load(key)
    revisions = len(str(record.revision))
    names = name_width(record.plan, 28)
    for moved, at in _commits(backend, key):
        shown = f"{at.astimezone():%H:%M:%S}.{at.microsecond // 1000:03}"
        front = f"{moved.after.revision:>{revisions}}  {shown}"
        for line in lines(*moved):
            sign = click.style(glyph(line.status), fg=_COLOURS.get(line.status))
            told_text = harmless(line.text)
            click.echo(
                f"{click.style(front, dim=True)}  {sign} {cut(line.step, names):<{names}}  {told_text}"
            )
            front = " " * len(front)
