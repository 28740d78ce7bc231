"""Executors that are hostile to the process they are in: real workers, with threads and with child processes."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from runfox import Workflow, WorkflowStatus
from runfox.backend import Backend
from runfox.connect import connect
from tests.acceptance.cli_process import SECONDS, command, environment
from tests.acceptance.test_workers import at_work, begin, until

HANDLERS = """
import ctypes, os, signal, subprocess, sys, threading
from pathlib import Path
from time import sleep

HERE = Path(__file__).parent

def note(*pids):
    with (HERE / "pids").open("a") as log:
        log.write("".join(f"{pid}\\n" for pid in pids))

def began():
    with (HERE / "began").open("a") as log:
        log.write("x")

def fine(name):
    return {"name": name}

def segfault():
    began()
    ctypes.string_at(0)

def endless():
    code = "import subprocess; print(subprocess.Popen(['sleep', '600']).pid, flush=True); input()"
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    note(os.getpid(), child.pid, int(child.stdout.readline()))
    while True:
        pass

def endless_words():
    while True:
        yield {"word": "x" * 1000}

def stops():
    note(os.getpid())
    os.kill(os.getpid(), signal.SIGSTOP)

def prints():
    for stream in (1, 2):
        os.write(stream, bytes(range(256)) * 8)
    return {}

def closes():
    os.close(1)
    os.close(2)
    return {}

def threads():
    for daemon in (False, True):
        threading.Thread(target=sleep, args=(600,), daemon=daemon).start()
    return {}

def forks():
    copy = os.fork()
    return {"is_copy": copy == 0}

def forks_and_raises():
    if not os.fork():
        raise RuntimeError("the copy's")
    return {"is_copy": False}

def forks_and_dies():
    copy = os.fork()
    if copy:
        note(copy)
        os._exit(9)
    sleep(600)

def moves():
    os.chdir("/")
    return {}

def handles():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return {}

def deep():
    value = {}
    for _ in range(100_000):
        value = {"a": value}
    return value

def wordy():
    raise ValueError("x" * 100_000_000)

def slow():
    began()
    while not (HERE / "go").exists():
        sleep(0.01)
    return {}
"""

IN_BOTH = {
    "prints": None,
    "closes": None,
    "threads": None,
    "forks": None,
    "forks_and_raises": None,
    "moves": None,
    "deep": "OutputInvalid",
    "wordy": "ValueError",
    "endless_words": "Timeout",
}
"""What becomes of a step that does it: the kind of its error, or None."""

IN_PROCESSES = {
    **IN_BOTH,
    "segfault": "LeaseLost",
    "endless": "Timeout",
    "stops": "Timeout",
    "forks_and_dies": "LeaseLost",
    "handles": None,
}
IN_THREADS = {**IN_BOTH, "handles": "ValueError"}

TIMES = {"endless": "5s", "stops": "5s", "endless_words": "1s"}


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[Backend]:
    (tmp_path / "handlers.py").write_text(HANDLERS)
    backend = connect(str(tmp_path / "runfox.db"))
    yield backend
    backend.store.close()


@contextmanager
def at_the_job(*arguments: str, cwd: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a worker, whose streams go to a file: what comes out of them need not be text."""
    with (cwd / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            command("worker", *arguments), cwd=cwd, env=environment(), stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait(SECONDS)


def hostile(name: str) -> dict:
    step: dict = {"id": name}
    if name in TIMES:
        step["timeout"] = TIMES[name]
    return {"name": name, "steps": [step]}


FINE = {"name": "fine", "steps": [{"id": "fine", "input": {"name": {"var": "input.name"}}}]}


def begun(backend: Backend, names: dict[str, str | None]) -> dict[str, tuple[Workflow, Workflow]]:
    """Begin an execution for each name, and after it one that must not suffer."""
    return {
        name: (begin(backend, hostile(name)), begin(backend, FINE, name=name)) for name in names
    }


def ended(runs: dict[str, tuple[Workflow, Workflow]]) -> bool:
    return all(run.status.ended for pair in runs.values() for run in pair)


def check(backend: Backend, kinds: dict, runs: dict[str, tuple[Workflow, Workflow]]) -> None:
    for name, (run, after) in runs.items():
        error = backend.load(run.id).error
        assert (error and error["type"]) == kinds[name], (name, error)
        assert error is None or len(error["message"]) <= 4_000
        assert after.status is WorkflowStatus.COMPLETE
        assert backend.load(after.id).steps["fine"].output == {"name": name}
    for name in ("forks", "forks_and_raises"):
        assert backend.load(runs[name][0].id).steps[name].output == {"is_copy": False}


def pids(folder: Path) -> list[int]:
    return [int(pid) for pid in (folder / "pids").read_text().split()]


def test_what_hostile_executors_do_to_their_child_process_ends_with_it(
    backend: Backend, tmp_path: Path
) -> None:
    runs = begun(backend, IN_PROCESSES)
    with at_the_job(
        "--db", "runfox.db", "--mode", "process", "--concurrency", "3", cwd=tmp_path
    ) as worker:
        until(lambda: ended(runs))
        family = psutil.Process(worker.pid).children(recursive=True)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(SECONDS) == 0
    check(backend, IN_PROCESSES, runs)
    assert len(pids(tmp_path)) == 5
    until(lambda: not any(map(at_work, [*pids(tmp_path), *(one.pid for one in family)])))


def test_what_hostile_executors_do_in_threads_does_not_stop_their_worker(
    backend: Backend, tmp_path: Path
) -> None:
    runs = begun(backend, IN_THREADS)
    with at_the_job("--db", "runfox.db", cwd=tmp_path) as worker:
        until(lambda: ended(runs))
        family = psutil.Process(worker.pid).children(recursive=True)
        assert not [one for one in family if at_work(one.pid)]
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(SECONDS) == 0
    check(backend, IN_THREADS, runs)


def test_a_crash_in_a_thread_costs_its_worker_and_in_the_end_the_step(
    backend: Backend, tmp_path: Path
) -> None:
    run = begin(backend, hostile("segfault"))
    words = ("--db", "runfox.db", "--max-deliveries", "2", "--until-idle")
    codes = []
    for _ in range(3):
        with at_the_job(*words, cwd=tmp_path) as worker:
            codes.append(worker.wait(SECONDS))
    error = backend.load(run.id).error
    assert error is not None
    assert error["type"] == "LeaseLost"
    assert codes == [-signal.SIGSEGV, -signal.SIGSEGV, 0]
    assert (tmp_path / "began").read_text() == "xx"


@pytest.mark.parametrize("mode", ["thread", "process"])
def test_a_success_that_comes_after_its_lease_has_run_out_changes_nothing(
    backend: Backend, tmp_path: Path, mode: str
) -> None:
    run = begin(backend, hostile("slow"))
    words = ("--db", "runfox.db", "--lease", "1s", "--mode", mode)
    with at_the_job(*words, cwd=tmp_path) as first:
        until((tmp_path / "began").exists)
        first.send_signal(signal.SIGSTOP)
        with at_the_job(*words, cwd=tmp_path) as second:
            until(lambda: (tmp_path / "began").read_text() == "xx")
            (tmp_path / "go").touch()
            until(lambda: run.status.ended)
            history = backend.history(run.id)
            first.send_signal(signal.SIGCONT)
            first.send_signal(signal.SIGTERM)
            assert first.wait(SECONDS) == 0
            second.send_signal(signal.SIGTERM)
            assert second.wait(SECONDS) == 0
    assert run.status is WorkflowStatus.COMPLETE
    assert backend.history(run.id) == history
    assert backend.list_pending_jobs() == []
