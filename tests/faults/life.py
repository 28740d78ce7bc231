"""A process that works on a database, and notes what was acknowledged.

python -m tests.faults.life DATABASE PROFILE LOG

There is a bit of everything in it: runs that this process executes itself, and runs whose jobs it takes and
reports on as a worker elsewhere would, with signals and timers. Snapshots and checkpoints come often.
"""

import os
import sys
from datetime import timedelta

from runfox import SqliteRunner, SqliteStore, Workflow
from runfox.backend import Backend
from runfox.backend.clock import utc_now
from runfox.backend.sqlite import checkpoints
from runfox.backend.sqlite import store as sqlite_store
from runfox.values import text
from tests.acceptance.flows import FLOW, INPUTS, answer
from tests.faults.shim import acknowledge

ROUNDS = 10

ASKING = {
    "name": "asking",
    "steps": [
        {"id": "first"},
        {"id": "answer", "depends_on": ["first"], "wait": {"signal": "go"}},
        {"id": "later", "depends_on": ["answer"], "wait": {"for": "10m"}},
        {
            "id": "report",
            "depends_on": ["later"],
            "input": {
                "first": {"var": "steps.first.output.is"},
                "said": {"var": "steps.answer.output.data"},
            },
        },
    ],
    "outputs": {"report": {"var": "steps.report.output"}},
}


def reported(number):
    return {"first": f"first-{number}", "said": f"said-{number}"}


class Moved:
    """A clock that can be put forward."""

    def __init__(self, by=timedelta(0)):
        self.by = by

    def __call__(self):
        return utc_now() + self.by


class Telling(SqliteStore):
    """A store that tells of each write that it has acknowledged."""

    tell = staticmethod(print)

    def create(self, commit, definition):
        new = super().create(commit, definition)
        self.tell("commit", commit.execution_id, 1)
        return new

    def commit(self, commit):
        mail = super().commit(commit)
        self.tell("commit", commit.execution_id, commit.revision)
        return mail


def execute(fn, inputs, context):
    if fn == "first":
        return {"is": f"first-{context.workflow_execution_id.rpartition('ask')[2]}"}
    if fn == "report":
        return inputs
    return answer(fn, inputs, context.attempt)


def open_backend(path, profile, *, clock=utc_now, kind=SqliteStore):
    """Return a backend that executes here, and whose runner can be used as a worker elsewhere would."""
    store = kind(path, profile=profile, clock=clock)
    runner = SqliteRunner(path, profile=profile, clock=clock)
    return Backend(store, runner, executor=execute)


def begin(backend, number, tell):
    """Create a run, answer its job as a worker elsewhere, and send it the signal that it waits for."""
    run = Workflow.from_dict(ASKING, backend, execution_id=f"ask{number}")
    tell("create", f"ask{number}")
    run.advance()
    backend.runner.take_pending_jobs(1)
    backend.runner.submit_work_result(run.id, "first", {"is": f"first-{number}"}, 0)
    tell("said", f"ask{number}", f"first-{number}")
    run.advance()
    run.signal("go", f"said-{number}", id="once")
    tell("said", f"ask{number}", f"said-{number}")


def live(backend, clock, tell):
    begin(backend, 0, tell)
    for number in range(ROUNDS):
        run = Workflow.from_dict(FLOW, backend, inputs=INPUTS, execution_id=f"all{number}")
        tell("create", f"all{number}")
        begin(backend, number + 1, tell)
        run.run()
        tell("ended", f"all{number}")
        clock.by += timedelta(minutes=11)
        Workflow.resume(f"ask{number}", backend).run()
        tell("ended", f"ask{number}")


def _main(path, profile, log):
    handle = os.open(log, os.O_WRONLY | os.O_APPEND)
    Telling.tell = staticmethod(lambda *told: acknowledge(handle, text(list(told)).encode()))
    sqlite_store.SNAPSHOT_BYTES = 1_000
    checkpoints.COMMITS = 30
    clock = Moved()
    backend = open_backend(path, profile, clock=clock, kind=Telling)
    live(backend, clock, Telling.tell)
    backend.store.close()


if __name__ == "__main__":
    _main(*sys.argv[1:])
