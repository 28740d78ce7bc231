"""``runfox schedule``"""

from datetime import datetime

import click

from runfox.backend import Backend
from runfox.backend.clock import utc_now
from runfox.cli import options
from runfox.cli.databases import Place, existing
from runfox.cli.leaving import remark
from runfox.cli.texts import clock, count
from runfox.graph import Transition, WorkflowRecord
from runfox.schedule import Scheduler
from runfox.schedule.moments import following
from runfox.schedule.naming import schedule_key
from runfox.spec import Spec
from runfox.worker import install_signals


@click.command("schedule")
@click.option("--once", is_flag=True, help="Start what is due now, and end.")
@options.db
def command(*, once: bool, db: Place) -> None:
    """Start the runs of the active workflows that have a schedule, when they are due, until it is stopped.

    It executes nothing: workers do. Any number of schedulers may serve one database.
    """
    place = existing(db)
    backend = place.open()
    scheduler = Scheduler(backend)
    if once:
        started = scheduler.run_once()
        for key in started:
            click.echo(key)
        remark(f"{count(len(started), 'run')} started")
        return
    backend.observers.append(_told)
    install_signals(scheduler)
    _tell_what_comes(backend, place)
    scheduler.run()
    remark("scheduler stopped")


def _tell_what_comes(backend: Backend, place: Place) -> None:
    remark(f"scheduler of {place}: starts runs until it is stopped")
    now = utc_now()
    specs = [backend.find(f"{row.definition.name}") for row in backend.definitions() if row.active]
    coming = [line for spec in specs for line in _coming(spec, now)]
    for line in coming or ["no active workflow has a schedule yet: 'runfox keep FILE'"]:
        remark(f"  {line}")


def _coming(spec: Spec, now: datetime) -> list[str]:
    found = []
    for index, schedule in enumerate(spec.schedules):
        at = following(schedule, now)
        when = "never again" if at is None else f"next at {clock(at, now)}"
        found.append(f"{schedule_key(spec.name, index)}  {when}")
    return found


def _told(before: WorkflowRecord, _transition: Transition) -> None:
    """Print a line for a run that was started: its first commit after its creation."""
    if before.revision == 1:
        remark(f"{utc_now().astimezone():%H:%M:%S}  started {before.execution_id}")
