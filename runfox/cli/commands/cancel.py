"""``runfox cancel``"""

import click

from runfox.cli import options
from runfox.cli.databases import Place, existing
from runfox.cli.selecting import OPEN, Described, chosen, described
from runfox.cli.verbs import Telling, on_all


@click.command("cancel")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@described
@options.db
@options.output
def command(
    *,
    runs: tuple[str, ...],
    wanted: Described,
    db: Place,
    output: str,
) -> int:
    """End executions as cancelled.

    What is at work is withdrawn, then the steps of 'finally' run. Cancelled once more, an execution ends without
    the rest of those. 'runfox retry' lets a cancelled one go on.
    """
    place = existing(db)
    backend = place.open()
    keys = chosen(backend, runs, wanted, usual=OPEN, verb="cancel")
    return on_all(backend, keys, backend.cancel, Telling("cancelled", place, output))
