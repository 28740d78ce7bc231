"""``runfox retry``"""

from collections import defaultdict
from datetime import timedelta

import click

from runfox.backend import Backend
from runfox.backend.failing import ANY_FAILED, Wanted
from runfox.backend.protocols import Query
from runfox.cli import options
from runfox.cli.databases import Place, existing
from runfox.cli.identify import execution_key
from runfox.cli.selecting import MOST, Described, chosen, described
from runfox.cli.verbs import Telling, on_all, on_one
from runfox.status import WorkflowStatus

_USUAL = (WorkflowStatus.FAILED,)


@click.command("retry")
@click.argument("run", required=False)
@click.argument("steps", nargs=-1, metavar="[STEP]...")
@options.failed_step
@options.error_type
@click.option(
    "--attempts",
    metavar="N",
    type=click.IntRange(1),
    help="Only steps that were tried N times at most: what fails again and again is left.",
)
@options.since
@described
@options.db
@options.output
def command(
    *,
    run: str | None,
    steps: tuple[str, ...],
    step: str | None,
    type: str | None,
    attempts: int | None,
    since: timedelta | None,
    wanted: Described,
    db: Place,
    output: str,
) -> int:
    """Try what failed in an execution again, keeping what succeeded: all of it, or the STEPs that are named.

    A failed step is tried again where it failed: of a step with others inside of it those that failed, of a call
    the same execution.

    With --step, --type, --attempts and --since these steps are tried again, of all executions that failed, or of
    those that are described: --type LeaseLost, say, those that cost too many workers their life.
    """
    place = existing(db)
    backend = place.open()
    telling = Telling("retried", place, output)
    after = None if since is None else backend.store.now() - since
    failed = Wanted(step, type, attempts, after)
    if failed != ANY_FAILED:
        return _fitting(backend, () if run is None else (run, *steps), failed, wanted, telling)
    if run is not None and steps and not wanted.anything:
        return _steps(backend, run, steps, telling)
    runs = () if run is None else (run, *steps)
    keys = chosen(backend, runs, wanted, usual=_USUAL, verb="retry")
    return on_all(backend, keys, backend.retry, telling)


def _steps(backend: Backend, run: str, steps: tuple[str, ...], telling: Telling) -> int:
    return on_one(
        backend, execution_key(backend, run), lambda key: backend.retry(key, *steps), telling
    )


def _fitting(
    backend: Backend, runs: tuple[str, ...], failed: Wanted, wanted: Described, telling: Telling
) -> int:
    """Retry the failed steps that fit. Those of what an execution called are tried again by way of it."""
    found: dict[str, list[str]] = defaultdict(list)
    wholly: set[str] = set()
    for one in backend.failures(Query(status=WorkflowStatus.FAILED, limit=MOST), failed):
        found[one.root].append(one.step)
        if one.id.rpartition("#")[2] != one.root:
            wholly.add(one.root)

    def retry(key: str) -> None:
        root = key.rpartition("#")[2]
        backend.retry(key, *(() if root in wholly else found[root]))

    keys = chosen(backend, runs, wanted, usual=_USUAL, verb="retry", only=found)
    return on_all(backend, keys, retry, telling)
