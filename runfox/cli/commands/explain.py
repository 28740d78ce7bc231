"""``runfox explain``"""

from itertools import islice

import click

from runfox.cli import options
from runfox.cli.databases import Place, open_existing
from runfox.cli.explaining import Explanation, explanation
from runfox.cli.identify import execution_key
from runfox.cli.texts import harmless, machine

MOST = 40
"""How many steps have a line."""


@click.command("explain")
@click.argument("run")
@options.db
@options.output
def command(run: str, db: Place, output: str) -> None:
    """Say why an execution is not moving: what holds it as a whole, and why each step that has not ended waits.

    Also when it moved last, whether workers have its jobs, and who has the places in limits that it waits for.
    """
    backend = open_existing(db)
    found = explanation(backend, execution_key(backend, run))
    if output == "json":
        click.echo(machine(found.as_json()))
    else:
        _print(found)


def _print(found: Explanation) -> None:
    name = found.id.rpartition("#")[2]
    click.echo(f"{name}: {found.status}, {found.moved}")
    for line in found.whole:
        click.echo(harmless(f"  {line}"))
    wide = min(28, max(map(len, found.steps), default=0))
    for step, why in islice(found.steps.items(), MOST):
        click.echo(harmless(f"  {step:<{wide}}  {why}"))
    if len(found.steps) > MOST:
        click.echo(f"  and {len(found.steps) - MOST:,} steps more; -o json has all")
