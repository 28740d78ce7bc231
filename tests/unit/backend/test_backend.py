"""The shell: ids, inputs, what is told to whom."""

import logging
from itertools import pairwise

import pytest

import runfox
from runfox.backend.ids import execution_id, new_execution_id
from runfox.errors import (
    ExecutionExists,
    ExecutionNotFound,
    InputsInvalid,
    InvalidId,
    RequestError,
    StoreUnavailable,
)
from tests.contract.text_store import TextStore

SPEC = {"name": "s", "steps": [{"id": "a"}], "outputs": {"v": {"var": "state.v"}}}
OTHER = {"name": "other", "steps": [{"id": "a"}]}


@pytest.fixture
def backend():
    return runfox.Backend(executor=lambda fn, inputs: {"v": 1})


def create(backend, spec=SPEC, **options):
    return runfox.Workflow.from_dict(spec, backend, **options)


def test_creating_twice_with_the_same_id_spec_and_inputs_returns_the_first(backend):
    first = create(backend, execution_id="order-7", inputs={"n": 1})
    first.run()
    again = create(backend, execution_id="order-7", inputs={"n": 1})
    assert again.id == first.id
    assert again.status == runfox.WorkflowStatus.COMPLETE


@pytest.mark.parametrize(
    ("spec", "inputs", "difference"),
    [(OTHER, {"n": 1}, "another spec"), (SPEC, {}, "other inputs")],
)
def test_an_id_that_is_taken_by_something_else_is_an_error(backend, spec, inputs, difference):
    create(backend, execution_id="order-7", inputs={"n": 1})
    with pytest.raises(ExecutionExists, match=difference):
        create(backend, spec, execution_id="order-7", inputs=inputs)


@pytest.mark.parametrize("bad", ["", "a b", "x" * 129, "../x", "a'; --", "#", "a#", "\ud800", "é"])
def test_an_id_outside_the_grammar_gets_no_further(backend, bad):
    with pytest.raises(InvalidId, match="must match"):
        create(backend, execution_id=bad)
    with pytest.raises(InvalidId):
        backend.load(bad)


def test_ids_of_the_same_moment_never_meet(backend):
    now = backend.store.now()
    assert len({new_execution_id(now) for _ in range(10_000)}) == 10_000


def test_both_forms_of_an_id_find_an_execution_and_a_wrong_workflow_does_not(backend):
    workflow = create(backend)
    short = execution_id(workflow.id)
    assert backend.load(short) is backend.load(workflow.id)
    with pytest.raises(ExecutionNotFound):
        backend.load(f"{'0' * 32}#{short}")


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ([1], "must be a dict"),
        ({"a": {1}}, "inputs\\['a'\\]: set"),
        ({"a": "x" * 300_000}, "max_inputs"),
        ({1: 2}, "no string"),
    ],
)
def test_inputs_that_cannot_be_stored_make_no_execution(backend, inputs, reason):
    with pytest.raises(InputsInvalid, match=reason):
        create(backend, inputs=inputs)
    assert backend.executions() == []


def test_state_changes_are_told_once_each_after_the_commit():
    told = []

    def on_change(key, before, after):
        assert dict(backend.load(key).state) != {} or after == {}
        told.append((before, after))

    steps = [{"id": "a"}, {"id": "b", "depends_on": ["a"]}, {"id": "c", "depends_on": ["b"]}]
    values = iter([{"v": 1}, {"v": 1}, {"v": 2}])
    backend = runfox.Backend(executor=lambda fn, inputs: next(values), on_state_change=on_change)
    create(backend, {"name": "s", "steps": steps}).run()
    assert told == [({}, {"v": 1}), ({"v": 1}, {"v": 2})]


def test_a_callback_that_raises_harms_nobody(caplog):
    def broken(*_):
        raise RuntimeError("oh")

    backend = runfox.Backend(executor=lambda fn, inputs: {"v": 1}, on_state_change=broken)
    with caplog.at_level(logging.ERROR, logger="runfox"):
        assert create(backend).run() == runfox.Complete({"v": 1})
    assert "an observer failed" in caplog.text


