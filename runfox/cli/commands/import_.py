"""``runfox import``"""

import sys
from pathlib import Path

import click

from runfox.cli import options
from runfox.cli.databases import Place, made
from runfox.cli.leaving import remark
from runfox.cli.refusal import Refused
from runfox.cli.resuming import going_on
from runfox.cli.texts import machine
from runfox.values import Json, parse


@click.command("import")
@click.argument("file")
@options.db
@options.output
def command(*, file: str, db: Place, output: str) -> None:
    """Take in an execution that 'runfox export' wrote to FILE; - is stdin. Again, it changes nothing.

    It keeps its ids, revisions and times. An open one goes on here: what was at work there is queued anew.
    Export it paused, and leave it so there, or it is executed in both places.
    """
    place = made(db)
    backend = place.open()
    key = backend.import_run(_read(file))
    record = backend.load(key)
    if output == "json":
        click.echo(machine({"id": key, "status": record.status.value, "revision": record.revision}))
        return
    click.echo(f"{record.execution_id}: {record.status.value}, revision {record.revision}")
    if not record.status.ended:
        remark(f"Go on with it: {going_on(key, place)}")


def _read(file: str) -> Json:
    try:
        source = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        return parse(source)
    except OSError as error:
        raise Refused(f"cannot read {file}: {error.strerror}") from error
    except ValueError as error:
        raise Refused(f"{file} is no JSON: {error}") from error
