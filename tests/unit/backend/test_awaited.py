"""What an event loop awaits of runfox never blocks it, and cancelling that loses nothing."""

import asyncio
import contextvars
import inspect
import os
import threading
from datetime import timedelta

import pytest

import runfox
from runfox import (
    AsyncBackend,
    Backend,
    Cancelled,
    Complete,
    Failed,
    InMemoryStore,
    InProcessWorker,
    Pending,
    StepStatus,
    Tokens,
    Workflow,
    WorkflowStatus,
)
from runfox.errors import SpecError, StoreUnavailable
from runfox.testing import a_spec
from runfox.worker import Worker

TWO = {
    "name": "two",
    "steps": [{"id": "a"}, {"id": "b", "depends_on": ["a"]}],
    "outputs": {"n": {"var": "state.n"}},
}
MANY = {"name": "many", "steps": [{"id": f"s{n}"} for n in range(10)]}
WAITS = {"name": "waits", "steps": [{"id": "w", "wait": {"signal": "go"}}]}
LONG = 60
"""Seconds after which a test gives up."""


class Gate:
    """A store that lets calls of a method in one by one, when a test opens it."""

    def __init__(self, store, method):
        self._store = store
        self._method = method
        self.came = threading.Semaphore(0)
        self.open = threading.Semaphore(0)
        self.shut = False

    def __getattr__(self, name):
        found = getattr(self._store, name)
        if name != self._method or not self.shut:
            return found

        def call(*args, **kwargs):
            self.came.release()
            assert self.open.acquire(timeout=LONG)
            return found(*args, **kwargs)

        return call


async def until(condition):
    """Return when a condition holds, the loop going on."""
    async with asyncio.timeout(LONG):
        while not condition():  # noqa: ASYNC110 - of what happens in threads no event tells
            await asyncio.sleep(0.001)


async def begun(gate):
    await until(lambda: gate.came.acquire(blocking=False))


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    if request.param == "memory":
        yield InMemoryStore()
    else:
        store = runfox.SqliteStore(tmp_path / "s.db")
        yield store
        store.close()


# The loop ---------------------------------------------------------------------------------------------


def test_the_loop_goes_on_while_the_store_does_not_answer():
    gate = Gate(InMemoryStore(), "commit")

    async def main():
        run = await Workflow.afrom_dict(TWO, AsyncBackend(gate))
        gate.shut = True
        advance = asyncio.create_task(run.aadvance())
        await begun(gate)  # which nothing but a loop that goes on brings about
        assert not advance.done()
        gate.open.release()
        assert [job.step_id for job in (await advance).jobs] == ["a"]

    asyncio.run(main())


def test_no_more_calls_are_under_way_than_there_are_threads():
    gate = Gate(InMemoryStore(), "commit")

    async def main():
        async with AsyncBackend(gate, threads=3) as backend:
            runs = [await Workflow.afrom_dict(TWO, backend) for _ in range(7)]
            gate.shut = True
            calls = [asyncio.create_task(run.aadvance()) for run in runs]
            for _ in range(3):
                await begun(gate)
            await asyncio.sleep(0.05)
            assert not gate.came.acquire(blocking=False)
            gate.open.release(7)
            assert len(await asyncio.gather(*calls)) == 7

    asyncio.run(main())


def test_a_call_that_has_begun_is_finished_when_its_task_is_cancelled():
    gate = Gate(InMemoryStore(), "commit")

    async def main():
        backend = AsyncBackend(gate)
        run = await Workflow.afrom_dict(TWO, backend)
        gate.shut = True
        advance = asyncio.create_task(run.aadvance())
        await begun(gate)
        advance.cancel()
        with pytest.raises(asyncio.CancelledError):
            await advance
        assert run.status == WorkflowStatus.PENDING
        gate.open.release()
        await backend.aclose()
        # As after a crash: what it dispatched is in the queue, for whoever takes it.
        assert [job.step_id for job in await backend.alist_pending_jobs()] == ["a"]
        gate.shut = False
        assert await run.aadvance() == Pending()

    asyncio.run(main())


