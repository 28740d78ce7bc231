"""``runfox dev``"""

from pathlib import Path
from threading import Thread

import click

from runfox.backend import Backend
from runfox.cli import options
from runfox.cli.commands.worker import told
from runfox.cli.databases import USUAL, Place
from runfox.cli.files import load_spec
from runfox.cli.finding import chosen_handlers
from runfox.cli.fns import fns_of
from runfox.cli.leaving import leave_threads, remark
from runfox.cli.refusal import Refused
from runfox.execution import Mode
from runfox.schedule import Scheduler
from runfox.spec import Spec
from runfox.worker import Worker, install_signals


@click.command("dev")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@options.executor
@options.db
@options.concurrency(8)
@options.mode
def command(
    *,
    files: tuple[str, ...],
    executor: str | None,
    db: Place,
    concurrency: int,
    mode: Mode | None,
) -> None:
    """Work on the workflows of FILEs as they are: all that production needs, in one process.

    They are kept as the active ones of their names. A worker executes and drives whatever is started, with
    --executor, else with the functions of a handlers.py beside the first FILE; a scheduler starts what is due.
    Without --db it is runfox.db in this folder. 'runfox start NAME' in another terminal starts a run. Files are
    read once.

    Ctrl-C ends the scheduler, then lets the steps at work finish; a second one gives them back at once.
    """
    place = db if db.url is not None else db._replace(url=USUAL)
    if not place.kept:
        raise Refused(
            "nobody else could start a run in this process's memory: name a file with --db"
        )
    specs = [load_spec(file) for file in files]
    fns = tuple(dict.fromkeys(fn for spec in specs for fn in fns_of(spec)))
    handlers = chosen_handlers(executor, external=False, folder=Path(files[0]).parent, fns=fns)
    assert handlers is not None
    backend = place.open()
    _keep(backend, specs, place)
    scheduler = Scheduler(place.open())
    worker = Worker(backend, handlers, concurrency=concurrency, mode=mode or "thread", on_job=told)
    install_signals(Both(scheduler, worker))
    beside = Thread(target=scheduler.run, name="runfox-scheduler", daemon=True)
    beside.start()
    worker.run()
    scheduler.stop()
    beside.join()
    remark("dev stopped")
    leave_threads()


def _keep(backend: Backend, specs: list[Spec], place: Place) -> None:
    remark(f"dev on {place}: works until it is stopped")
    for spec in specs:
        backend.keep(spec)
        scheduled = ", and by its schedule" if spec.schedules else ""
        remark(f"  {spec.name}  start it with: runfox start {spec.name}{scheduled}")


class Both:
    """The scheduler, which starts nothing more, and then the worker, which has all that was started."""

    def __init__(self, scheduler: Scheduler, worker: Worker) -> None:
        self._scheduler = scheduler
        self._worker = worker

    def stop(self) -> None:
        """Begin to stop; again: stop now."""
        self._scheduler.stop()
        self._worker.stop()
