"""How a run ended is told once, after the commit that ended it, by whoever committed it."""

import logging
from threading import Thread

import pytest

import runfox
from runfox import Cancelled, Complete, Failed, Halt, Workflow

CALLED = {
    "name": "outer",
    "steps": [{"id": "c", "call": "inner"}],
    "outputs": {"n": {"var": "steps.c.output.n"}},
    "workflows": {"inner": {"steps": [{"id": "a"}], "outputs": {"n": {"var": "steps.a.output.n"}}}},
}


class Ends(list):
    """What was told; each time the run has ended already for whoever looks."""

    backend: runfox.Backend

    def __call__(self, key, ended):
        assert Workflow.resume(key, self.backend).result == ended
        self.append((key.rpartition("#")[2], ended))


@pytest.fixture(params=["memory", "sqlite"])
def ends(request, tmp_path):
    told = Ends()
    memory = request.param == "memory"
    store = runfox.InMemoryStore() if memory else runfox.SqliteStore(tmp_path / "s.db")
    told.backend = runfox.Backend(store, on_end=told)
    yield told
    if not memory:
        store.close()


def begun(ends, *steps, **more):
    flow = {"name": "flow", "steps": list(steps) or [{"id": "a"}], **more}
    run = Workflow.from_dict(flow, ends.backend, execution_id="x1")
    run.advance()
    return run


def test_the_end_is_told_once_and_nothing_after_it(ends):
    run = begun(ends, outputs={"n": {"var": "state.n"}})
    assert ends == []
    run.on_step_result("a", {"n": 1})
    run.advance()
    assert ends == [("x1", Complete({"n": 1}))]
    run.on_step_result("a", {"n": 1})
    run.on_step_result("a", {"n": 2})
    run.on_step_error("stray", "E", "of no step")
    run.advance()
    assert len(ends) == 1


def test_a_halt_a_failure_and_a_cancel_are_ends(ends):
    halting = {"id": "a", "branch": [{"condition": True, "action": "halt", "result": 7}]}
    begun(ends, halting).on_step_result("a", {})
    failing = Workflow.from_dict({"name": "f", "steps": [{"id": "a"}]}, ends.backend)
    failing.advance()
    failing.on_step_error("a", "Broken", "it broke")
    failing.advance()
    cancelled = Workflow.from_dict({"name": "c", "steps": [{"id": "a"}]}, ends.backend)
    cancelled.cancel()
    cancelled.advance()
    failed = Failed({"type": "Broken", "message": "it broke", "step": "a"})
    assert [ended for _, ended in ends] == [Halt(7), failed, Cancelled()]


def test_a_run_that_was_reopened_is_told_of_again_when_it_ends_anew(ends):
    run = begun(ends)
    run.on_step_error("a", "Broken", "it broke")
    run.advance()
    run.retry()
    assert len(ends) == 1
    run.on_step_result("a", {})
    run.advance()
    assert [type(ended) for _, ended in ends] == [Failed, Complete]


def test_each_run_of_a_family_is_told_of(ends):
    worker = runfox.InProcessWorker(ends.backend.queue, lambda fn, inputs: {"n": 3})
    run = Workflow.from_dict(CALLED, ends.backend, execution_id="x1")
    assert run.run(worker) == Complete({"n": 3})
    assert sorted(key == "x1" for key, _ in ends) == [False, True]
    assert [ended for _, ended in ends] == [Complete({"n": 3})] * 2


def test_of_many_that_end_a_run_at_once_one_is_told(ends):
    run = begun(ends)

    def end():
        run.on_step_result("a", {})
        run.advance()

    threads = [Thread(target=end) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends == [("x1", Complete({}))]


def test_one_that_raises_harms_nobody(caplog):
    def broken(*_):
        raise RuntimeError("oh")

    backend = runfox.Backend(executor=lambda fn, inputs: {}, on_end=broken, on_state_change=broken)
    with caplog.at_level(logging.ERROR, logger="runfox"):
        run = Workflow.from_dict({"name": "f", "steps": [{"id": "a"}]}, backend)
        assert run.run() == Complete({})
    assert "an observer failed" in caplog.text
