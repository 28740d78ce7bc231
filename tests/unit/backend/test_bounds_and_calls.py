"""Limits, caches and calls by name hold over all executions of a store, whoever drives them."""

import threading
import time
from functools import partial

import pytest

from runfox import Backend, Cancelled, Complete, Failed, Pending, SqliteStore, Workflow, spec
from runfox.backend.protocols import Query
from runfox.errors import VerbRefused

ONE = {"name": "one", "steps": [{"id": "a", "limit": {"key": "k", "max": 2}}]}
WAITING = [{"id": "a", "wait": {"signal": "x"}}]


class Crowd:
    """An executor that knows how many are in it at once."""

    def __init__(self):
        self.lock = threading.Lock()
        self.inside = self.most = self.calls = 0

    def __call__(self, fn, inputs):
        with self.lock:
            self.calls += 1
            self.inside += 1
            self.most = max(self.most, self.inside)
        time.sleep(0.005)
        with self.lock:
            self.inside -= 1
        return {"v": self.calls}


@pytest.fixture
def crowd():
    return Crowd()


@pytest.fixture(params=["memory", "sqlite"])
def backend(request, tmp_path, crowd):
    if request.param == "memory":
        yield Backend(executor=crowd)
    else:
        store = SqliteStore(tmp_path / "x.db")
        yield Backend(store, executor=crowd)
        store.close()


