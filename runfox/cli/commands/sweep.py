"""``runfox sweep``"""

from datetime import timedelta
from threading import Event

import click

from runfox.backend import Backend
from runfox.backend.sweeping import Swept, sweep
from runfox.cli import options
from runfox.cli.databases import Place, existing
from runfox.cli.leaving import remark
from runfox.cli.texts import count, machine
from runfox.errors import StoreUnavailable
from runfox.worker import install_signals

MOST = 100
"""How many of a kind one sweep of the store looks after; it is swept again while there were so many."""


@click.command("sweep")
@options.db
@options.max_deliveries
@click.option(
    "--once", is_flag=True, help="Do it once, and end: for cron, or a function in a cloud."
)
@options.every
@options.output
def command(*, db: Place, max_deliveries: int, once: bool, every: timedelta, output: str) -> None:
    """Look after what a crash, or a queue, left where it was, and tell what was found.

    Jobs of dead workers go back to the queue, those past their time fail, those that nobody took are announced
    again, and what is due is moved on. Workers and drivers do it all the time; this is for where none runs.
    """
    backend = existing(db).open(max_deliveries=max_deliveries)
    if once:
        _tell(_all(backend), output)
        return
    stopped = Stop()
    install_signals(stopped)
    while True:
        try:
            _tell(_all(backend), output)
        except StoreUnavailable as error:
            remark(f"the store does not answer, trying again: {error}")
        if stopped.wait(every.total_seconds()):
            return


class Stop(Event):
    """An event that a signal may set."""

    def stop(self) -> None:
        """Set it."""
        self.set()


def _all(backend: Backend) -> Swept:
    """Sweep until nothing is left, as far as one sweep takes more than it may."""
    total = Swept()
    while True:
        swept = sweep(backend, MOST)
        total = Swept._make(sum(each) for each in zip(total, swept, strict=True))
        # What nobody took is not taken any sooner for being announced once more.
        if max(swept.expired, swept.moved) < MOST and swept.announced < MOST:
            return total


def _tell(swept: Swept, output: str) -> None:
    if output == "json":
        click.echo(machine(swept._asdict()))
        return
    click.echo(
        f"{count(swept.reclaimed, 'job')} of dead workers,"
        f" {swept.expired:,} past their time,"
        f" {swept.announced:,} announced again;"
        f" {count(swept.moved, 'execution')} moved on"
    )
