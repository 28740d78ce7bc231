"""What the processes of these tests do: python -m tests.acceptance.processes VERB DATABASE ID LOG ..."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

TOO_LONG = 30
"""Seconds: half of a lease, so whoever waits for the lease of a dead process to run out is found out."""


def begin(verb, database, key, log="", seconds=0.004, concurrency=1):
    """Start a process."""
    command = [sys.executable, "-m", "tests.acceptance.processes"]
    command += map(str, (verb, database, key, log, seconds, concurrency))
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def said(process):
    """Return what a process printed, once it has ended."""
    try:
        out, _ = process.communicate(timeout=TOO_LONG)
    except subprocess.TimeoutExpired:
        end(process)
        raise AssertionError(f"still running after {TOO_LONG} s") from None
    return out.strip()


def end(process):
    """Kill a process at once, as a crash would, if it is still there."""
    process.kill()
    process.wait()
    process.stdout.close()


def _main(verb, database, key, log, seconds, concurrency):
    from runfox import InProcessWorker, Workflow
    from runfox.connect import connect
    from runfox.worker import Worker
    from tests.acceptance.flows import Logged

    backend = connect(database)
    executor = Logged(log, float(seconds))
    match verb:
        case "drive":
            worker = InProcessWorker(backend.runner, executor, concurrency=int(concurrency))
            print(Workflow.resume(key, backend).run(worker))
        case "work":
            Worker(backend, executor, concurrency=int(concurrency)).run()
        case "work-until-idle":
            Worker(backend, executor, concurrency=int(concurrency)).run(until_idle=True)
        case "follow":
            print(Workflow.resume(key, backend).run())
        case "fork":
            workflow = Workflow.resume(key, backend)
            worker = InProcessWorker(backend.runner, executor)
            assert backend.name  # it has one before
            child = os.fork()
            # In one piece: both processes write to the same pipe.
            os.write(1, f"{backend.name} {workflow.run(worker)}\n".encode())
            if not child:
                os._exit(0)
            os.waitpid(child, 0)


if __name__ == "__main__":
    _main(*sys.argv[1:])
