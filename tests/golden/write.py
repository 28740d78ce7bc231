"""Write a golden set with the code of whatever tree is on the path:

PYTHONPATH=TREE python tests/golden/write.py format_N

makes ``format_N.sql``, a database with runs in every state, and ``format_N.json``: how each of them ended when
the tree that wrote them went on with them, and the texts of their records. Once written, a set is not changed.
"""

import json
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import driving
from flows import FLOWS, INPUTS

from runfox import Backend, SqliteRunner, SqliteStore
from runfox.backend.sqlite import store as module
from runfox.errors import SpecError
from runfox.spec import from_data
from runfox.testing import FakeClock

HALVES = (1, 2, 3, 5, 8, 20)
"""After how many half rounds each flow is left alone: half of them with results that nobody has used yet."""

SNAPSHOT_BYTES = (64_000, 200)
"""After how many bytes of facts a snapshot is taken: half of the runs have one, and facts after it."""

try:
    from runfox.backend.records import record_text
except ImportError:
    from runfox.backend.codec import record_text


def opened(path, clock):
    store = SqliteStore(path, profile="fast", clock=clock)
    return Backend(store, SqliteRunner(path, profile="fast", clock=clock))


def family_of(backend, before):
    """Return the executions that new jobs belong to, and those jobs."""
    jobs = [job for job in backend.list_pending_jobs() if key_of(job) not in before]
    return {job.workflow_execution_id for job in jobs}, jobs


def key_of(job):
    return job.workflow_execution_id, job.step_id, job.run_id


def asked(backend, key, name, arguments):
    """Do what somebody wants; that of a store is a message to put, as another process would."""
    if name != "signal_later":
        getattr(backend, name)(key, *arguments)
        return
    from runfox.backend.protocols import Message

    signal, data = arguments
    body = {"name": signal, "data": data, "key": None, "id": "inbox"}
    backend.store.put(Message(backend.load(key).execution_id, "s-inbox", "signal", body))


def play(backend, spec, flow, execution_id, halves):
    """Create an execution, and drive it for so many half rounds: a step, then the results of its jobs."""
    key = backend.create(spec, INPUTS, execution_id=execution_id)
    family = {key}
    before = {key_of(job) for job in backend.list_pending_jobs()}
    for half in range(halves):
        if half % 2 == 0:
            for one in sorted(family):
                backend.step(one)
        for wanted, name, arguments in flow.get("asks", ()):
            if wanted == half:
                asked(backend, key, name, arguments)
        more, jobs = family_of(backend, before)
        family |= more
        if half % 2:
            for job in jobs:
                driving.answer(backend, job)
    return key


def write(name):
    """Write both files beside this one."""
    folder = Path(__file__).parent
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "golden.db"
        clock = FakeClock()
        backend = opened(path, clock)
        keys, unknown = {}, []
        for flow_name, flow in FLOWS.items():
            data = {
                "name": flow_name,
                **{key: value for key, value in flow.items() if key not in ("asks", "halves")},
            }
            try:
                spec = from_data(data)
            except SpecError as error:
                unknown.append((flow_name, str(error.problems[0])))
                continue
            if not all(
                hasattr(Backend, ask[1].removesuffix("_later")) for ask in flow.get("asks", ())
            ):
                unknown.append((flow_name, "its asks"))
                continue
            for halves in flow.get("halves", HALVES):
                module.SNAPSHOT_BYTES = SNAPSHOT_BYTES[len(keys) % 2]
                clock.advance(timedelta(seconds=1))
                execution_id = f"{flow_name}-{halves}"
                keys[execution_id] = play(backend, spec, flow, execution_id, halves)
        backend.take_pending_jobs(7)
        records = {own: record_text(backend.load(key)) for own, key in keys.items()}
        later = clock()
        close(backend)
        (folder / f"{name}.sql").write_text(dump(path))
        shutil.copy(path, Path(temporary) / "finished.db")
        outcomes = finished(Path(temporary) / "finished.db", keys, FakeClock(later))
    told = {
        "now": int(later.timestamp() * 1000),
        "outcomes": outcomes,
        "records": records,
    }
    lines = json.dumps(told, indent=0, sort_keys=True)
    (folder / f"{name}.json").write_text(lines + "\n")
    print(f"{name}: {len(keys)} runs", *unknown, sep="\n")


def finished(path, keys, clock):
    """Return how the runs end by the code that began them: status, outcome, and the type of the error."""
    clock.advance(driving.HOURS)
    backend = opened(path, clock)
    driving.finish(backend, clock, list(keys.values()))
    found = {}
    for own, key in keys.items():
        record = backend.load(key)
        kind = None if record.error is None else record.error["type"]
        found[own] = [str(record.status), record.outcome, kind]
    close(backend)
    return found


def close(backend):
    backend.store.close()
    backend.runner.close()


def dump(path):
    """Return a database as SQL, its version included."""
    with closing(sqlite3.connect(path)) as connection:
        lines = list(connection.iterdump())
        for pragma in ("application_id", "user_version"):
            (value,) = connection.execute(f"PRAGMA {pragma}").fetchone()
            lines.append(f"PRAGMA {pragma} = {value};")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    write(sys.argv[1])
