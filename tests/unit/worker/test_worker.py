"""A worker takes, executes, submits and decides; it drains, and gives back what it cannot finish."""

from datetime import timedelta
from threading import Event, Thread
from time import sleep

import pytest

import runfox
from runfox.backend.holding import Holding
from runfox.backend.protocols import Ask, Taker
from runfox.connect import connect
from runfox.errors import RequestError, StoreCorrupt
from runfox.execution.pools import LINGER
from runfox.worker import Driver, Worker
from tests.contract.text_store import TextStore

CHAIN = {
    "name": "chain",
    "steps": [{"id": "a"}, {"id": "b", "depends_on": ["a"]}],
    "outputs": {"done": {"var": "steps.b.output.fn"}},
}


@pytest.fixture(params=["memory", "sqlite"])
def backend(request, tmp_path):
    made = connect("memory:" if request.param == "memory" else str(tmp_path / "w.db"))
    yield made
    if request.param == "sqlite":
        made.store.close()


def echo(fn, inputs):
    return {"fn": fn}


def start(backend, count=1):
    workflows = [runfox.Workflow.from_dict(CHAIN, backend) for _ in range(count)]
    for workflow in workflows:
        workflow.advance()
    return workflows


def test_workers_alone_bring_every_execution_to_its_end(backend):
    workflows = start(backend, 5)
    Worker(backend, echo, concurrency=3).run(until_idle=True)
    assert [workflow.outcome for workflow in workflows] == [{"done": "b"}] * 5


def test_a_worker_is_told_of_each_job_it_finished(backend):
    start(backend)
    told = []
    Worker(backend, echo, on_job=lambda job, result: told.append(job.step_id)).run(until_idle=True)
    assert told == ["a", "b"]


def test_a_draining_worker_finishes_what_it_has_and_takes_no_more(backend):
    [workflow] = start(backend)
    began, go = Event(), Event()

    def slow(fn, inputs):
        began.set()
        go.wait(10)
        return {"fn": fn}

    worker = Worker(backend, slow, concurrency=2)
    thread = Thread(target=worker.run)
    thread.start()
    began.wait(10)
    worker.stop()
    go.set()
    thread.join(10)
    assert not thread.is_alive()
    assert workflow.step_statuses["a"] == runfox.StepStatus.COMPLETE
    assert [job.step_id for job in backend.list_pending_jobs()] == ["b"]


def test_a_draining_worker_sleeps_though_something_has_become_due(backend, monkeypatch):
    start(backend)
    began, go, looks = Event(), Event(), []

    def slow(fn, inputs):
        began.set()
        go.wait(10)
        return {}

    finished = Holding.finished

    def counted(self, seconds):
        looks.append(seconds)
        return finished(self, seconds)

    monkeypatch.setattr(Holding, "finished", counted)
    worker = Worker(backend, slow, concurrency=2)
    thread = Thread(target=worker.run)
    thread.start()
    began.wait(10)
    worker._alarms.set("due", backend.store.now())
    worker.stop()
    sleep(0.6)
    go.set()
    thread.join(10)
    assert not thread.is_alive()
    assert len(looks) < 50


def test_jobs_that_had_not_begun_are_released_and_do_not_count_as_delivered(backend):
    workflows = start(backend, 3)

    def stopping(fn, inputs):
        worker.stop()
        worker.stop()
        sleep(2 * LINGER)  # so that the pool looks up before it begins with the next
        return {"fn": fn}

    worker = Worker(backend, stopping, concurrency=3, mode="inline")
    worker.run()
    taken = backend.runner.ledger.take(Ask(Taker("w-next", None), 10))
    assert [job.delivery for job in taken if job.step_id == "a"] == [1, 1]
    assert sum(workflow.step_statuses["a"].ended for workflow in workflows) == 1


def test_a_result_submitted_by_another_process_is_applied_by_a_worker(backend):
    [workflow] = start(backend)
    [job] = backend.take_pending_jobs()
    backend.submit_work_result(job.workflow_execution_id, job.step_id, {"fn": "else"}, job.run_id)
    Worker(backend, echo).run(until_idle=True)
    assert workflow.status == runfox.WorkflowStatus.COMPLETE


@pytest.mark.parametrize("kind", ["worker", "driver"])
def test_who_finds_nothing_due_but_what_cannot_be_read_rests(backend, monkeypatch, kind):
    [workflow] = start(backend)
    [job] = backend.take_pending_jobs()
    backend.submit_work_result(job.workflow_execution_id, job.step_id, {"fn": "else"}, job.run_id)
    due, looks = backend.store.due, []

    def damaged(execution_id, **_):
        raise StoreCorrupt(f"{execution_id} cannot be read")

    def counted(limit):
        looks.append(limit)
        assert len(looks) < 10, "it never rests"
        return due(limit)

    monkeypatch.setattr(backend.store, "load", damaged)
    monkeypatch.setattr(backend.store, "due", counted)
    other = runfox.Backend(backend.store, backend.runner)
    at_work = Worker(other, echo) if kind == "worker" else Driver(other)
    at_work.run(until_idle=True)
    assert due(1) == [workflow.id.rpartition("#")[2]]


def test_a_job_whose_result_cannot_be_recorded_is_not_executed_again_and_again(
    tmp_path, monkeypatch
):
    backend = connect(str(tmp_path / "w.db"))
    start(backend)

    def damaged(execution_id, **_):
        raise StoreCorrupt(f"{execution_id} cannot be read")

    monkeypatch.setattr(backend.store, "load", damaged)
    beat, beats, calls = backend.queue.ledger.beat, [], []

    def counted(taker):
        beats.append(taker)
        if len(beats) == 8:
            worker.stop()
        return beat(taker)

    monkeypatch.setattr(backend.queue.ledger, "beat", counted)
    other = runfox.Backend(backend.store, backend.runner, lease=timedelta(seconds=0.3))
    worker = Worker(other, lambda fn, inputs: calls.append(fn) or {})
    worker.run()
    assert calls == ["a"]
    backend.store.close()


def test_a_due_retry_is_dispatched_by_a_worker(backend):
    spec = {"name": "r", "steps": [{"id": "a", "max_attempts": 3}]}
    workflow = runfox.Workflow.from_dict(spec, backend)
    workflow.advance()
    calls = []

    def flaky(fn, inputs):
        calls.append(1)
        if len(calls) < 3:
            raise RuntimeError("again")
        return {}

    Worker(backend, flaky).run(until_idle=True)
    assert workflow.status == runfox.WorkflowStatus.COMPLETE
    assert len(calls) == 3


def test_a_runner_that_only_dispatches_has_no_worker_beside_a_store_that_keeps_no_jobs(tmp_path):
    class Own:
        def dispatch(self, workflow_execution_id, jobs):
            pass

    with pytest.raises(RequestError, match="its workers and results are its own"):
        Worker(runfox.Backend(TextStore(tmp_path), Own()), echo)
