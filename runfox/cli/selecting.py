"""Which executions a verb is for: those that are named, or all that a person describes."""

import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import click

from runfox.backend import Backend
from runfox.backend.protocols import Query
from runfox.cli.identify import execution_key, long_id
from runfox.cli.labels import label_option
from runfox.cli.refusal import Refused
from runfox.cli.texts import count
from runfox.status import WorkflowStatus

FC = TypeVar("FC", bound=Callable[..., Any] | click.Command)

MOST = 100_000
"""How many executions one command takes on."""

OPEN = (WorkflowStatus.PENDING, WorkflowStatus.IN_PROGRESS, WorkflowStatus.PAUSED)


class Described(NamedTuple):
    """What a person said of executions in place of naming them."""

    name: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    status: str | None = None
    yes: bool = False

    @property
    def anything(self) -> bool:
        """Whether anything was said."""
        return bool(self.name is not None or self.labels or self.status is not None)


def described(command: FC) -> FC:
    """Add the options that describe executions: ``name``, ``labels``, ``status``, ``yes``."""
    for option in (
        click.option("--yes", "-y", is_flag=True, help="Do not ask."),
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
    ):
        command = option(command)
    return command


def chosen(
    backend: Backend,
    runs: Sequence[str],
    wanted: Described,
    *,
    usual: Sequence[WorkflowStatus],
    verb: str,
) -> list[str]:
    """Return the long ids of the executions that are meant, after asking where a person can be asked.

    Of those that are described, only the ones of the ``usual`` statuses are meant, unless a status was said,
    and none that another execution called: what is done to a caller reaches those.
    """
    if runs and wanted.anything:
        raise Refused("name executions, or describe them with --name, --label, --status: not both")
    if runs:
        return [execution_key(backend, run) for run in runs]
    if not wanted.anything:
        raise Refused(
            f"{verb} what? Name executions by their ids, or describe them with --name, --label, --status"
        )
    statuses = usual if wanted.status is None else (WorkflowStatus(wanted.status),)
    found = [
        long_id(summary)
        for status in statuses
        for summary in backend.executions(
            Query(
                status=status, name=wanted.name, labels=dict(wanted.labels), roots=True, limit=MOST
            )
        )
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
