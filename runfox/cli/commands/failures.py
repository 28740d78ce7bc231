"""``runfox failures``"""

from datetime import timedelta

import click

from runfox.backend.failing import DEAD, FailedStep, Failures, Wanted, tallied
from runfox.backend.protocols import Query
from runfox.cli import options
from runfox.cli.databases import Place, open_existing
from runfox.cli.drawing.labels import one_line
from runfox.cli.labels import label_option
from runfox.cli.records import moment
from runfox.cli.selecting import MOST
from runfox.cli.texts import machine
from runfox.status import WorkflowStatus
from runfox.values import Json


@click.command("failures")
@options.db
@options.failed_step
@options.error_type
@options.since
@click.option("--dead", is_flag=True, help=f"Only dead letters: the same as --type {DEAD}.")
@click.option("--name", metavar="NAME", help="Only executions of the workflow of this name.")
@label_option("Only executions with this label.")
@click.option(
    "--status",
    type=click.Choice([status.value for status in WorkflowStatus]),
    default=WorkflowStatus.FAILED.value,
    show_default=True,
    help="Only executions of this status.",
)
@click.option("--each", is_flag=True, help="A line for each failed step.")
@options.output
def command(
    *,
    db: Place,
    step: str | None,
    type: str | None,
    since: timedelta | None,
    dead: bool,
    name: str | None,
    labels: tuple[tuple[str, str], ...],
    status: str,
    each: bool,
    output: str,
) -> None:
    """Tell which steps have failed, over all executions that failed: of what, how often, and when last.

    A dead letter is a step that cost too many workers their lease, or their life. 'runfox retry' takes the same
    options, and tries the steps again.
    """
    backend = open_existing(db)
    after = None if since is None else backend.store.now() - since
    wanted = Wanted(step, DEAD if dead else type, None, after)
    query = Query(status=WorkflowStatus(status), name=name, labels=dict(labels), limit=MOST)
    found = backend.failures(query, wanted)
    alike = tallied(found)
    if output == "json":
        told = [_step(one) for one in found] if each else [_alike(row) for row in alike]
        click.echo(machine(told))
    elif not found:
        click.echo("no such step has failed", err=True)
    elif each:
        _table_of_each(found)
    else:
        _table(alike)


def _step(failed: FailedStep) -> dict[str, Json]:
    return {**failed._asdict(), "at": moment(failed.at)}


def _alike(row: Failures) -> dict[str, Json]:
    return {**row._asdict(), "newest": _step(row.newest)}


def _table(alike: list[Failures]) -> None:
    from rich.text import Text

    from runfox.cli.paper import clipped, grid, put

    table = grid("times", "last", "workflow", "step", "error")
    for row in alike:
        newest = row.newest
        table.add_row(
            Text(f"{row.times:,}", justify="right"),
            Text(_when(newest), style="dim"),
            Text(one_line(row.name)),
            Text(one_line(row.step)),
            clipped(one_line(f"{row.type}: {newest.message}"), "red"),
        )
    put(table)


def _table_of_each(found: list[FailedStep]) -> None:
    from rich.text import Text

    from runfox.cli.paper import clipped, grid, put

    table = grid("execution", "at", "tries", "step", "error")
    for one in found:
        table.add_row(
            Text(one.id.rpartition("#")[2]),
            Text(_when(one), style="dim"),
            Text(f"{one.tries:,}", justify="right"),
            Text(one_line(one.step)),
            clipped(one_line(f"{one.type}: {one.message}"), "red"),
        )
    put(table)


def _when(failed: FailedStep) -> str:
    return "" if failed.at is None else f"{failed.at.astimezone():%Y-%m-%d %H:%M:%S}"