def test_a_call_that_has_not_begun_never_happens_when_its_task_is_cancelled():
    gate = Gate(InMemoryStore(), "commit")

    async def main():
        async with AsyncBackend(gate, threads=1) as backend:
            one, other = [await Workflow.afrom_dict(TWO, backend) for _ in range(2)]
            gate.shut = True
            first = asyncio.create_task(one.aadvance())
            await begun(gate)
            second = asyncio.create_task(other.aadvance())
            await asyncio.sleep(0)
            second.cancel()
            with pytest.raises(asyncio.CancelledError):
                await second
            gate.open.release()
            await first
            gate.shut = False
            assert await other.astatus() == WorkflowStatus.PENDING

    asyncio.run(main())


def test_leaving_a_backend_waits_for_what_is_under_way_and_it_can_be_used_again():
    gate = Gate(InMemoryStore(), "commit")

    async def main():
        async with AsyncBackend(gate) as backend:
            run = await Workflow.afrom_dict(TWO, backend)
            gate.shut = True
            advance = asyncio.create_task(run.aadvance())
            await begun(gate)
            leaving = asyncio.create_task(backend.aclose())
            await asyncio.sleep(0.02)
            assert not leaving.done()
            gate.open.release()
            await leaving
            assert (await advance).jobs
            gate.shut = False
        assert await run.astatus() == WorkflowStatus.IN_PROGRESS

    asyncio.run(main())


def test_a_call_happens_in_the_context_of_its_task():
    tenant = contextvars.ContextVar("tenant")

    async def main():
        backend = AsyncBackend()
        tenant.set("blue")
        assert await backend.call(tenant.get) == "blue"

    asyncio.run(main())


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_process_that_is_forked_has_threads_of_its_own(tmp_path):
    store = runfox.SqliteStore(tmp_path / "s.db")

    async def execute(fn, inputs):
        return {"n": 1}

    backend = AsyncBackend(store, executor=execute)

    async def run():
        return await (await Workflow.afrom_dict(TWO, backend)).arun()

    assert asyncio.run(run()) == Complete({"n": 1})
    child = os.fork()
    if not child:
        status = 1
        try:
            status = 0 if asyncio.run(run()) == Complete({"n": 1}) else 1
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    backend.lift.close()
    store.close()


def test_a_store_that_does_not_answer_is_no_failure_of_the_run_and_it_can_be_run_again():
    class Away(InMemoryStore):
        away = False

        def commit(self, commit):
            if self.away:
                raise StoreUnavailable("it is away")
            return super().commit(commit)

        def commit_all(self, commits, ask=None):
            if self.away:
                raise StoreUnavailable("it is away")
            return super().commit_all(commits, ask)

    store = Away()

    async def execute(fn, inputs):
        store.away = not going
        return {"n": 1}

    async def main():
        nonlocal going
        run = await Workflow.afrom_dict(TWO, AsyncBackend(store, executor=execute))
        with pytest.raises(StoreUnavailable):
            await run.arun()
        going, store.away = True, False
        assert await run.astatus() == WorkflowStatus.IN_PROGRESS
        assert await run.arun() == Complete({"n": 1})

    going = False
    asyncio.run(main())


def test_an_answer_with_a_token_is_awaited_like_anything_that_blocks():
    async def main():
        tokens = Tokens({"k1": "s" * 32})
        backend = AsyncBackend()
        run = await Workflow.afrom_dict(TWO, backend)
        [job] = (await run.aadvance()).jobs
        token = tokens.for_job(job, expires_in=timedelta(hours=1))
        decision = await backend.call(tokens.complete, backend, token, {"n": 1})
        assert [job.step_id for job in decision.jobs] == ["b"]

    asyncio.run(main())


# The forms --------------------------------------------------------------------------------------------

NOT_AWAITED = {
    "wait",
    "move_all",
    "workflow_execution_id",
    "step_key",
    "step_run_key",
    "records",
    "given",
}


