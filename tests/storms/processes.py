"""What the processes of a storm do."""

import faulthandler
import os
import sys
from datetime import timedelta
from functools import partial, wraps
from pathlib import Path
from random import Random, random
from signal import SIGUSR1
from time import monotonic_ns, sleep

from runfox import InProcessWorker, Workflow
from runfox.backend import Backend
from runfox.backend.protocols import Query
from runfox.backend.sweeping import sweep
from runfox.connect import connect
from runfox.errors import StoreUnavailable
from runfox.execution import JobContext
from runfox.status import WorkflowStatus
from runfox.worker import Driver, Worker, install_signals
from tests.storms import flows
from tests.storms.callers import call
from tests.storms.notes import effect, note
from tests.storms.parent import end_with_parent

LEASE = timedelta(seconds=3)
"""Short, so that a storm in which leases run out does not take long."""

HOLD = timedelta(seconds=1)

DELIVERIES = 1_000
"""In a storm that kills for long enough, a run may meet any number of deaths and is no poison."""

LOG, OWNER, FOLDER = "RUNFOX_STORM_LOG", "RUNFOX_STORM_OWNER", "RUNFOX_STORM_FOLDER"

PACE = 0.03
"""Seconds that an executor takes at most."""

AT_ONCE = 20
"""How many jobs a worker of a crowd has at once."""


def open_backend(store, runner="-", lease=LEASE):
    """Return the backend of two URLs; "-" is a queue in the store's database."""
    made = connect(store)
    queue = made.runner if runner == "-" else connect(runner).runner
    return Backend(made.store, queue, lease=lease, hold=HOLD, max_deliveries=DELIVERIES)


def execute(fn, inputs, context, pace=PACE):
    """Note that a run begins, answer it after a moment, and note that it is executed."""
    log, owner = os.environ[LOG], os.environ[OWNER]
    effect(log, "start", owner, context)
    sleep(random() * pace)
    try:
        output = flows.answer(fn, inputs, context, Path(os.environ[FOLDER]))
    except Exception:
        effect(log, "fail", owner, context)
        raise
    effect(log, "end", owner, context)
    return output


def execute_at_once(fn, inputs, context):
    return execute(fn, inputs, context, pace=0)


class Stop:
    """Whether a process has been asked to end."""

    asked = False

    def stop(self):
        self.asked = True


def again(work):
    """Do something until the store answers, and return what it returns."""
    while True:
        try:
            return work()
        except StoreUnavailable as error:
            print(f"trying again: {error}", flush=True)
            sleep(0.2)


def beating(function, log):
    """Note between which moments a lease was renewed."""

    @wraps(function)
    def beat(*arguments):
        began = monotonic_ns()
        found = function(*arguments)
        note(log, "beat", os.getpid(), began, monotonic_ns())
        return found

    return beat


def hand(backend, stop, chance):
    """Take jobs and hand their results in, and decide nothing."""
    while not stop.asked:
        take = beating(backend.take_pending_jobs, os.environ[LOG])
        jobs = again(partial(take, chance.choice((1, 2, 3))))
        for job in jobs:
            submit(backend, job)
        if not jobs:
            sleep(0.05)


def submit(backend, job):
    key, step, run = job.workflow_execution_id, job.step_id, job.run_id
    context = JobContext(key, step, run, job.attempt, job.delivery, job.idempotency_key)
    try:
        output = execute(job.fn, job.inputs, context)
    except (flows.Broken, flows.driving.Broken) as error:
        told = (key, step, "Broken", str(error), run)
        again(partial(backend.submit_work_error, *told))
    else:
        again(partial(backend.submit_work_result, key, step, output, run))


def host(backend, stop, chance):
    """Bring runs that others began to their end, one after the other, with an executor of one's own."""
    while not stop.asked:
        query = Query(status=WorkflowStatus.IN_PROGRESS, roots=True, limit=20)
        found = again(partial(backend.executions, query))
        if not found:
            sleep(0.1)
            continue
        one = chance.choice(found).execution_id
        worker = InProcessWorker(backend.runner, execute, concurrency=chance.choice((1, 2)))
        again(partial(run_to_its_end, backend, one, worker))


def run_to_its_end(backend, own, worker):
    Workflow.resume(own, backend).run(worker)


def sweeping(backend, stop):
    """Sweep as whoever has only cron would."""
    while not stop.asked:
        again(partial(sweep, backend))
        sleep(0.2)


def work(role, backend, chance, folder):
    """Do what a role has to do until one is asked to stop."""
    stop = Stop()
    match role:
        case "driver":
            stop = Driver(backend, interval=0.5)
        case "worker":
            stop = Worker(backend, execute)
        case "threads":
            stop = Worker(backend, execute, concurrency=3)
        case "children":
            stop = Worker(backend, execute, concurrency=2, mode="process")
        case "crowd":
            stop = Worker(backend, execute_at_once, concurrency=AT_ONCE)
    install_signals(stop)
    (folder / "ready" / str(os.getpid())).touch()
    match role:
        case "hand":
            hand(backend, stop, chance)
        case "host":
            host(backend, stop, chance)
        case "sweeper":
            sweeping(backend, stop)
        case _:
            stop.run()


def main(role, store, runner, folder, number, lease=None):
    """Be a process of a storm, until one is told to stop."""
    _tell_to(f"{folder}/said-{role}-{number}")
    end_with_parent()
    faulthandler.enable()
    faulthandler.register(SIGUSR1)
    os.environ |= {LOG: f"{folder}/log", OWNER: str(os.getpid()), FOLDER: folder}
    chance, place = Random(os.urandom(8)), Path(folder)
    backend = again(partial(open_backend, store, runner, lease or LEASE))
    now = monotonic_ns()
    note(f"{folder}/log", "beat", os.getpid(), now, now)
    ledger = backend.queue.ledger
    ledger.beat = beating(ledger.beat, f"{folder}/log")
    if role == "caller":
        (place / "ready" / str(os.getpid())).touch()
        call(backend, place, number, chance)
    else:
        work(role, backend, chance, place)
    backend.store.close()


def _tell_to(path):
    """Let all that this process says go to a file."""
    handle = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(handle, stream.fileno())
