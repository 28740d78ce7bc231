"""A driver keeps to the time that steps have, starts no more than it can, and hears of others while it is busy."""

from datetime import timedelta
from threading import Event, Thread
from time import monotonic, sleep

import pytest

import runfox
from runfox.backend import InProcessWorker, codec, driver
from runfox.backend.ids import execution_id
from runfox.backend.protocols import Ask, Query, Taker
from runfox.connect import connect

LONG = 20


@pytest.fixture(params=["memory", "sqlite"])
def backend(request, tmp_path):
    made = connect("memory:" if request.param == "memory" else str(tmp_path / "d.db"))
    yield made
    if request.param == "sqlite":
        made.store.close()


def workflow(backend, *steps, **more):
    return runfox.Workflow.from_dict({"name": "w", "steps": list(steps), **more}, backend)


def execute(backend, flow, executor, **options):
    return flow.run(InProcessWorker(backend.runner, executor, **options))


def test_an_attempt_that_takes_too_long_is_tried_again(backend):
    go = Event()

    def slow(fn, inputs, context):
        if context.attempt == 1:
            go.wait(LONG)
        return {"attempt": context.attempt}

    step = {"id": "a", "timeout": "200ms", "max_attempts": 2}
    flow = workflow(backend, step, outputs={"attempt": {"var": "steps.a.output.attempt"}})
    assert execute(backend, flow, slow, mode="thread") == runfox.Complete({"attempt": 2})
    go.set()


def test_a_run_whose_last_attempt_takes_too_long_fails_with_timeout(backend):
    go = Event()
    flow = workflow(backend, {"id": "a", "timeout": "100ms"})
    ended = execute(backend, flow, lambda fn, inputs: go.wait(LONG), mode="thread")
    go.set()
    assert isinstance(ended, runfox.Failed)
    assert ended.error["type"] == "Timeout"


def test_the_time_of_a_step_that_waits_for_a_place_does_not_run(backend):
    steps = [{"id": f"s{n}", "fn": "s", "timeout": "500ms"} for n in range(12)]
    flow = workflow(backend, *steps, outputs={"values": {"vars": "steps[*].output.n"}})
    ended = execute(backend, flow, lambda fn, inputs: sleep(0.1) or {"n": 1}, concurrency=2)
    assert ended == runfox.Complete({"values": [1] * 12})


def test_a_step_that_takes_long_does_not_keep_the_other_place_empty(backend):
    others = []

    def executor(fn, inputs):
        if fn == "long":
            until = monotonic() + LONG
            while len(others) < 7 and monotonic() < until:
                sleep(0.01)
            return {"others": len(others)}
        others.append(1)
        return {}

    steps = [{"id": "long", "timeout": "60s"}]
    steps += [{"id": f"s{n}", "fn": "s", "timeout": "60s"} for n in range(7)]
    flow = workflow(backend, *steps, outputs={"others": {"var": "steps.long.output.others"}})
    assert execute(backend, flow, executor, concurrency=2) == runfox.Complete({"others": 7})


def test_a_heartbeat_that_is_missed_fails_the_attempt(backend):
    def silent(fn, inputs, context):
        if context.attempt == 2:
            for _ in range(15):
                sleep(0.1)
                context.beat()
            return {}
        return sleep(5)

    step = {"id": "a", "timeout": {"heartbeat": "1s"}, "max_attempts": 2}
    flow = workflow(backend, step)
    assert isinstance(execute(backend, flow, silent, mode="thread"), runfox.Complete)
    facts = [type(f).__name__ for row in backend.history(flow.id) for f in codec.facts(row)]
    assert "ResultIgnored" not in facts


def test_a_job_that_nobody_takes_in_time_fails_though_a_driver_only_waits(backend):
    flow = workflow(backend, {"id": "a", "timeout": {"queue": "100ms"}})
    ended = driver.follow_for(backend, flow.id, LONG)
    assert isinstance(ended, runfox.Failed)
    assert "in the queue" in ended.error["message"]


def test_what_a_join_does_not_wait_for_is_told_or_never_begun(backend):
    told, calls = Event(), []

    def executor(fn, inputs, context):
        calls.append(fn)
        if fn == "slow":
            while not context.withdrawn():
                sleep(0.01)
            told.set()
        elif fn == "late":
            told.wait(LONG)
        return {}

    backend.lease = timedelta(seconds=600)  # so that no beat tells it
    flow = workflow(
        backend,
        {"id": "slow"},
        {"id": "fast"},
        *({"id": f"late{n}", "fn": "late"} for n in range(3)),
        {
            "id": "join",
            "depends_on": ["slow", "fast", "late0", "late1", "late2"],
            "join": {"need": 1, "rest": "cancel"},
        },
        {"id": "last", "depends_on": ["join"]},
    )
    ended = execute(backend, flow, executor, concurrency=2)
    assert isinstance(ended, runfox.Complete)
    assert told.is_set()
    assert calls.count("late") <= 1


