"""``runfox retry``"""

import click

from runfox.backend import Backend
from runfox.cli import options
from runfox.cli.databases import Place, existing
from runfox.cli.identify import execution_key
from runfox.cli.selecting import Described, chosen, described
from runfox.cli.verbs import Telling, on_all, on_one
from runfox.status import WorkflowStatus

_USUAL = (WorkflowStatus.FAILED,)


@click.command("retry")
@click.argument("run", required=False)
@click.argument("steps", nargs=-1, metavar="[STEP]...")
@described
@options.db
@options.output
def command(
    *,
    run: str | None,
    steps: tuple[str, ...],
    name: str | None,
    labels: tuple[tuple[str, str], ...],
    status: str | None,
    yes: bool,
    db: Place,
    output: str,
) -> int:
    """Try what failed in an execution again, keeping what succeeded: all of it, or the STEPs that are named.

    A failed step is tried again where it failed: of a step with others inside of it those that failed, of a call
    the same execution.
    """
    place = existing(db)
    backend = place.open()
    wanted, telling = Described(name, labels, status, yes), Telling("retried", place, output)
    if run is not None and steps and not wanted.anything:
        return _steps(backend, run, steps, telling)
    runs = () if run is None else (run, *steps)
    keys = chosen(backend, runs, wanted, usual=_USUAL, verb="retry")
    return on_all(backend, keys, backend.retry, telling)


def _steps(backend: Backend, run: str, steps: tuple[str, ...], telling: Telling) -> int:
    return on_one(
        backend, execution_key(backend, run), lambda key: backend.retry(key, *steps), telling
    )
