"""Workers alone bring on what a result starts or reports to, and what is due, while they are busy too."""

from datetime import timedelta
from threading import Event, Thread
from time import sleep

import pytest

import runfox
from runfox.connect import connect
from runfox.errors import RequestError
from runfox.worker import Worker
from runfox.worker import worker as module

LONG = 20
"""Seconds after which a test gives up."""

CALLER = {
    "name": "caller",
    "workflows": {
        "child": {
            "steps": [
                {"id": "x", "input": {"n": {"var": "input.n"}}},
                {"id": "y", "depends_on": ["x"], "input": {"n": {"var": "steps.x.output.n"}}},
            ],
            "outputs": {"n": {"var": "steps.y.output.n"}},
        }
    },
    "steps": [
        {
            "id": "many",
            "foreach": {"items": {"var": "input.list"}, "as": "item"},
            "call": "child",
            "input": {"n": {"var": "item"}},
        },
        {"id": "last", "depends_on": ["many"]},
    ],
    "outputs": {"values": {"vars": "steps.many.output[*].n"}},
}


@pytest.fixture(params=["memory", "sqlite"])
def backend(request, tmp_path):
    made = connect("memory:" if request.param == "memory" else str(tmp_path / "w.db"))
    yield made
    if request.param == "sqlite":
        made.store.close()


def begin(backend, spec, **inputs):
    flow = runfox.Workflow.from_dict(spec, backend, inputs=inputs)
    flow.advance()
    return flow


def plus_one(fn, inputs):
    return {"n": inputs.get("n", 0) + 1}


@pytest.fixture
def at_work():
    workers = []

    def start(worker):
        thread = Thread(target=worker.run)
        thread.start()
        workers.append((worker, thread))
        return worker

    yield start
    for worker, _ in workers:
        worker.stop()
    for _, thread in workers:
        thread.join(LONG)
        assert not thread.is_alive()


def ended(flow):
    found = flow.backend.wait([flow.id], timeout=timedelta(seconds=LONG))
    return found.get(flow.id)


@pytest.mark.parametrize("concurrency", [1, 3])
def test_one_worker_brings_children_and_their_caller_to_the_end(backend, concurrency):
    flow = begin(backend, CALLER, list=list(range(7)))
    Worker(backend, plus_one, concurrency=concurrency).run(until_idle=True)
    assert flow.result == runfox.Complete({"values": [n + 2 for n in range(7)]})
    assert backend.list_pending_jobs() == []


def test_what_a_result_concerns_is_moved_on_without_looking_for_it(backend, monkeypatch):
    """Were it not told, the worker would find the children and the caller only by looking at what is due."""
    flow = begin(backend, CALLER, list=[1, 2, 3])
    worker = Worker(backend, plus_one)
    monkeypatch.setattr(worker, "_move_due", lambda holding: False)
    worker.run(until_idle=True)
    assert flow.result == runfox.Complete({"values": [3, 4, 5]})


def test_a_wait_ends_with_a_worker_alone(backend, at_work):
    spec = {
        "name": "w",
        "steps": [{"id": "w", "wait": {"for": "300ms"}}, {"id": "a", "depends_on": ["w"]}],
    }
    flow = begin(backend, spec)
    at_work(Worker(backend, plus_one))
    assert isinstance(ended(flow), runfox.Complete)


def test_a_timer_that_a_worker_has_heard_of_is_not_slept_over(backend, monkeypatch):
    monkeypatch.setattr(module, "LOOK", 1_000.0)
    spec = {
        "name": "w",
        "steps": [
            {"id": "first"},
            {"id": "w", "depends_on": ["first"], "wait": {"for": "200ms"}},
            {"id": "a", "depends_on": ["w"]},
        ],
    }
    flow = begin(backend, spec)
    worker = Worker(
        backend, plus_one, on_job=lambda job, result: job.step_id == "a" and worker.stop()
    )
    thread = Thread(target=worker.run, daemon=True)
    thread.start()
    thread.join(LONG)
    assert not thread.is_alive()
    assert isinstance(flow.result, runfox.Complete)


