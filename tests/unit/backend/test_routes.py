"""A queue apart from the store may be down: then jobs wait, and nothing else does."""

from datetime import timedelta

import pytest

import runfox
from runfox.backend import InMemoryStore
from runfox.backend.sqlite import SqliteRunner
from runfox.errors import StoreUnavailable
from runfox.worker import Worker
from tests.contract.text_store import TextStore


class Down:
    """A queue of hints that cannot be reached."""

    def hint(self, hints):
        raise ConnectionError("nobody there")

    def receive(self, limit, queues=()):
        raise ConnectionError("nobody there")

    def dispatch(self, workflow_execution_id, jobs):
        raise ConnectionError("nobody there")


def test_results_are_recorded_and_timers_fire_while_a_queue_is_down():
    backend = runfox.Backend(InMemoryStore(), Down(), hold=timedelta(0))
    spec = {
        "name": "s",
        "steps": [{"id": "a"}, {"id": "w", "depends_on": ["a"], "wait": {"for": 0}}],
    }
    flow = runfox.Workflow.from_dict(spec, backend)
    flow.advance()
    backend.submit_work_result(flow.id, "a", {}, 0)
    Worker(backend, lambda fn, inputs: {}).run(until_idle=True)
    assert flow.status == runfox.WorkflowStatus.COMPLETE


def test_a_worker_outlives_a_queue_that_is_down():
    backend = runfox.Backend(InMemoryStore(), Down())
    flow = runfox.Workflow.from_dict({"name": "s", "steps": [{"id": "a"}]}, backend)
    flow.advance()
    Worker(backend, lambda fn, inputs: {}).run(until_idle=True)
    assert flow.progress["total"] == 1
    assert [job.step_id for job in backend.list_pending_jobs()] == ["a"]


def test_what_follows_is_dispatched_though_a_queue_cannot_forget_what_led_to_it(
    tmp_path, monkeypatch
):
    runner = SqliteRunner(tmp_path / "queue.db")
    backend = runfox.Backend(TextStore(tmp_path), runner)
    spec = {"name": "s", "steps": [{"id": "a"}, {"id": "b", "depends_on": ["a"]}]}
    flow = runfox.Workflow.from_dict(spec, backend)
    flow.advance()
    backend.submit_work_result(flow.id, "a", {}, 0)

    def fail(execution_id, place):
        raise StoreUnavailable("nobody there")

    with monkeypatch.context() as patched, pytest.raises(StoreUnavailable):
        patched.setattr(runner.inbox, "forget", fail)
        flow.advance()
    assert [job.step_id for job in backend.list_pending_jobs()] == ["b"]
    flow.advance()
    assert [job.step_id for job in backend.list_pending_jobs()] == ["b"]
    runner.close()
