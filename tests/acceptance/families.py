"""Callers with many children or items, and the processes that bring them on: run as a module."""

import os
import subprocess
import sys
from collections import Counter
from time import sleep

from tests.acceptance.processes import ROOT

CHILDREN = 20
ITEMS = 200

_EACH = {"items": {"var": "input.list"}, "as": "n"}

CALLER = {
    "name": "caller",
    "workflows": {
        "child": {
            "steps": [
                {"id": "first", "fn": "add", "input": {"n": {"var": "input.n"}}},
                {"id": "nap", "depends_on": ["first"], "wait": {"for": "30ms"}},
                {
                    "id": "second",
                    "fn": "add",
                    "depends_on": ["nap"],
                    "input": {"n": {"var": "steps.first.output.n"}},
                },
            ],
            "outputs": {"n": {"var": "steps.second.output.n"}},
        }
    },
    "steps": [
        {"id": "many", "foreach": _EACH, "call": "child", "input": {"n": {"var": "n"}}},
        {
            "id": "last",
            "fn": "total",
            "depends_on": ["many"],
            "input": {"values": {"vars": "steps.many.output[*].n"}},
        },
    ],
    "outputs": {"total": {"var": "steps.last.output.total"}},
}

WIDE = {
    "name": "wide",
    "steps": [
        {"id": "each", "fn": "add", "foreach": _EACH, "input": {"n": {"var": "n"}}},
    ],
    "outputs": {"values": {"vars": "steps.each.output[*].n"}},
}

NAP = {
    "name": "nap",
    "steps": [
        {"id": "nap", "wait": {"for": "1s"}},
        {"id": "after", "fn": "add", "depends_on": ["nap"], "input": {"n": 1}},
    ],
    "outputs": {"n": {"var": "steps.after.output.n"}},
}


def numbers(count):
    return {"list": list(range(count))}


TOTAL = {"total": sum(n + 2 for n in range(CHILDREN))}


class Adding:
    """An executor that leaves a line for each start in a file that many processes write."""

    def __init__(self, log, seconds):
        self.log, self.seconds = log, seconds

    def __call__(self, fn, inputs, context):
        key = context.workflow_execution_id.rpartition("#")[2]
        handle = os.open(self.log, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
        os.write(handle, f"{key} {context.step_id} {context.run_id} {os.getpid()}\n".encode())
        os.close(handle)
        sleep(self.seconds)
        return {"n": inputs["n"] + 1} if fn == "add" else {"total": sum(inputs["values"])}


def starts(log):
    """Return how often each run of each execution was started, and by how many processes."""
    lines = [line.split() for line in log.read_text().splitlines()]
    return Counter(tuple(line[:3]) for line in lines), {line[3] for line in lines}


def begin(verb, database, key, log, seconds=0.0, concurrency=1):
    """Start a process that works on a database, or drives one execution of it."""
    arguments = map(str, (verb, database, key, log, seconds, concurrency))
    return subprocess.Popen(
        [sys.executable, "-m", "tests.acceptance.families", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _main(verb, database, key, log, seconds, concurrency):
    from runfox import InProcessWorker, Workflow
    from runfox.connect import connect
    from runfox.worker import Worker

    backend = connect(database)
    executor = Adding(log, float(seconds))
    if verb == "work":
        Worker(backend, executor, concurrency=int(concurrency)).run()
    else:
        worker = InProcessWorker(backend.runner, executor, concurrency=int(concurrency))
        print(Workflow.resume(key, backend).run(worker))


if __name__ == "__main__":
    _main(*sys.argv[1:])