def test_a_worker_that_is_busy_for_long_moves_others_on(backend, at_work):
    go, began = Event(), Event()

    def executor(fn, inputs):
        if fn == "long":
            began.set()
            go.wait(LONG)
        return {}

    long = begin(backend, {"name": "l", "steps": [{"id": "long"}]})
    at_work(Worker(backend, executor, concurrency=2))
    assert began.wait(LONG)
    waits = begin(
        backend,
        {
            "name": "w",
            "steps": [{"id": "w", "wait": {"for": "100ms"}}, {"id": "a", "depends_on": ["w"]}],
        },
    )
    assert isinstance(ended(waits), runfox.Complete)
    assert long.status == runfox.WorkflowStatus.IN_PROGRESS
    go.set()
    assert isinstance(ended(long), runfox.Complete)


def test_a_worker_takes_of_its_queues_alone(backend):
    spec = {
        "name": "q",
        "steps": [
            {"id": "a"},
            {"id": "g1", "fn": "g", "queue": "gpu", "depends_on": ["a"]},
            {"id": "b", "depends_on": ["a"]},
            {"id": "g2", "fn": "g", "queue": "gpu", "depends_on": ["g1"]},
        ],
    }
    flow = begin(backend, spec)
    calls = []

    def by(name):
        return lambda fn, inputs, context: calls.append((name, context.step_id)) or {}

    gpu = Worker(backend, by("gpu"), queues=["gpu"])
    plain = Worker(backend, by("plain"), queues=[""])
    gpu.run(until_idle=True)
    assert calls == []
    plain.run(until_idle=True)
    assert calls == [("plain", "a"), ("plain", "b")]
    gpu.run(until_idle=True)
    assert calls[2:] == [("gpu", "g1"), ("gpu", "g2")]
    assert isinstance(flow.result, runfox.Complete)


def test_a_name_in_place_of_a_list_of_queues_is_refused(backend):
    with pytest.raises(RequestError, match=r"write \['gpu'\]"):
        Worker(backend, plus_one, queues="gpu")


def test_a_worker_gives_its_executor_secrets(backend):
    spec = {
        "name": "s",
        "steps": [{"id": "a", "input": {"token": {"secret": "token"}}}],
        "outputs": {"said": {"var": "steps.a.output.said"}},
    }
    flow = begin(backend, spec)
    secrets = {"token": "hush-hush"}.__getitem__
    told = []
    Worker(
        backend,
        lambda fn, inputs: {"said": inputs["token"]},
        secrets=secrets,
        on_job=lambda job, result: told.append((job, result)),
    ).run(until_idle=True)
    assert flow.outcome == {"said": "***"}
    assert "hush" not in str(told)


def test_a_job_of_a_run_that_was_paused_is_executed_and_nothing_follows(backend):
    flow = begin(backend, {"name": "p", "steps": [{"id": "a"}, {"id": "b", "depends_on": ["a"]}]})
    flow.pause()
    calls = []
    worker = Worker(backend, lambda fn, inputs: calls.append(fn) or {})
    worker.run(until_idle=True)
    assert calls == ["a"]
    assert flow.step_statuses["a"] == runfox.StepStatus.COMPLETE
    flow.unpause()
    worker.run(until_idle=True)
    assert calls == ["a", "b"]


def test_an_attempt_that_takes_too_long_leaves_its_place_to_the_next(backend):
    go = Event()

    def slow(fn, inputs, context):
        if context.attempt == 1:
            go.wait(LONG)
        return {}

    spec = {"name": "t", "steps": [{"id": "a", "timeout": "150ms", "max_attempts": 2}]}
    flow = begin(backend, spec)
    Worker(backend, slow, mode="thread").run(until_idle=True)
    go.set()
    assert isinstance(flow.result, runfox.Complete)


def test_an_executor_hears_that_its_run_was_cancelled_elsewhere(backend, at_work):
    began, told = Event(), Event()

    def stubborn(fn, inputs, context):
        began.set()
        while not context.withdrawn():
            sleep(0.01)
        told.set()
        return {}

    if backend.runner.ledger.leased:
        backend.lease = timedelta(seconds=1)  # a beat is a third of it
    flow = begin(backend, {"name": "c", "steps": [{"id": "a"}]})
    at_work(Worker(backend, stubborn, mode="thread"))
    assert began.wait(LONG)
    flow.cancel()
    assert told.wait(LONG)


def test_jobs_wait_no_longer_than_they_may_though_the_only_worker_is_of_another_queue(
    backend, at_work
):
    spec = {"name": "q", "steps": [{"id": "a", "queue": "gpu", "timeout": {"queue": "100ms"}}]}
    flow = begin(backend, spec)
    at_work(Worker(backend, plus_one, queues=[""]))
    over = ended(flow)
    assert isinstance(over, runfox.Failed)
    assert over.error["type"] == "Timeout"
