"""``runfox fork``"""

import click

from runfox.cli import options
from runfox.cli.databases import Place, existing
from runfox.cli.files import load_spec
from runfox.cli.identify import execution_key
from runfox.cli.leaving import remark
from runfox.cli.resuming import going_on
from runfox.cli.texts import machine
from runfox.cli.verbs import settle


@click.command("fork")
@click.argument("run")
@click.option(
    "--at",
    type=click.IntRange(1),
    metavar="REVISION",
    required=True,
    help="Where the new one begins: a number that 'runfox history' shows.",
)
@click.option(
    "--spec", "file", metavar="FILE", help="A workflow to go on by, in place of the same one."
)
@options.new_id
@options.db
@options.output
def command(
    *, run: str, at: int, file: str | None, own_id: str | None, db: Place, output: str
) -> None:
    """Create an execution that begins where another one stood, and print its id.

    What had ended keeps its outputs. What was at work then is executed anew. The other one stays as it is.
    """
    spec = None if file is None else load_spec(file)
    place = existing(db)
    backend = place.open()
    key = backend.fork(execution_key(backend, run), at, spec=spec, execution_id=own_id)
    status = settle(backend, key).status
    if output == "json":
        click.echo(machine({"id": key, "status": status.value}))
        return
    click.echo(key)
    if not status.ended:
        remark(f"Workers go on with it, or: {going_on(key, place)}")
