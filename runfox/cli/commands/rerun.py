"""``runfox rerun``"""

import click

from runfox.cli import options
from runfox.cli.databases import Place, existing
from runfox.cli.identify import execution_key
from runfox.cli.inputs import read_object
from runfox.cli.verbs import Telling, on_one


@click.command("rerun")
@click.argument("run")
@click.option("--from", "step", metavar="STEP", required=True, help="The step to begin again with.")
@click.option(
    "--input",
    "given",
    metavar="JSON|@FILE.json",
    help="What the step gets this time in place of its own input: an object.",
)
@options.db
@options.output
def command(*, run: str, step: str, given: str | None, db: Place, output: str) -> int:
    """Run a step of an execution, and all behind it, again.

    What those steps did is forgotten, but for what they left in 'state'. An execution that is over is reopened.
    """
    other = None if given is None else read_object(given, "--input")
    place = existing(db)
    backend = place.open()
    key = execution_key(backend, run)
    telling = Telling(f"runs again from {step}", place, output)
    return on_one(backend, key, lambda found: backend.rerun(found, step, input=other), telling)
