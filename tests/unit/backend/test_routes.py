"""A queue apart from the store may be down: then jobs wait, and nothing else does."""

from datetime import timedelta

import runfox
from runfox.backend import InMemoryStore
from runfox.worker import Worker


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
