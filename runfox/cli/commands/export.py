"""``runfox export``"""

import os
import sys
from pathlib import Path

import click

from runfox.cli import options
from runfox.cli.databases import Place, open_existing
from runfox.cli.identify import execution_key
from runfox.cli.leaving import remark
from runfox.cli.refusal import Refused
from runfox.cli.texts import harmless, machine


@click.command("export")
@click.argument("run")
@click.option("-f", "--file", metavar="FILE", help="Write it there, in place of stdout.")
@options.db
def command(*, run: str, file: str | None, db: Place) -> None:
    """Write an execution, with its history and those that it called, as one JSON file for 'runfox import'.

    Inputs and outputs are in it, in clear. The execution stays where it is. One that is open goes on there,
    too, and is executed twice: pause it before, and cancel or leave it afterwards.
    """
    backend = open_existing(db)
    key = execution_key(backend, run)
    text = machine(backend.export(key))
    if file is None:
        click.echo(text)
    else:
        _write(Path(file), f"{text}\n")
    record = backend.load(key)
    if not record.status.ended:
        own = record.execution_id
        if record.status.value != "paused":
            remark(f"{own} is open, and goes on here: 'runfox pause {own}', and export it again")
        else:
            remark(
                f"{own} is paused here: leave it so, or cancel it, once it is imported elsewhere"
            )


def _write(path: Path, text: str) -> None:
    try:
        # As the database: nobody else on the machine has to read it. Nothing is overwritten.
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        raise Refused(f"cannot write {path}: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(text)
    print(harmless(str(path)), file=sys.stderr)