def test_a_callers_own_queue_needs_dispatch_alone():
    class Own:
        def __init__(self):
            self.sent = []

        def dispatch(self, workflow_execution_id, jobs):
            self.sent += [(workflow_execution_id, job.step_id, job.run_id) for job in jobs]

    queue = Own()
    backend = runfox.Backend(runner=queue)
    workflow = create(backend)
    workflow.advance()
    assert queue.sent == [(workflow.id, "a", 0)]
    workflow.on_step_result("a", {"v": 3}, run_id=0)
    assert workflow.advance() == runfox.Complete({"v": 3})
    assert backend.take_pending_jobs() == []


def test_of_all_that_a_queue_tells_of_a_job_one_gets_it(backend):
    workflow = create(backend)
    [job] = workflow.advance().jobs
    assert backend.claim(workflow.id, "a", job.run_id + 1) is None
    claimed = backend.claim(workflow.id, "a", job.run_id)
    assert (claimed.step_id, claimed.run_id, claimed.inputs) == ("a", job.run_id, job.inputs)
    assert backend.claim(workflow.id, "a", job.run_id) is None
    workflow.on_step_result("a", {"v": 3}, run_id=job.run_id)
    assert backend.claim(workflow.id, "a", job.run_id) is None


def test_the_record_at_every_revision_is_what_it_was(backend):
    workflow = create(backend)
    seen = [backend.load(workflow.id)]
    backend.observers.append(lambda before, transition: seen.append(transition.record))
    workflow.run()
    for record in seen:
        then = backend.record_at(workflow.id, record.revision)
        assert (then.status, dict(then.steps), dict(then.state)) == (
            record.status,
            dict(record.steps),
            dict(record.state),
        )
    assert all(b.revision == a.revision + 1 for a, b in pairwise(seen))
    with pytest.raises(RequestError, match="there are 1 to"):
        backend.record_at(workflow.id, 99)


def test_two_runs_on_one_runner_never_mix():
    runner = runfox.InProcessRunner()
    backend = runfox.Backend(runner=runner)
    worker = runfox.InProcessWorker(runner, lambda fn, inputs: {"v": inputs["n"]})
    spec = {**SPEC, "steps": [{"id": "a", "input": {"n": {"var": "input.n"}}}]}
    one, two = (create(backend, spec, inputs={"n": n}) for n in (1, 2))
    one.advance()
    two.advance()
    assert two.run(worker) == runfox.Complete({"v": 2})
    assert one.run(worker) == runfox.Complete({"v": 1})


@pytest.mark.parametrize("concurrency", [1, 2])
def test_a_run_that_was_interrupted_goes_on_when_called_again(concurrency):
    calls = []

    def interrupted(fn, inputs):
        calls.append(fn)
        if len(calls) == 1 and concurrency == 1:
            raise KeyboardInterrupt
        return {"v": len(calls)}

    runner = runfox.InProcessRunner()
    backend = runfox.Backend(runner=runner)
    worker = runfox.InProcessWorker(runner, interrupted, concurrency=concurrency)
    workflow = create(backend)
    if concurrency == 1:
        with pytest.raises(KeyboardInterrupt):
            workflow.run(worker)
    else:
        original, backend.store.commit = backend.store.commit, _unavailable_after(backend.store, 1)
        with pytest.raises(StoreUnavailable):
            workflow.run(worker)
        backend.store.commit = original
    assert workflow.run(worker) == runfox.Complete({"v": 2})


def _unavailable_after(store, count):
    commit = store.commit
    left = [count]

    def failing(given):
        left[0] -= 1
        if left[0] < 0:
            raise StoreUnavailable("gone")
        return commit(given)

    return failing


def test_a_queue_beside_a_store_that_keeps_no_jobs_forgets_what_was_answered(tmp_path):
    queue = runfox.SqliteRunner(tmp_path / "queue.db")
    backend = runfox.Backend(TextStore(tmp_path), queue)
    assert not backend.route.kept
    workflow = create(backend)
    workflow.advance()
    [job] = queue.take_pending_jobs()
    queue.submit_work_result(workflow.id, "a", {"v": 4}, job.run_id)
    assert workflow.advance() == runfox.Complete({"v": 4})
    assert queue.gather(workflow.id) == []
    assert queue.ledger.newest(workflow.id, "a") is None
    queue.close()
