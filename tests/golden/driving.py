"""Drives what is in a database, round by round, with nothing but what every release has had.

Imported by ``write`` beside old trees, so it stays with the oldest names of ``Backend``.
"""

from datetime import timedelta

ROUNDS = 60
HOURS = timedelta(hours=7)


class Broken(Exception):
    """What executors here raise."""


def execute(job):
    """Return the output of a job, by its inputs and what the job says of itself alone."""
    n = job.inputs.get("n") or 0
    match job.fn:
        case "fails":
            raise Broken("it broke")
        case "flaky" if job.attempt < 2:
            raise Broken("not yet")
        case "odd" if n % 2:
            raise Broken("odd")
        case "poll":
            return {"ready": job.turn >= 3, "turn": job.turn}
    return {"n": n + 1, "ok": True, "text": job.inputs.get("text", "")}


def answer(backend, job):
    """Execute a job, and hand its result in."""
    key, step, run = job.workflow_execution_id, job.step_id, job.run_id
    try:
        output = execute(job)
    except Broken as error:
        backend.submit_work_error(key, step, "Broken", str(error), run)
    else:
        backend.submit_work_result(key, step, output, run)


def ended(backend, keys):
    """Return those of some executions that are over."""
    return {key for key in keys if backend.load(key).status.ended}


def finish(backend, clock, keys):
    """Bring all executions to their end, as an operator would: signals are sent, what is paused goes on."""
    for _ in range(ROUNDS):
        for _ in range(ROUNDS):
            for key in {*keys, *backend.store.due(10_000)}:
                backend.step(key)
            jobs = backend.take_pending_jobs(10_000)
            for job in jobs:
                answer(backend, job)
            if not jobs and not backend.store.due(10_000):
                break
        left = set(keys) - ended(backend, keys)
        if not left:
            return
        for key in left:
            nudge(backend, key)
        clock.advance(HOURS)
    raise AssertionError(f"these runs did not end: {sorted(left)}")


def nudge(backend, key):
    """Do what an execution may be waiting for."""
    if not hasattr(backend, "signal"):
        return
    for name in ("first", "go"):
        try:
            backend.signal(key, name, {"n": 0}, id=f"nudge-{name}")
        except Exception as error:
            if type(error).__name__ != "SignalRefused":
                raise
    if backend.load(key).status == "paused":
        backend.resume(key)