def test_a_run_that_was_cancelled_elsewhere_ends_while_its_steps_are_executed(backend):
    began, left = Event(), Event()

    def stubborn(fn, inputs, context):
        began.set()
        while not context.withdrawn():
            sleep(0.01)
        left.set()
        return {}

    flow = workflow(backend, {"id": "a"})
    ended = []
    thread = Thread(target=lambda: ended.append(execute(backend, flow, stubborn, mode="thread")))
    thread.start()
    assert began.wait(LONG)
    flow.cancel()
    thread.join(LONG)
    assert ended == [runfox.Cancelled()]
    assert left.wait(LONG)


def test_a_busy_driver_hears_of_what_others_did_for_a_child(backend):
    """The steps of the caller follow one on the other without a pause, so nothing else is ever waited for."""
    spec = {
        "name": "caller",
        "workflows": {"child": {"steps": [{"id": "x"}]}},
        "steps": [
            {"id": "child", "call": "child"},
            {
                "id": "loop",
                "input": {"child": {"var": "steps.child.status"}},
                "branch": [
                    {"condition": {"var": "over"}, "action": "complete"},
                    {"action": {"set": "loop"}},
                ],
            },
        ],
    }
    flow = runfox.Workflow.from_dict(spec, backend)
    flow.advance()
    [child] = backend.executions(Query(parent=execution_id(flow.id)))
    elsewhere = Taker("w-elsewhere", timedelta(seconds=600))
    [job] = backend.runner.ledger.take(Ask(elsewhere, 1, child.execution_id))
    until = monotonic() + LONG
    sent = []

    def executor(fn, inputs):
        assert monotonic() < until
        sleep(0.02)
        if not sent:
            backend.submit_work_result(job.workflow_execution_id, "x", {}, job.run_id)
            sent.append(1)
        return {"over": inputs["child"] == "complete"}

    assert isinstance(execute(backend, flow, executor), runfox.Complete)


def test_secrets_reach_the_executor_and_no_history(backend):
    seen = []

    def executor(fn, inputs):
        seen.append(inputs)
        return {"header": f"Bearer {inputs['token']}"}

    flow = workflow(
        backend,
        {"id": "a", "input": {"token": {"secret": "api.key"}}},
        outputs={"header": {"var": "steps.a.output.header"}},
    )
    secrets = {"api.key": "hush-hush"}.__getitem__
    ended = execute(backend, flow, executor, secrets=secrets)
    assert seen == [{"token": "hush-hush"}]
    assert ended == runfox.Complete({"header": "Bearer ***"})
    assert "hush" not in str(backend.history(flow.id))
    assert "hush" not in str(backend.load(flow.id))


def test_a_backend_with_an_executor_takes_secrets_too():
    keep = {"k": "hush-hush"}.__getitem__
    backend = runfox.Backend(executor=lambda fn, inputs: {"n": len(inputs["k"])}, secrets=keep)
    flow = workflow(
        backend, {"id": "a", "input": {"k": {"secret": "k"}}}, outputs={"n": {"var": "state.n"}}
    )
    assert flow.run() == runfox.Complete({"n": 9})


def test_places_are_not_lost_when_many_children_begin_with_one_commit(backend):
    """What a commit hands out as taken is what the taker is told of, and no more than it has places for."""
    each = {"items": {"var": "input.list"}, "as": "item"}
    spec = {
        "name": "caller",
        "workflows": {"child": {"steps": [{"id": "x"}]}},
        "steps": [
            {"id": "own"},
            {"id": "many", "foreach": each, "call": "child"},
            {"id": "free", "foreach": each, "call": "child", "detach": True},
        ],
    }
    flow = runfox.Workflow.from_dict(spec, backend, inputs={"list": [1, 2, 3, 4]})
    source = backend.runner.ledger
    taker = Taker("w-few", None, places=3)
    decided = backend.move(flow.id, taker=taker)
    jobs = decided.transition.decision.jobs
    assert len(jobs) == 9
    run = [(one.workflow_execution_id, one.step_id, one.run_id) for one in jobs[:3]]
    assert source.beat(taker) == frozenset(run)
    assert len(source.take(Ask(Taker("w-next", None), 100))) == 6


def test_children_of_a_caller_that_has_ended_are_left_to_whoever_takes_them(backend):
    spec = {
        "name": "caller",
        "workflows": {"child": {"steps": [{"id": "x"}]}},
        "steps": [{"id": "free", "call": "child", "detach": True}],
    }
    flow = runfox.Workflow.from_dict(spec, backend)
    taker = Taker("w-ended", None)
    backend.move(flow.id, taker=taker)
    assert flow.status == runfox.WorkflowStatus.COMPLETE
    assert backend.runner.ledger.beat(taker) == frozenset()
    assert [job.step_id for job in backend.list_pending_jobs()] == ["x"]
