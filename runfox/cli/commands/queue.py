"""``runfox queue``"""

from datetime import datetime

import click

from runfox.backend.protocols import Depth, JobRow
from runfox.cli import options
from runfox.cli.databases import Place, open_existing
from runfox.cli.drawing.labels import one_line
from runfox.cli.records import moment
from runfox.cli.texts import machine, since
from runfox.values import Json


@click.command("queue")
@options.db
@click.option(
    "--oldest",
    type=click.IntRange(0),
    default=5,
    show_default=True,
    metavar="N",
    help="The steps that are there longest, so many of them.",
)
@options.output
def command(*, db: Place, oldest: int, output: str) -> None:
    """Show how many steps wait in each queue, or are with workers, and which are there longest."""
    backend = open_existing(db)
    depths, now = backend.depths(), backend.store.now()
    jobs = backend.oldest(oldest) if oldest else []
    if output == "json":
        click.echo(
            machine(
                {"depths": [_depth(row) for row in depths], "oldest": [_job(job) for job in jobs]}
            )
        )
    elif depths:
        _tables(depths, jobs, now)
    else:
        click.echo("nothing is queued, and nothing is at work", err=True)


def _depth(row: Depth) -> dict[str, Json]:
    return {**row._asdict(), "since": moment(row.since)}


def _job(row: JobRow) -> dict[str, Json]:
    return {**row._asdict(), "queued_at": moment(row.queued_at), "until": moment(row.until)}


def _tables(depths: list[Depth], jobs: list[JobRow], now: datetime) -> None:
    from rich.text import Text

    from runfox.cli.paper import clipped, grid, put

    table = grid("queue", "status", "steps", "oldest")
    for row in depths:
        table.add_row(
            Text(one_line(row.queue) or "(none)"),
            Text(row.status),
            Text(f"{row.jobs:,}", justify="right"),
            clipped(since(row.since, now)),
        )
    put(table)
    if not jobs:
        return
    click.echo()
    table = grid("for", "queue", "worker", "step", "execution")
    for job in jobs:
        table.add_row(
            Text(since(job.queued_at, now), justify="right"),
            Text(one_line(job.queue) or "(none)"),
            Text(job.worker or "", style="" if job.alive else "red"),
            Text(job.step),
            clipped(job.workflow_execution_id.rpartition("#")[2]),
        )
    put(table)
