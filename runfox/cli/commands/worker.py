"""``runfox worker``"""

from datetime import timedelta
from pathlib import Path

import click

from runfox.backend.clock import utc_now
from runfox.cli import options
from runfox.cli.databases import Place, made
from runfox.cli.finding import chosen_handlers
from runfox.cli.leaving import leave_threads, remark
from runfox.cli.view.wording import error_text
from runfox.execution import Mode
from runfox.graph import StepResult
from runfox.results import DispatchJob
from runfox.worker import Worker, install_signals


@click.command("worker")
@options.db
@options.executor
@options.concurrency(1)
@options.mode
@click.option(
    "--queue",
    "queues",
    multiple=True,
    metavar="NAME",
    help="Take only the steps of this queue; '' is that of steps that name none. May be repeated.",
)
@options.lease
@options.max_deliveries
@click.option("--until-idle", is_flag=True, help="End when there is nothing to do.")
def command(
    *,
    db: Place,
    executor: str | None,
    concurrency: int,
    mode: Mode | None,
    queues: tuple[str, ...],
    lease: timedelta,
    max_deliveries: int,
    until_idle: bool,
) -> None:
    """Execute the steps of all executions of a database, also of those that other processes start.

    Without --executor the handlers.py of this folder is used. A database that is not there yet is made
    if it is named. SIGTERM and Ctrl-C let the steps at work finish; a second one gives them back at once.

    A step that is past its timeout fails. With --mode process it is ended, with all that it has started; a
    thread cannot be ended, and goes on unheard.
    """
    place = made(db)
    handlers = chosen_handlers(executor, external=False, folder=Path())
    assert handlers is not None
    worker = Worker(
        place.open(lease=lease, max_deliveries=max_deliveries),
        handlers,
        concurrency=concurrency,
        # Not in the thread that hears signals: a second one has to be heard while a step is at work.
        mode=mode or "thread",
        queues=queues,
        on_job=told,
    )
    install_signals(worker)
    remark(f"worker of {place}: takes steps until it is stopped")
    worker.run(until_idle=until_idle)
    remark("worker stopped")
    leave_threads()


def told(job: DispatchJob, result: StepResult) -> None:
    """Print a line for a job that was executed."""
    outcome = "complete" if result.error is None else error_text(result.error)
    execution = job.execution_id
    attempt = f" (attempt {job.attempt})" if job.attempt > 1 else ""
    at = f"{utc_now().astimezone():%H:%M:%S}"
    remark(f"{at}  {execution[:20]}  {job.step_id}{attempt}  {outcome}")
