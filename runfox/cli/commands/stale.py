"""``runfox stale``"""

from datetime import datetime, timedelta

import click

from runfox.backend.stalling import Stalled
from runfox.cli import options
from runfox.cli.databases import Place, open_existing
from runfox.cli.records import moment
from runfox.cli.texts import harmless, machine, since


@click.command("stale")
@options.db
@options.than
@options.output
def command(*, db: Place, than: timedelta, output: str) -> None:
    """List what does not move and should, oldest first, each with the way out.

    Steps of workers that are gone, steps that wait for a worker too long, executions that something is due for and
    that nobody moves on, and those of which nothing has happened for so long and nothing is at work. Paused ones
    are left out.
    """
    backend = open_existing(db)
    found, now = backend.stalled(than), backend.store.now()
    if output == "json":
        click.echo(machine([{**one._asdict(), "since": moment(one.since)} for one in found]))
    elif not found:
        click.echo("everything moves", err=True)
    for one in found if output == "text" else ():
        _print(one, now)


def _print(one: Stalled, now: datetime) -> None:
    where = f"{one.id.rpartition('#')[2]} {one.step}".strip()
    click.echo(harmless(f"{where}: {one.why}, for {since(one.since, now)}"))
    click.echo(harmless(f"  {one.way_out}"))
