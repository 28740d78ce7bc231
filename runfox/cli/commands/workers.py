"""``runfox workers``"""

from datetime import datetime

import click

from runfox.backend.protocols import WorkerRow
from runfox.cli import options
from runfox.cli.databases import Place, open_existing
from runfox.cli.records import moment
from runfox.cli.texts import machine, since


@click.command("workers")
@options.db
@options.output
def command(*, db: Place, output: str) -> None:
    """List the workers and drivers of a database: where they are, until when they hold their steps, how many.

    One that does not renew its lease is struck off when others look: then its steps are theirs.
    """
    backend = open_existing(db)
    found, now = backend.workers(), backend.store.now()
    if output == "json":
        click.echo(machine([{**row._asdict(), "until": moment(row.until)} for row in found]))
    elif found:
        _table(found, now)
    else:
        click.echo("no workers", err=True)


def _table(found: list[WorkerRow], now: datetime) -> None:
    from rich.text import Text

    from runfox.cli.paper import clipped, grid, put

    table = grid("worker", "role", "steps", "process", "lease")
    for row in found:
        where = "here" if row.host is None else f"{row.host} {row.pid}"
        table.add_row(
            Text(row.worker),
            Text(row.role),
            Text(f"{row.jobs:,}", justify="right"),
            Text(where),
            clipped(_lease(row, now), "" if _holds(row, now) else "red"),
        )
    put(table)


def _holds(row: WorkerRow, now: datetime) -> bool:
    return row.alive and (row.until is None or row.until > now)


def _lease(row: WorkerRow, now: datetime) -> str:
    if not row.alive:
        return "dead: the next that looks takes its steps"
    if row.until is None:
        return "for as long as it lives"
    if row.until <= now:
        return f"ran out {since(row.until, now)} ago: the next that looks takes its steps"
    return f"for another {since(now, row.until)}"
