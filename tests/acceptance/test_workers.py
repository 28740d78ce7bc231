"""Workers, drivers and sweeps as an operator runs them: real processes, and the signals that end them."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from runfox import Workflow, WorkflowStatus
from runfox.backend import Backend
from runfox.connect import connect
from tests.acceptance.cli_process import SECONDS, runfox, started

HANDLERS = """
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

def held(name):
    Path(name + ".began").touch()
    while not Path(name + ".go").exists():
        sleep(0.01)
    return {"name": name}

def busy(seconds):
    until = monotonic() + seconds
    with Path("busy.began").open("a") as log:
        log.write("x")
    while monotonic() < until:
        pass
    return {}

def with_grandchild():
    code = "import subprocess, sys; print(subprocess.Popen(['sleep', '600']).pid, flush=True); input()"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    Path("pids.new").write_text(f"{child.pid} {child.stdout.readline().decode()}")
    Path("pids.new").rename("pids")
    sleep(600)

def quick():
    return {}
"""

HELD = {"name": "held", "steps": [{"id": "held", "input": {"name": {"var": "input.name"}}}]}


def until(true: Callable[[], object]) -> None:
    """Wait for something that comes sooner or later."""
    last = monotonic() + SECONDS
    while not true():
        assert monotonic() < last, "it never came"
        sleep(0.02)


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[Backend]:
    (tmp_path / "handlers.py").write_text(HANDLERS)
    backend = connect(str(tmp_path / "runfox.db"))
    yield backend
    backend.store.close()


def begin(backend: Backend, spec: dict, **inputs: object) -> Workflow:
    run = Workflow.from_dict(spec, backend, inputs=inputs)
    run.advance()
    return run


def two_held(backend: Backend) -> tuple[Workflow, Workflow]:
    return begin(backend, HELD, name="one"), begin(backend, HELD, name="two")


def test_a_worker_that_is_told_to_end_finishes_what_it_has_and_takes_no_more(
    backend: Backend, tmp_path: Path
) -> None:
    one, two = two_held(backend)
    with started("worker", "--db", "runfox.db", cwd=tmp_path) as worker:
        until((tmp_path / "one.began").exists)
        worker.process.send_signal(signal.SIGTERM)
        (tmp_path / "one.go").touch()
        (tmp_path / "two.go").touch()
        ended = worker.end()
    assert ended.code == 0, ended.err
    assert "worker stopped" in ended.err
    assert one.status is WorkflowStatus.COMPLETE
    assert not (tmp_path / "two.began").exists()
    assert [job.workflow_execution_id for job in backend.list_pending_jobs()] == [two.id]


def test_a_worker_that_is_told_twice_gives_back_what_it_has(
    backend: Backend, tmp_path: Path
) -> None:
    begin(backend, HELD, name="one")
    with started("worker", "--db", "runfox.db", cwd=tmp_path) as worker:
        until((tmp_path / "one.began").exists)
        worker.process.send_signal(signal.SIGTERM)
        worker.process.send_signal(signal.SIGINT)
        ended = worker.end()
    assert ended.code == 0, ended.err
    [job] = backend.take_pending_jobs()
    assert (job.step_id, job.delivery) == ("held", 1)


def test_an_executor_that_lets_nothing_else_run_does_not_cost_its_worker_the_lease(
    backend: Backend, tmp_path: Path
) -> None:
    spec = {"name": "b", "steps": [{"id": "busy", "input": {"seconds": 7}}]}
    run = begin(backend, spec)
    words = ("worker", "--db", "runfox.db", "--lease", "3s")
    with started(*words, cwd=tmp_path) as first:
        until((tmp_path / "busy.began").exists)
        with started(*words, cwd=tmp_path) as second:
            until(lambda: run.status.ended)
            second.end(signal.SIGTERM)
        first.end(signal.SIGTERM)
    assert (tmp_path / "busy.began").read_text() == "x"
    assert run.status is WorkflowStatus.COMPLETE


def test_a_step_past_its_time_is_ended_with_all_that_it_has_started(
    backend: Backend, tmp_path: Path
) -> None:
    step = {"id": "with_grandchild", "timeout": "10s"}
    run = begin(backend, {"name": "g", "steps": [step]})
    words = ("worker", "--db", "runfox.db", "--mode", "process")
    with started(*words, cwd=tmp_path) as worker:
        until((tmp_path / "pids").exists)
        pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
        until(lambda: run.status.ended)
        assert worker.end(signal.SIGTERM).code == 0
    error = backend.load(run.id).error
    assert error is not None
    assert error["type"] == "Timeout"
    assert len(pids) == 2
    until(lambda: not any(map(at_work, pids)))


def test_a_service_manager_that_tells_all_processes_to_end_does_not_cost_a_step(
    backend: Backend, tmp_path: Path
) -> None:
    run = begin(backend, HELD, name="one")
    with started("worker", "--db", "runfox.db", "--mode", "process", cwd=tmp_path) as worker:
        until((tmp_path / "one.began").exists)
        for process in psutil.Process(worker.process.pid).children(recursive=True):
            process.terminate()
        worker.process.send_signal(signal.SIGTERM)
        (tmp_path / "one.go").touch()
        assert worker.end().code == 0
    assert run.status is WorkflowStatus.COMPLETE
    assert backend.load(run.id).steps["held"].attempt == 1


def at_work(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_driver_applies_what_workers_submit_and_ends_when_it_is_told_to(
    backend: Backend, tmp_path: Path
) -> None:
    run = begin(backend, {"name": "d", "steps": [{"id": "a"}, {"id": "b", "depends_on": ["a"]}]})
    with started("drive", "--db", "runfox.db", cwd=tmp_path) as driver:
        for _ in range(2):
            until(backend.list_pending_jobs)
            [job] = backend.take_pending_jobs()
            backend.submit_work_result(job.workflow_execution_id, job.step_id, {}, job.run_id)
        until(lambda: run.status.ended)
        assert "driver" in {row.role for row in backend.queue.ledger.workers()}
        assert driver.end(signal.SIGTERM).code == 0
    assert run.status is WorkflowStatus.COMPLETE


def test_a_sweep_takes_back_what_a_killed_worker_held(backend: Backend, tmp_path: Path) -> None:
    begin(backend, HELD, name="one")
    with started("worker", "--db", "runfox.db", cwd=tmp_path) as worker:
        until((tmp_path / "one.began").exists)
        worker.process.kill()
        worker.process.wait()
    swept = runfox("sweep", "--once", "-o", "json", "--db", "runfox.db", cwd=tmp_path).json
    assert swept["reclaimed"] == 1
    again = runfox("sweep", "--once", "--db", "runfox.db", cwd=tmp_path).out
    assert (
        again
        == "0 jobs of dead workers, 0 past their time, 0 announced again; 0 executions moved on\n"
    )
    assert len(backend.list_pending_jobs()) == 1


def test_a_job_that_kills_its_workers_is_given_to_so_many_and_no_more(
    backend: Backend, tmp_path: Path
) -> None:
    run = begin(backend, HELD, name="one")
    words = ("worker", "--db", "runfox.db", "--max-deliveries", "2")
    for _ in range(2):
        with started(*words, cwd=tmp_path) as worker:
            until((tmp_path / "one.began").exists)
            worker.process.kill()
            worker.process.wait()
        (tmp_path / "one.began").unlink()
    runfox(*words, "--until-idle", cwd=tmp_path)
    error = backend.load(run.id).error
    assert error is not None
    assert error["type"] == "LeaseLost"
    assert not (tmp_path / "one.began").exists()


def test_dev_keeps_works_and_ends_all_of_it_on_one_signal(tmp_path: Path) -> None:
    (tmp_path / "handlers.py").write_text(HANDLERS)
    (tmp_path / "held.yaml").write_text(
        "name: held\nsteps: [{id: held, input: {name: {var: input.name}}}]\n"
    )
    (tmp_path / "often.yaml").write_text(
        "name: often\nschedule: {every: 1s}\nsteps: [{id: quick}]\n"
    )
    with started("dev", "held.yaml", "often.yaml", cwd=tmp_path) as dev:
        dev.wait_for("runfox start often, and by its schedule")
        started_one = runfox("start", "held", "-i", "name=one", "-o", "json", cwd=tmp_path)
        until((tmp_path / "one.began").exists)
        backend = connect(str(tmp_path / "runfox.db"))
        until(lambda: len(backend.executions()) > 1)
        dev.process.send_signal(signal.SIGINT)
        (tmp_path / "one.go").touch()
        ended = dev.end()
    assert ended.code == 0, ended.err
    assert "dev stopped" in ended.err
    assert backend.load(started_one.json["id"]).status is WorkflowStatus.COMPLETE
    backend.store.close()
