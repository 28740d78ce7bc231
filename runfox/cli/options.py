"""Options that several commands share, so that they mean the same everywhere."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import click

from runfox.backend.ids import execution_id as checked_id
from runfox.backend.protocols import MAX_DELIVERIES
from runfox.cli.databases import Place
from runfox.cli.identify import LAST
from runfox.spec import durations

FC = TypeVar("FC", bound=Callable[..., Any] | click.Command)

_QUEUE = "runfox.queue"
"""Where the context of a command keeps the queue that was named until the place is."""


def _queue(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    ctx.meta[_QUEUE] = value


def _place(ctx: click.Context, _param: click.Parameter, value: str | None) -> Place:
    return Place(value, ctx.meta.get(_QUEUE))


def _database(help: str) -> Callable[[FC], FC]:
    def add(command: FC) -> FC:
        queue = click.option(
            "--queue-backend",
            metavar="URL",
            envvar="RUNFOX_QUEUE_BACKEND",
            callback=_queue,
            is_eager=True,
            expose_value=False,
            help="Where workers hear of jobs, if that is not the database itself.",
        )
        place = click.option(
            "--db",
            "--backend",
            "db",
            metavar="PATH|URL",
            envvar=["RUNFOX_BACKEND", "RUNFOX_DB"],
            callback=_place,
            help=help,
        )
        return place(queue(command))

    return add


db = _database(
    "Where the executions are: the path of a SQLite file, or a URL, postgresql://USER@HOST/DATABASE say. "
    "Default: RUNFOX_BACKEND or RUNFOX_DB, else runfox.db in this folder."
)
run_db = _database(
    "Keep the execution there, so that it can be resumed: the path of a SQLite file, or a URL. Default: "
    "RUNFOX_BACKEND or RUNFOX_DB, else it is kept in memory alone."
)
executor = click.option(
    "--executor",
    metavar="FILE.py|MODULE[:NAME]",
    help="What executes the steps: the functions of a file or module by their names, or a function "
    "NAME(fn, inputs).",
)
external = click.option(
    "--external", is_flag=True, help="Execute nothing here: leave the steps to 'runfox worker'."
)
mode = click.option(
    "--mode",
    type=click.Choice(["thread", "process", "async"]),
    help="Where steps are executed. Default: thread.",
)
output = click.option(
    "-o",
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json: a single JSON object on stdout, and nothing else.",
)


def concurrency(default: int) -> Callable[[FC], FC]:
    """Return the option for how many steps are executed at a time."""
    return click.option(
        "--concurrency",
        metavar="N",
        type=click.IntRange(1, 10_000),
        default=default,
        show_default=True,
        help="How many steps are executed at a time.",
    )


def new_id(command: FC) -> FC:
    """Add the option for an id that the caller chose."""
    return click.option(
        "--id",
        "own_id",
        metavar="ID",
        callback=own_id,
        help="The id of the execution. The same one again goes on with that execution.",
    )(command)


def _duration(_ctx: click.Context, _param: click.Parameter, value: str | None) -> timedelta | None:
    if value is None:
        return None
    try:
        return durations.parse(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


lease = click.option(
    "--lease",
    metavar="DURATION",
    callback=_duration,
    default="60s",
    show_default=True,
    help="Who gives no sign of life for so long loses its steps to others.",
)
max_deliveries = click.option(
    "--max-deliveries",
    metavar="N",
    type=click.IntRange(1),
    default=MAX_DELIVERIES,
    show_default=True,
    help="A step that was given to workers so often, and never answered, fails as LeaseLost.",
)
failed_step = click.option(
    "--step",
    metavar="STEP",
    help="Only this step, as 'show' names it; each[*] stands for all items of each.",
)
error_type = click.option(
    "--type", metavar="TYPE", help="Only steps that failed of this: LeaseLost, Timeout, ..."
)
since = click.option(
    "--since",
    metavar="DURATION",
    callback=_duration,
    help="Only what happened since so long ago, 2h say.",
)
older_than = click.option(
    "--older-than",
    metavar="DURATION",
    required=True,
    callback=_duration,
    help="Only what ended so long ago, 30d say.",
)
than = click.option(
    "--than",
    metavar="DURATION",
    callback=_duration,
    default="15m",
    show_default=True,
    help="What has not moved for so long.",
)
every = click.option(
    "--every",
    metavar="DURATION",
    callback=_duration,
    default="5s",
    show_default=True,
    help="How long to pause in between.",
)
delay = click.option(
    "--delay", metavar="DURATION", callback=_duration, help="Begin that much later, 5m say."
)
timeout = click.option(
    "--timeout", metavar="DURATION", callback=_duration, help="Wait that long at most, 5m say."
)
inputs = click.option(
    "-i",
    "--input",
    "given",
    multiple=True,
    metavar="KEY=VALUE|@FILE.json",
    help="An input, as JSON if it is JSON, else as text; or a JSON object with several. May be repeated.",
)


def _seconds(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    try:
        return durations.parse(value).total_seconds()
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def own_id(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Check an id that the caller chose."""
    if value == LAST:
        raise click.BadParameter(f"{LAST!r} always means the newest execution; choose another id")
    if value is not None:
        checked_id(value)
    return value


wait = click.option(
    "--wait",
    metavar="DURATION",
    callback=_seconds,
    help="With --external: wait this long at most, 5m say, and leave with exit code 4 if it is not "
    "over by then. 0s only starts it.",
)
