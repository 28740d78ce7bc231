"""``runfox list``"""

from itertools import takewhile

import click

from runfox.backend import codec
from runfox.backend.clock import utc_now
from runfox.backend.ids import execution_id as id_of
from runfox.backend.protocols import Query, Summary
from runfox.cli import options
from runfox.cli.databases import Place, open_existing
from runfox.cli.drawing.labels import one_line
from runfox.cli.identify import execution_key
from runfox.cli.labels import label_option
from runfox.cli.records import listed
from runfox.cli.texts import machine, since
from runfox.status import WorkflowStatus

SHORTEST = 20
"""Characters of an id in the table: the moment of its creation, and a few to tell it from others."""


@click.command("list")
@options.db
@click.option(
    "--status", type=click.Choice([status.value for status in WorkflowStatus]), help="Only these."
)
@click.option("--name", metavar="NAME", help="Only executions of the workflow of this name.")
@label_option("Only executions with this label.")
@click.option("--parent", metavar="ID", help="Only executions that this one called.")
@click.option("--roots", is_flag=True, help="Only executions that no other called.")
@click.option(
    "--limit", type=click.IntRange(1), default=100, show_default=True, help="At most so many."
)
@click.option(
    "-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True
)
def command(
    *,
    db: Place,
    status: str | None,
    name: str | None,
    labels: tuple[tuple[str, str], ...],
    parent: str | None,
    roots: bool,
    limit: int,
    output: str,
) -> None:
    """List executions, newest first.

    The ids of the table are shortened; what is left is enough for other commands.
    """
    wanted = WorkflowStatus(status) if status is not None else None
    backend = open_existing(db)
    found = backend.executions(
        Query(
            status=wanted,
            name=name,
            labels=dict(labels),
            parent=None if parent is None else id_of(execution_key(backend, parent)),
            roots=roots,
            limit=limit,
        )
    )
    if output == "json":
        click.echo(machine([listed(summary) for summary in found]))
    elif found:
        _table(found)
    else:
        click.echo(
            "no such executions" if wanted or name or labels or parent else "no executions",
            err=True,
        )


def _table(found: list[Summary]) -> None:
    from rich.text import Text

    from runfox.cli.paper import clipped, grid, put, status_text

    table = grid("id", "status", "created", "took", "workflow")
    short = _short_ids([summary.execution_id for summary in found])
    for summary, shown in zip(found, short, strict=True):
        what = clipped(one_line(summary.name))
        if summary.error_type is not None:
            what.append(f"  {one_line(summary.error_type)}", style="red")
        if summary.min_engine > codec.FORMAT:
            what.append("  a newer runfox is at it: this one leaves it alone", style="yellow")
        table.add_row(
            Text(shown),
            status_text(summary.status.value),
            Text(f"{summary.created_at.astimezone():%Y-%m-%d %H:%M:%S}", style="dim"),
            Text(
                since(summary.created_at, summary.ended_at or utc_now()),
                style="dim",
                justify="right",
            ),
            what,
        )
    put(table)


def _short_ids(ids: list[str]) -> list[str]:
    """Return the shortest beginnings, of 20 characters or more, that tell the ids from each other."""
    order = sorted(ids)
    needed = {}
    for number, own in enumerate(order):
        beside = order[max(0, number - 1) : number] + order[number + 1 : number + 2]
        shared = max((_shared(own, other) for other in beside), default=0)
        needed[own] = own[: max(SHORTEST, shared + 1)]
    return [needed[own] for own in ids]


def _shared(one: str, other: str) -> int:
    """How many characters two ids begin with alike."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
