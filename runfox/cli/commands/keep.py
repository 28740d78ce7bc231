"""``runfox keep``"""

import click

from runfox.cli import options
from runfox.cli.databases import Place, made
from runfox.cli.files import load_spec
from runfox.cli.leaving import remark
from runfox.cli.texts import count, machine


@click.command("keep")
@click.argument("file")
@click.option("--no-activate", is_flag=True, help="Leave its name to the version that has it now.")
@options.db
@options.output
def command(*, file: str, no_activate: bool, db: Place, output: str) -> None:
    """Keep the workflow in FILE in a database, as the active one of its name.

    Then 'runfox start NAME' and the calls of other workflows find it, and its schedule counts. A database that
    is not there yet is made if it is named.
    """
    spec = load_spec(file)
    backend = made(db).open()
    workflow_id = backend.keep(spec, active=not no_activate)
    named = spec.name if spec.version is None else f"{spec.name}@{spec.version}"
    if output == "json":
        told = {"workflow_id": workflow_id, "name": spec.name, "version": spec.version}
        click.echo(machine({**told, "active": not no_activate}))
        return
    click.echo(f"{named}: {'kept' if no_activate else 'kept, and active'} ({workflow_id})")
    if spec.schedules and not no_activate:
        schedules = count(len(spec.schedules), "schedule")
        remark(f"It has {schedules}: 'runfox schedule' starts its runs.")
