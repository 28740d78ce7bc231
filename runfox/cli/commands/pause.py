"""``runfox pause``"""

import click

from runfox.cli import options
from runfox.cli.databases import Place, existing
from runfox.cli.selecting import Described, chosen, described
from runfox.cli.verbs import Telling, on_all
from runfox.status import WorkflowStatus


@click.command("pause")
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
    """Dispatch nothing more of executions until they are resumed.

    What is at work goes on, and its results are kept; signals too. 'runfox resume' lets them go on.
    """
    place = existing(db)
    backend = place.open()
    keys = chosen(
        backend,
        runs,
        wanted,
        usual=(WorkflowStatus.PENDING, WorkflowStatus.IN_PROGRESS),
        verb="pause",
    )
    return on_all(backend, keys, backend.pause, Telling("paused", place, output))
