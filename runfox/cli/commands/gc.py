"""``runfox gc``"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import click

from runfox.backend import Backend
from runfox.backend.outliving import Over, over
from runfox.backend.protocols import Compacts, Prunes, Query
from runfox.cli import options
from runfox.cli.databases import Place, open_existing
from runfox.cli.leaving import remark
from runfox.cli.records import moment
from runfox.cli.refusal import Refused
from runfox.cli.selecting import MOST
from runfox.cli.texts import count, machine

PIECE = 100
"""How many families go between two looks at the limit."""


@click.command("gc")
@options.older_than
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(1),
    help="At most so many; executions that called each other count as one.",
)
@click.option(
    "--vacuum",
    is_flag=True,
    help="Give the space back to the disk. Needs as much again meanwhile, and keeps writers out.",
)
@options.db
@options.output
def command(
    *,
    older_than: timedelta,
    dry_run: bool,
    limit: int | None,
    vacuum: bool,
    db: Place,
    output: str,
) -> None:
    """Delete executions that ended long ago, with their histories. Workflows stay.

    Executions that called each other go together, when all of them have ended. It can be stopped at any time, and
    goes on when it is called again. The file of a SQLite database keeps its size: the space is used for what
    comes, and --vacuum gives it back.
    """
    backend = open_existing(db)
    before = backend.store.now() - older_than
    if dry_run:
        found = over(backend.executions(Query(limit=MOST)), before)[:limit]
        _tell_what_would(found, output)
        return
    gone = [execution_id for some in _pruned(backend, before, limit) for execution_id in some]
    if vacuum:
        _compact(backend)
    if output == "json":
        click.echo(machine({"before": moment(before), "deleted": gone}))
    else:
        click.echo(f"{count(len(gone), 'execution')} deleted that ended before {moment(before)}")


def _pruned(backend: Backend, before: datetime, limit: int | None) -> Iterator[list[str]]:
    """Delete piece by piece, and yield the ids of each."""
    store = backend.store
    if not isinstance(store, Prunes):
        raise Refused(f"{type(store).__name__} forgets nothing")
    left = limit
    while left is None or left > 0:
        piece = PIECE if left is None else min(PIECE, left)
        gone = store.prune(before, piece)
        if not gone:
            return
        yield gone
        left = None if left is None else left - piece


def _compact(backend: Backend) -> None:
    if isinstance(backend.store, Compacts):
        backend.store.compact()
    else:
        remark(f"{type(backend.store).__name__} gives space back by itself: --vacuum did nothing")


def _tell_what_would(found: list[Over], output: str) -> None:
    if output == "json":
        told = [{**one._asdict(), "ended_at": moment(one.ended_at)} for one in found]
        click.echo(machine(told))
        return
    for one in found:
        called = f" and {one.members - 1} that it called" if one.members > 1 else ""
        click.echo(f"{one.root}  {one.name}  ended {moment(one.ended_at)}{called}")
    remark(f"{count(sum(one.members for one in found), 'execution')} would be deleted")