def methods(kind):
    return {
        name
        for name, found in inspect.getmembers(kind)
        if not name.startswith("_") and (inspect.isfunction(found) or inspect.ismethod(found))
    }


def test_whatever_blocks_has_a_form_that_is_awaited():
    blocking = methods(Backend) - NOT_AWAITED
    missing = {name for name in blocking if not hasattr(AsyncBackend, f"a{name}")}
    assert missing == set(), (
        "add them to AsyncBackend, one line each: aname = awaited(Backend.name)"
    )
    handle = {
        name
        for name in methods(Workflow)
        if not inspect.iscoroutinefunction(getattr(Workflow, name))
    }
    readers = {
        name for name, _ in inspect.getmembers(Workflow, lambda one: isinstance(one, property))
    }
    for name in (handle | readers) - {"lift"}:
        assert hasattr(Workflow, f"a{name}"), name


def test_an_awaited_form_looks_like_the_method():
    run = Workflow.from_dict(TWO, AsyncBackend())
    for name in ("advance", "signal", "retry", "fork"):
        form, method = getattr(run, f"a{name}"), getattr(run, name)
        assert inspect.iscoroutinefunction(form)
        assert inspect.signature(form) == inspect.signature(method)
        assert form.__doc__ == method.__doc__
    assert inspect.signature(Workflow.afrom_file) == inspect.signature(Workflow.from_file)


def test_a_run_is_moved_event_by_event(store):
    async def main():
        backend = AsyncBackend(store)
        run = await Workflow.afrom_dict(TWO, backend, execution_id="mine")
        [job] = (await run.aadvance()).jobs
        assert await run.aon_step_error("stray", "E", "m") is None
        assert await run.aon_step_result("a", {"n": 1}, job.run_id) is None
        assert (await run.aadvance()).jobs[0].step_id == "b"
        same = await Workflow.aresume("mine", backend)
        assert await same.astep_statuses() == {"a": "complete", "b": "in_progress"}
        assert (await same.aprogress())["total"] == 2
        await same.aon_step_result("b", {"n": 2})
        assert await same.aadvance() == Complete({"n": 2})
        assert await run.aresult() == Complete({"n": 2})
        assert await run.aoutcome() == {"n": 2}
        assert await run.astatus() == WorkflowStatus.COMPLETE
        assert set(await run.astep_durations()) == {"a", "b"}
        assert await run.aelapsed() >= 0

    asyncio.run(main())


def test_operators_verbs_are_awaited(store):
    async def main():
        backend = AsyncBackend(store)
        run = await Workflow.afrom_dict(WAITS, backend)
        await run.aadvance()
        await run.apause()
        assert "paused" in (await run.aexplain())[""]
        await run.aunpause()
        await run.asignal("go", {"n": 1}, id="1")
        assert await run.aresult() == Complete({})
        twin = await run.afork(2)
        await twin.acancel()
        await twin.aadvance()
        assert await twin.aresult() == Cancelled()
        failing = await Workflow.afrom_dict(TWO, backend)
        await failing.aadvance()
        await failing.aon_step_error("a", "Broken", "it broke")
        await failing.aadvance()
        await failing.aretry("a")
        await failing.askip("a", output={"n": 5})
        await failing.arerun("a")
        assert await failing.astatus() == WorkflowStatus.IN_PROGRESS

    asyncio.run(main())


def test_a_workflow_is_kept_and_begun_by_name(store):
    async def main():
        backend = AsyncBackend(store)
        await backend.akeep(a_spec("a", name="kept"))
        run = await Workflow.astart("kept", backend)
        assert len((await run.aadvance()).jobs) == 1

    asyncio.run(main())


def test_what_a_call_raises_is_raised_where_it_is_awaited():
    async def main():
        with pytest.raises(SpecError):
            await Workflow.afrom_yaml("steps: 3", AsyncBackend())
        with pytest.raises(KeyError):
            await Workflow.aresume("nobody", AsyncBackend())

    asyncio.run(main())