def together(workflows):
    threads = [threading.Thread(target=workflow.run) for workflow in workflows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return {str(workflow.status) for workflow in workflows}


def test_a_limit_of_a_step_holds_over_runs_that_others_drive(backend, crowd):
    assert together([Workflow.from_dict(ONE, backend) for _ in range(8)]) == {"complete"}
    assert crowd.most <= 2


def test_a_limit_of_a_file_holds_for_whole_runs(backend, crowd):
    flow = {
        "name": "whole",
        "limit": {"max": 1},
        "steps": [{"id": "a"}, {"id": "b", "depends_on": ["a"]}],
    }
    assert together([Workflow.from_dict(flow, backend) for _ in range(5)]) == {"complete"}
    assert crowd.most == 1


def test_a_rate_lets_so_many_begin_in_a_time(backend, crowd):
    each = {"items": [1, 2, 3, 4, 5]}
    flow = {
        "name": "rate",
        "steps": [{"id": "a", "foreach": each, "limit": {"rate": "3/200ms"}}],
    }
    workflow = Workflow.from_dict(flow, backend)
    assert len(workflow.advance().jobs) == 3
    assert "waits for a place in the limit" in workflow.explain()["a[3]"]
    assert workflow.run() == Complete({})
    assert crowd.calls == 5


@pytest.mark.parametrize(("full", "ends"), [("skip", Cancelled), ("fail", Failed)])
def test_a_run_without_a_place_does_as_its_file_says(backend, full, ends):
    flow = {"name": full, "limit": {"max": 1, "full": full}, "steps": WAITING}
    first, second = (Workflow.from_dict(flow, backend) for _ in range(2))
    first.advance()
    assert isinstance(second.advance(), ends)
    first.cancel()
    assert isinstance(Workflow.from_dict(flow, backend).advance(), Pending)


def test_a_run_that_replaces_makes_the_one_before_it_make_way(backend):
    flow = {"name": "newest", "limit": {"max": 1, "full": "replace"}, "steps": WAITING}
    first, second = (Workflow.from_dict(flow, backend) for _ in range(2))
    first.advance()
    assert isinstance(second.advance(), Pending)
    assert second.explain() == {
        "": f"waits for a place in the limit 'newest', held by {first.id.rpartition('#')[2]}",
        "a": "ready; the next advance dispatches it",
    }
    assert isinstance(first.advance(), Cancelled)
    second.advance()
    assert second.explain() == {"a": "waits for the signal 'x'"}


def test_a_step_without_a_place_is_skipped_or_fails_where_it_should(backend):
    def flow(full):
        limit = {"key": "z", "max": 1, "full": full}
        return {"name": full, "steps": [{**WAITING[0], "limit": limit}]}

    Workflow.from_dict(flow("wait"), backend).advance()
    assert Workflow.from_dict(flow("skip"), backend).advance() == Complete({})
    failed = Workflow.from_dict(flow("fail"), backend).advance()
    assert failed.error["type"] == "LimitFull"


def test_a_paused_run_gets_its_place_when_it_is_resumed(backend):
    flow = {"name": "p", "steps": [{**WAITING[0], "limit": {"key": "y", "max": 1}}]}
    first, second = (Workflow.from_dict(flow, backend) for _ in range(2))
    first.advance()
    second.advance()
    second.pause()
    first.cancel()
    second.unpause()
    assert second.explain() == {"a": "waits for the signal 'x'"}


def test_an_output_that_is_cached_answers_for_the_same_key(backend, crowd):
    flow = {
        "name": "cached",
        "steps": [{"id": "a", "cache": {"key": {"var": "input.k"}, "for": "1h"}}],
        "outputs": {"v": {"var": "steps.a.output.v"}},
    }
    outcomes = [
        Workflow.from_dict(flow, backend, inputs={"k": k}).run().outcome["v"] for k in (1, 1, 2, 1)
    ]
    assert outcomes == [1, 1, 2, 1]
    assert crowd.calls == 2


CALLED = {
    "name": "called",
    "inputs": {"type": "object", "required": ["n"]},
    "steps": [{"id": "s"}],
    "outputs": {"n": {"var": "input.n"}},
}


def test_a_workflow_that_is_kept_is_called_by_its_name(backend):
    backend.keep(spec.from_data(CALLED))
    flow = {
        "name": "caller",
        "steps": [{"id": "x", "call": "called", "input": {"n": 7}}],
        "outputs": {"n": {"var": "steps.x.output.n"}},
    }
    workflow = Workflow.from_dict(flow, backend)
    assert workflow.run() == Complete({"n": 7})
    [child] = backend.executions(Query(parent=workflow.id.rpartition("#")[2]))
    assert (child.name, str(child.status)) == ("called", "complete")


def test_a_call_that_cannot_begin_fails_its_step(backend):
    backend.keep(spec.from_data(CALLED))
    flow = {
        "name": "caller",
        "steps": [
            {"id": "bad", "call": "called"},
            {"id": "none", "depends_on": [{"bad": "failed"}], "call": "nobody"},
            {"id": "end", "depends_on": [{"none": "failed"}]},
        ],
        "outputs": {"bad": {"var": "steps.bad.error"}, "none": {"var": "steps.none.error"}},
    }
    outcome = Workflow.from_dict(flow, backend).run().outcome
    assert outcome["bad"]["type"] == outcome["none"]["type"] == "ChildFailed"
    assert "'n' is a required property" in outcome["bad"]["message"]
    assert "no workflow is called 'nobody'" in outcome["none"]["message"]


def test_a_cancel_reaches_what_the_run_had_called(backend):
    flow = {
        "name": "caller",
        "workflows": {"inner": {"steps": WAITING}},
        "steps": [{"id": "x", "call": "inner"}],
    }
    workflow = Workflow.from_dict(flow, backend)
    workflow.advance()
    [child] = backend.executions(Query(parent=workflow.id.rpartition("#")[2]))
    workflow.cancel()
    assert isinstance(Workflow.resume(child.execution_id, backend).advance(), Cancelled)
    assert str(workflow.status) == "cancelled"


def test_a_retry_reaches_the_step_that_failed_inside_of_what_was_called(backend, crowd):
    broken = [True]

    def execute(fn, inputs):
        if fn == "breaks" and broken[0]:
            raise RuntimeError("still broken")
        return {}

    backend.worker.executor = execute
    flow = {
        "name": "caller",
        "workflows": {
            "inner": {"steps": [{"id": "first"}, {"id": "breaks", "depends_on": ["first"]}]}
        },
        "steps": [{"id": "x", "call": "inner"}],
    }
    workflow = Workflow.from_dict(flow, backend)
    assert isinstance(workflow.run(), Failed)
    broken[0] = False
    workflow.retry()
    assert workflow.run() == Complete({})
    [child] = backend.executions(Query(parent=workflow.id.rpartition("#")[2]))
    cells = backend.load(child.execution_id).steps
    assert (cells["first"].run_id, cells["breaks"].run_id) == (0, 1)


def test_a_run_whose_caller_knows_its_end_is_opened_again_by_way_of_that_alone(backend):
    def breaks(fn, inputs):
        raise RuntimeError("broken")

    backend.worker.executor = breaks
    flow = {
        "name": "caller",
        "workflows": {"inner": {"steps": [{"id": "a"}]}},
        "steps": [{"id": "x", "call": "inner"}],
    }
    workflow = Workflow.from_dict(flow, backend)
    assert isinstance(workflow.run(), Failed)
    [child] = backend.executions(Query(parent=workflow.id.rpartition("#")[2]))
    for verb in (backend.retry, partial(backend.rerun, step="a"), partial(backend.skip, step="a")):
        with pytest.raises(VerbRefused, match=rf"{workflow.id}.* or fork"):
            verb(child.execution_id)
    assert str(Workflow.resume(child.execution_id, backend).status) == "failed"


def test_an_explanation_names_who_has_the_job_and_who_has_the_places(backend):
    flow = {
        "name": "told",
        "steps": [
            {"id": "busy"},
            {"id": "held", "limit": {"key": "t", "max": 1}, "wait": {"signal": "x"}},
        ],
    }
    first, second = (Workflow.from_dict(flow, backend) for _ in range(2))
    first.advance()
    assert "queued for one" in first.explain()["busy"]
    backend.take_pending_jobs(1)
    assert "is with worker" in first.explain()["busy"]
    second.advance()
    holder = first.id.rpartition("#")[2]
    assert second.explain()["held"] == f"waits for a place in the limit 't', held by {holder} held"
