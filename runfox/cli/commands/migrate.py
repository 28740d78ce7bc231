"""``runfox migrate``"""

import click

from runfox.backend.protocols import Query
from runfox.cli import options
from runfox.cli.codes import COMPLETE, FAILED
from runfox.cli.databases import Place, existing
from runfox.cli.texts import machine
from runfox.connect import SchemaVersion, schema_version


@click.command("migrate")
@options.db
@click.option(
    "--check", is_flag=True, help="Change nothing: exit with 1 if there is something to do."
)
@options.output
def command(*, db: Place, check: bool, output: str) -> int:
    """Bring the tables of a database up to this runfox.

    Every command does so when it opens a database, if it may. This is for an operator whose other processes may
    not, or who wants to say when. An older runfox does not open the database afterwards.
    """
    place = existing(db)
    assert place.url is not None
    version = schema_version(place.url)
    if not check and version.found < version.known:
        backend = place.open()
        backend.executions(Query(limit=1))  # some connect when they are first asked
        version = schema_version(place.url)
    _tell(place, version, output)
    return COMPLETE if version.found == version.known else FAILED


def _tell(place: Place, version: SchemaVersion, output: str) -> None:
    if output == "json":
        click.echo(machine(version._asdict()))
        return
    if version.found == version.known:
        told = "as this runfox makes it"
    elif version.found > version.known:
        told = f"this runfox makes {version.known}: use a newer one"
    else:
        told = f"this runfox makes {version.known}: 'runfox migrate' brings it there"
    click.echo(f"{place}: schema version {version.found}, {told}")