def test_a_backend_is_made_for_loops_with_all_that_it_has():
    ends = []
    backend = Backend(executor=lambda fn, inputs: {}, on_end=lambda *told: ends.append(told))

    async def main():
        run = await Workflow.afrom_dict(TWO, AsyncBackend.of(backend))
        assert await run.arun() == Complete({"n": None})
        assert Workflow.resume(run.id, backend).result == Complete({"n": None})
        assert len(ends) == 1

    asyncio.run(main())


def test_any_handle_can_be_awaited_without_a_backend_for_loops():
    async def main():
        run = await Workflow.afrom_dict(TWO)
        assert (await run.aadvance()).jobs

    asyncio.run(main())


# Running ----------------------------------------------------------------------------------------------


def test_coroutine_executors_are_tasks_of_the_callers_loop_all_at_once(store):
    tenant = contextvars.ContextVar("tenant")
    here, together = set(), asyncio.Event()

    async def execute(fn, inputs):
        here.add((asyncio.get_running_loop(), tenant.get(), fn))
        if len(here) == 10:
            together.set()
        await together.wait()  # none returns before all have begun
        return {}

    async def main():
        tenant.set("blue")
        backend = AsyncBackend(store, executor=execute)
        run = await Workflow.afrom_dict(MANY, backend)
        async with asyncio.timeout(LONG):
            assert await run.arun() == Complete({})
        assert {found[:2] for found in here} == {(asyncio.get_running_loop(), "blue")}

    asyncio.run(main())


@pytest.mark.parametrize("mode", [None, "thread"])
def test_other_executors_never_have_the_loops_thread(store, mode):
    threads, going = set(), threading.Event()

    def execute(fn, inputs):
        threads.add(threading.current_thread())
        assert going.wait(LONG)  # the loop goes on meanwhile, or nobody would set it
        return {}

    async def main():
        backend = AsyncBackend(store)
        worker = InProcessWorker(backend.queue, execute, concurrency=3 if mode else 1, mode=mode)
        run = asyncio.create_task((await Workflow.afrom_dict(MANY, backend)).arun(worker))
        await until(lambda: threads)
        going.set()
        assert await run == Complete({})
        assert threading.main_thread() not in threads

    asyncio.run(main())


def in_a_process(fn, inputs):
    return {"main": threading.current_thread() is threading.main_thread()}


def test_processes_execute_for_a_loop(store):
    async def main():
        backend = AsyncBackend(store)
        worker = InProcessWorker(backend.queue, in_a_process, concurrency=2, mode="process")
        assert await (await Workflow.afrom_dict(MANY, backend)).arun(worker) == Complete({})

    asyncio.run(main())


def test_a_run_that_is_cancelled_gives_back_what_it_has_and_goes_on_when_it_is_run_again(store):
    starts, stopped, recorded = [], [], []

    async def execute(fn, inputs):
        starts.append(fn)
        if fn != "a" and len(starts) < 3:
            try:
                await asyncio.Event().wait()
            finally:
                stopped.append(fn)
        return {"n": 1}

    async def main():
        backend = AsyncBackend(
            store, executor=execute, on_state_change=lambda *told: recorded.append(told)
        )
        run = await Workflow.afrom_dict(TWO, backend)
        running = asyncio.create_task(run.arun())
        await until(lambda: starts == ["a", "b"])
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert stopped == ["b"]
        assert [job.step_id for job in await backend.alist_pending_jobs()] == ["b"]
        assert await run.arun() == Complete({"n": 1})
        assert starts == ["a", "b", "b"]
        assert await run.aresult() == Complete({"n": 1})

    asyncio.run(main())


