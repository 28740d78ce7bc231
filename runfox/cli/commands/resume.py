"""``runfox resume``"""

from pathlib import Path
from typing import NamedTuple

import click

from runfox.backend import Backend
from runfox.cli import options
from runfox.cli.databases import Place, existing
from runfox.cli.driving import Work, drive
from runfox.cli.finding import chosen_handlers
from runfox.cli.fns import fns_of
from runfox.cli.refusal import Refused
from runfox.cli.resuming import CONCURRENCY, Setting, resume_command
from runfox.cli.selecting import Described, chosen, described
from runfox.cli.streams import answer_to
from runfox.cli.verbs import Telling, on_all
from runfox.execution import Mode
from runfox.status import WorkflowStatus


class _Asked(NamedTuple):
    """How the steps are to be executed, as it was said."""

    place: Place
    executor: str | None
    external: bool
    concurrency: int
    mode: Mode | None
    wait: float | None
    output: str


@click.command("resume")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@click.option(
    "--no-drive", is_flag=True, help="Only let a paused execution go on, for workers, and end."
)
@described
@options.executor
@options.db
@options.external
@options.concurrency(CONCURRENCY)
@options.mode
@options.wait
@options.output
def command(
    *,
    runs: tuple[str, ...],
    no_drive: bool,
    wanted: Described,
    executor: str | None,
    db: Place,
    external: bool,
    concurrency: int,
    mode: Mode | None,
    wait: float | None,
    output: str,
) -> int:
    """Go on with an execution until its end.

    RUN is an execution's id, the beginning of one, or 'last'. Steps that were at work when it stopped
    are executed again, all others are not. A paused one is paused no longer. Without --executor the handlers.py
    of this folder is used. Of an execution that is over it shows how it ended.

    Several executions, or those that are described, are only let go on: workers bring them to their end.
    """
    if wait is not None and not external:
        raise Refused("--wait is about waiting for workers: it goes with --external")
    place = existing(db)
    backend = place.open()
    keys = chosen(backend, runs, wanted, usual=(WorkflowStatus.PAUSED,), verb="resume")
    if no_drive or wanted.anything or len(keys) > 1:
        return on_all(backend, keys, backend.resume, Telling("resumed", place, output))
    asked = _Asked(place, executor, external, concurrency, mode, wait, output)
    with answer_to(output) as out:
        return drive(backend, keys[0], _work(backend, keys[0], asked), out)


def _work(backend: Backend, key: str, asked: _Asked) -> Work:
    """Return how an execution is to be driven, once it is paused no longer."""
    record = backend.load(key)
    handlers = None
    if not record.status.ended:
        handlers = chosen_handlers(
            asked.executor, external=asked.external, folder=Path(), fns=fns_of(record.plan.spec)
        )
    if record.status is WorkflowStatus.PAUSED:
        backend.resume(key)
    setting = Setting(asked.place, handlers, asked.concurrency, asked.mode)
    command = resume_command(key, setting)
    return Work(handlers, asked.concurrency, asked.mode, asked.output, command, asked.wait)
