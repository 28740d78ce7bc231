"""``runfox show``"""

import click

from runfox.backend import Backend
from runfox.backend.clock import utc_now
from runfox.backend.protocols import Lists, Query, Summary
from runfox.cli import options
from runfox.cli.databases import Place, open_existing
from runfox.cli.identify import execution_key
from runfox.cli.records import whole
from runfox.cli.texts import machine
from runfox.graph import WorkflowRecord


@click.command("show")
@click.argument("id")
@options.db
@click.option("--full", is_flag=True, help="A line for every step, however many there are.")
@options.output
def command(id: str, db: Place, full: bool, output: str) -> None:
    """Show how an execution stands: its steps, why the open ones wait, its state, how it ended.

    ID is an execution's id, the beginning of one, or 'last'.
    """
    backend = open_existing(db)
    record = backend.load(execution_key(backend, id))
    if output == "json":
        click.echo(machine(whole(record, now=backend.store.now())))
    else:
        from runfox.cli.sheet import show

        show(record, now=utc_now(), full=full, children=_children(backend, record))


def _children(backend: Backend, record: WorkflowRecord) -> list[Summary]:
    """The executions that this one called, those first that have not ended."""
    if not isinstance(backend.store, Lists):
        return []
    found = backend.executions(Query(parent=record.execution_id))
    return sorted(found, key=lambda child: child.status.ended)