def test_a_run_that_is_cancelled_at_any_moment_is_recorded_once_and_ends_when_it_is_run_again(
    store,
):
    executed = []

    async def execute(fn, inputs, job):
        executed.append((fn, job.run_id))
        await asyncio.sleep(0)
        return {}

    async def main():
        backend = AsyncBackend(store, executor=execute)
        for moment in range(40):
            run = await Workflow.afrom_dict(MANY, backend)
            running = asyncio.create_task(run.arun())
            for _ in range(moment):
                await asyncio.sleep(0.0005)
            running.cancel()
            await asyncio.wait([running])
            assert await run.arun() == Complete({})
            assert await backend.alist_pending_jobs() == []
            done = [row.facts.count("step_completed") for row in await backend.ahistory(run.id)]
            assert sum(done) <= 10

    asyncio.run(main())


def test_a_coroutine_past_its_time_is_cancelled_and_its_step_fails():
    stopped = []

    async def execute(fn, inputs):
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(fn)

    async def main():
        flow = {"name": "slow", "steps": [{"id": "a", "timeout": "50ms"}]}
        ended = await (await Workflow.afrom_dict(flow, AsyncBackend(executor=execute))).arun()
        assert isinstance(ended, Failed)
        assert ended.error["type"] == "Timeout"
        await until(lambda: stopped == ["a"])

    asyncio.run(main())


def test_without_an_executor_a_run_is_followed_while_others_work(store):
    async def main():
        backend = AsyncBackend(store)
        run = await Workflow.afrom_dict(TWO, backend)
        following = asyncio.create_task(run.arun())
        await until(backend.list_pending_jobs)
        worker = Worker(Backend(store, backend.runner), lambda fn, inputs: {"n": 7})
        while not following.done():
            await backend.call(worker.run, until_idle=True)
            await asyncio.sleep(0.001)
        assert await following == Complete({"n": 7})

    asyncio.run(main())


def test_runs_that_wait_hold_no_thread(store):
    others = set(threading.enumerate())

    async def main():
        async with AsyncBackend(store, threads=1) as backend:
            runs = [await Workflow.afrom_dict(WAITS, backend) for _ in range(20)]
            following = [asyncio.create_task(run.arun()) for run in runs]
            await until(lambda: all(run.step_statuses == {"w": StepStatus.WAITING} for run in runs))
            # One thread for all calls of all of them, and one that waits for the store.
            assert len(set(threading.enumerate()) - others) <= 2
            for run in runs:
                await run.asignal("go")
            assert await asyncio.gather(*following) == [Complete({})] * 20

    asyncio.run(main())


def test_called_runs_and_timers_are_driven_too(store):
    flow = {
        "name": "outer",
        "steps": [
            {"id": "nap", "wait": {"for": "20ms"}},
            {"id": "c", "call": "inner", "depends_on": ["nap"]},
        ],
        "outputs": {"n": {"var": "steps.c.output.n"}},
        "workflows": {
            "inner": {"steps": [{"id": "a"}], "outputs": {"n": {"var": "steps.a.output.n"}}}
        },
    }

    async def execute(fn, inputs):
        return {"n": 3}

    async def main():
        run = await Workflow.afrom_dict(flow, AsyncBackend(store, executor=execute))
        assert await run.arun() == Complete({"n": 3})

    asyncio.run(main())


def test_what_a_coroutine_raises_is_the_failure_of_its_step():
    async def execute(fn, inputs):
        raise ValueError("no")

    async def main():
        run = await Workflow.afrom_dict(TWO, AsyncBackend(executor=execute))
        assert await run.arun() == Failed({"type": "ValueError", "message": "no", "step": "a"})

    asyncio.run(main())


class Called:
    async def __call__(self, fn, inputs):
        asyncio.current_task()
        return {"n": 4}


async def said(fn, inputs):
    yield {"half": True}
    yield {"n": 4}


@pytest.mark.parametrize("executor", [Called(), said])
def test_objects_and_generators_can_be_coroutine_executors(executor):
    async def main():
        run = await Workflow.afrom_dict(TWO, AsyncBackend(executor=executor))
        assert await run.arun() == Complete({"n": 4})

    asyncio.run(main())
