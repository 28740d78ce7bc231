"""``runfox workflows``"""

import click

from runfox.backend.protocols import DefinitionRow
from runfox.cli import options
from runfox.cli.databases import Place, open_existing
from runfox.cli.drawing.labels import one_line
from runfox.cli.records import moment
from runfox.cli.texts import machine


@click.command("workflows")
@click.argument("name", required=False)
@options.db
@click.option(
    "-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True
)
def command(name: str | None, db: Place, output: str) -> None:
    """List the workflows that a database keeps, newest first: all, or the versions of one NAME.

    The active one of each name has a star. Those that executions were created with are kept too.
    """
    found = open_existing(db).definitions(name)
    if output == "json":
        click.echo(machine([_told(row) for row in found]))
    elif found:
        _table(found)
    else:
        click.echo("no workflows" if name is None else f"no workflow {name!r}", err=True)


def _told(row: DefinitionRow) -> dict[str, str | bool | None]:
    return {
        "workflow_id": row.definition.workflow_id,
        "name": row.definition.name,
        "version": row.definition.version,
        "active": row.active,
        "kept_at": moment(row.created_at),
    }


def _table(found: list[DefinitionRow]) -> None:
    from rich.text import Text

    from runfox.cli.paper import clipped, grid, put

    table = grid("", "version", "kept", "id", "workflow")
    for row in found:
        table.add_row(
            Text("*" if row.active else " ", style="green"),
            Text(one_line(row.definition.version or "")),
            Text(f"{row.created_at.astimezone():%Y-%m-%d %H:%M:%S}", style="dim"),
            Text(row.definition.workflow_id[:12]),
            clipped(one_line(row.definition.name)),
        )
    put(table)
