"""``runfox doctor``"""

from datetime import timedelta

import click

from runfox.backend.protocols import Finding
from runfox.cli import options
from runfox.cli.codes import COMPLETE, FAILED
from runfox.cli.databases import Place, open_existing
from runfox.cli.texts import harmless, machine

_SIGNS = {"ok": "✓", "warning": "!", "problem": "✗"}
_COLOURS = {"ok": "green", "warning": "yellow", "problem": "red"}


@click.command("doctor")
@options.db
@options.than
@click.option("--deep", is_flag=True, help="Read all that is kept, to see whether it is whole.")
@options.output
def command(*, db: Place, than: timedelta, deep: bool, output: str) -> int:
    """Say how a database is, and whether anybody looks after it, with what to do about it.

    Release and settings of the database, its size and whose it is, clocks, workers and drivers, what stands still.
    Exit code 1 if there is a problem; warnings alone are 0.
    """
    found = open_existing(db).health(than=than, deep=deep)
    if output == "json":
        click.echo(machine([finding._asdict() for finding in found]))
    else:
        _print(found)
    return FAILED if any(finding.level == "problem" for finding in found) else COMPLETE


def _print(found: list[Finding]) -> None:
    wide = max(len(finding.check) for finding in found)
    for finding in found:
        sign = click.style(_SIGNS[finding.level], fg=_COLOURS[finding.level])
        click.echo(f"{sign} {finding.check:<{wide}}  {harmless(finding.what)}")
        if finding.way_out:
            click.echo(f"  {'':<{wide}}  -> {harmless(finding.way_out)}")
