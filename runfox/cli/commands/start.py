"""``runfox start``"""

from datetime import timedelta

import click

from runfox.cli import options
from runfox.cli.databases import Place, existing
from runfox.cli.inputs import read_inputs
from runfox.cli.labels import label_option
from runfox.cli.leaving import remark
from runfox.cli.resuming import going_on
from runfox.cli.texts import machine
from runfox.cli.verbs import settle


@click.command("start")
@click.argument("name", metavar="NAME[@VERSION]")
@options.inputs
@options.new_id
@label_option("Label the execution.")
@options.delay
@options.db
@options.output
def command(
    *,
    name: str,
    given: tuple[str, ...],
    own_id: str | None,
    labels: tuple[tuple[str, str], ...],
    delay: timedelta | None,
    db: Place,
    output: str,
) -> None:
    """Start an execution of a workflow that the database keeps, for workers, and print its id.

    NAME alone means the active version.
    """
    place = existing(db)
    backend = place.open()
    spec, inputs = backend.find(name), read_inputs(given)
    key = backend.create(spec, inputs, execution_id=own_id, labels=dict(labels), delay=delay)
    status = settle(backend, key).status
    if output == "json":
        click.echo(machine({"id": key, "status": status.value}))
        return
    click.echo(key)
    if not status.ended:
        remark(f"Workers go on with it, or: {going_on(key, place)}")
