"""``runfox resume``"""

from pathlib import Path

import click

from runfox.cli import options
from runfox.cli.databases import existing
from runfox.cli.driving import Work, drive
from runfox.cli.finding import chosen_handlers
from runfox.cli.identify import execution_key
from runfox.cli.refusal import Refused
from runfox.cli.resuming import CONCURRENCY, Setting, resume_command
from runfox.cli.streams import answer_to
from runfox.connect import connect
from runfox.execution import Mode


@click.command("resume")
@click.argument("id")
@options.executor
@options.db
@options.external
@options.concurrency(CONCURRENCY)
@options.mode
@options.wait
@options.output
def command(
    *,
    id: str,
    executor: str | None,
    db: str | None,
    external: bool,
    concurrency: int,
    mode: Mode | None,
    wait: float | None,
    output: str,
) -> int:
    """Go on with an execution until its end.

    ID is an execution's id, the beginning of one, or 'last'. Steps that were at work when it stopped
    are executed again, all others are not. Without --executor the handlers.py of this folder is used.
    Of an execution that is over it shows how it ended.
    """
    if wait is not None and not external:
        raise Refused("--wait is about waiting for workers: it goes with --external")
    with answer_to(output) as out:
        place = existing(db)
        backend = connect(place)
        key = execution_key(backend, id)
        record = backend.load(key)
        handlers = None
        if not record.status.ended:
            fns = tuple(dict.fromkeys(step.fn for step in record.plan.steps))
            handlers = chosen_handlers(executor, external=external, folder=Path(), fns=fns)
        setting = Setting(place, handlers, concurrency, mode)
        work = Work(handlers, concurrency, mode, output, resume_command(key, setting), wait)
        return drive(backend, key, work, out)
