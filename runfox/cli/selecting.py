"""Which executions a verb is for: those that are named, or all that a person describes."""

import sys
from collections.abc import Callable, Collection, Sequence
from functools import wraps
from typing import Any, NamedTuple

import click

from runfox.backend import Backend
from runfox.backend.protocols import Query
from runfox.backend.serving import needs_queue
from runfox.cli.identify import execution_key, long_id
from runfox.cli.labels import label_option
from runfox.cli.refusal import Refused
from runfox.cli.texts import count
from runfox.status import WorkflowStatus

WAYS = "--name, --label, --status, --queue"

MOST = 100_000
"""How many executions one command takes on."""

OPEN = (WorkflowStatus.PENDING, WorkflowStatus.IN_PROGRESS, WorkflowStatus.PAUSED)


class Described(NamedTuple):
    """What a person said of executions in place of naming them. ``queue``: they still need workers of that."""

    name: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    status: str | None = None
    queue: str | None = None
    yes: bool = False

    @property
    def anything(self) -> bool:
        """Whether anything was said."""
        return bool(self.labels) or (self.name, self.status, self.queue) != (None, None, None)


_OPTIONS = (
    click.option("--yes", "-y", is_flag=True, help="Do not ask."),
    click.option(
        "--queue",
        metavar="NAME",
        help="In place of RUN: all executions with a step of this queue that is left to do, or failed.",
    ),
    click.option(
        "--status",
        type=click.Choice([status.value for status in WorkflowStatus]),
        help="In place of RUN: all executions of this status.",
    ),
    label_option("In place of RUN: all executions with this label."),
    click.option(
        "--name",
        metavar="NAME",
        help="In place of RUN: all executions of the workflow of this name.",
    ),
)


def described(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that describe executions, and give what they say as ``wanted``."""

    @wraps(command)
    def call(
        *,
        name: str | None,
        labels: tuple[tuple[str, str], ...],
        status: str | None,
        queue: str | None,
        yes: bool,
        **others: Any,
    ) -> Any:
        return command(wanted=Described(name, labels, status, queue, yes), **others)

    for option in _OPTIONS:
        call = option(call)
    return call


def chosen(
    backend: Backend,
    runs: Sequence[str],
    wanted: Described,
    *,
    usual: Sequence[WorkflowStatus],
    verb: str,
    only: Collection[str] | None = None,
) -> list[str]:
    """Return the long ids of the executions that are meant, after asking where a person can be asked.

    Of those that are described, only the ones of the ``usual`` statuses are meant, unless a status was said,
    and none that another execution called: what is done to a caller reaches those. With ``only`` they have to be
    among these short ids, which describes them, too.
    """
    described = wanted.anything or only is not None
    if runs and described:
        raise Refused(f"name executions, or describe them with {WAYS}: not both")
    if runs:
        return [execution_key(backend, run) for run in runs]
    if not described:
        raise Refused(f"{verb} what? Name executions by their ids, or describe them with {WAYS}")
    statuses = usual if wanted.status is None else (WorkflowStatus(wanted.status),)
    found = [
        long_id(summary)
        for status in statuses
        for summary in backend.executions(
            Query(
                status=status, name=wanted.name, labels=dict(wanted.labels), roots=True, limit=MOST
            )
        )
        if (only is None or summary.execution_id in only)
        and (wanted.queue is None or needs_queue(backend.load(summary.execution_id), wanted.queue))
    ]
    _ask(found, verb, yes=wanted.yes)
    return found


def _ask(found: Sequence[str], verb: str, *, yes: bool) -> None:
    told = f"{verb} {count(len(found), 'execution')}"
    if found and not yes and sys.stdin.isatty():
        if not click.confirm(f"{told}?", err=True):
            raise Refused("nothing was done")
    else:
        click.echo(told, err=True)
