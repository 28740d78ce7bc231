"""``runfox run``"""

from datetime import timedelta
from pathlib import Path

import click

from runfox.cli import options
from runfox.cli.databases import Place
from runfox.cli.driving import Work, drive
from runfox.cli.files import load_spec
from runfox.cli.finding import chosen_handlers
from runfox.cli.fns import fns_of
from runfox.cli.inputs import read_inputs
from runfox.cli.labels import label_option
from runfox.cli.refusal import Refused
from runfox.cli.resuming import CONCURRENCY, Setting, resume_command
from runfox.cli.streams import answer_to
from runfox.execution import Mode


@click.command("run")
@click.argument("file")
@options.inputs
@options.executor
@options.run_db
@options.external
@options.concurrency(CONCURRENCY)
@options.mode
@options.new_id
@label_option("Label the execution.")
@options.delay
@options.wait
@options.output
def command(
    *,
    file: str,
    given: tuple[str, ...],
    executor: str | None,
    db: Place,
    external: bool,
    concurrency: int,
    mode: Mode | None,
    own_id: str | None,
    labels: tuple[tuple[str, str], ...],
    delay: timedelta | None,
    wait: float | None,
    output: str,
) -> int:
    """Run the workflow in FILE to its end, and show its steps meanwhile.

    The steps are executed by --executor, else by the functions of a handlers.py beside FILE. The
    outcome goes to stdout, everything else to stderr where stdout is no terminal.

    Ctrl-C stops it; what a --db has kept can be resumed.
    """
    _check_external(external=external, db=db, wait=wait)
    with answer_to(output) as out:
        spec = load_spec(file)
        inputs = read_inputs(given)
        handlers = chosen_handlers(
            executor, external=external, folder=Path(file).parent, fns=fns_of(spec)
        )
        backend = db.open()
        key = backend.create(spec, inputs, execution_id=own_id, labels=dict(labels), delay=delay)
        resume = None
        if db.kept:
            resume = resume_command(key, Setting(db, handlers, concurrency, mode))
        work = Work(handlers, concurrency, mode, output, resume, wait)
        return drive(backend, key, work, out)


def _check_external(*, external: bool, db: Place, wait: float | None) -> None:
    if external and not db.kept:
        raise Refused(
            "--external leaves the steps to workers, which share a database with it: add --db FILE, "
            "and start 'runfox worker --db FILE --executor handlers.py'"
        )
    if wait is not None and not external:
        raise Refused("--wait is about waiting for workers: it goes with --external")
