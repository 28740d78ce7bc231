"""What is past its time fails then, wherever it is executed, and the next job has its place."""

import asyncio
import logging
from threading import Event
from time import monotonic, sleep

import psutil
import pytest

from runfox.execution import open_pool
from runfox.results import DispatchJob, Terms
from tests.unit.execution.timed import beating, until_withdrawn, with_grandchild

LONG = 20
"""Seconds after which a test gives up."""


def job(step, fn="fn", inputs=None, **terms):
    return DispatchJob("w#x", step, fn, inputs or {}, 0, terms=Terms(**terms))


def wait_for(told):
    """Return once something was written to a file."""
    until = monotonic() + LONG
    while not told.exists() or not told.read_text():
        assert monotonic() < until, "nothing was written"
        sleep(0.01)


def results(pool):
    found = {}
    while pool.busy:
        found |= {job.step_id: result for job, result in pool.finished(LONG)}
    return found


def test_a_thread_that_is_past_its_time_loses_its_place_and_is_not_heard(caplog):
    go, ended = Event(), Event()

    def slow(fn, inputs):
        if fn == "slow":
            go.wait(LONG)
            ended.set()
        return {"by": fn}

    pool = open_pool(slow, mode="thread")
    with caplog.at_level(logging.WARNING, logger="runfox"):
        pool.submit([job(f"slow{n}", "slow", attempt=0.05) for n in range(2)])
        pool.submit([job("next")])
        found = results(pool)
    assert found["slow0"].error == {"type": "Timeout", "message": "it took longer than 0.05 s"}
    assert found["slow1"].error["type"] == "Timeout"
    assert found["next"].output == {"by": "fn"}
    assert caplog.text.count("a thread cannot be ended") == 1
    go.set()
    ended.wait(LONG)
    assert pool.finished(0.05) == []
    pool.close()


def test_a_task_that_is_past_its_time_is_cancelled():
    told = []

    async def slow(fn, inputs):
        try:
            await asyncio.sleep(LONG if fn == "slow" else 0)
        except asyncio.CancelledError:
            told.append(fn)
            raise
        return {"by": fn}

    pool = open_pool(slow, mode="async")
    pool.submit([job("slow", "slow", attempt=0.05), job("next")])
    found = results(pool)
    pool.close()
    assert found["slow"].error["type"] == "Timeout"
    assert found["next"].output == {"by": "fn"}
    assert told == ["slow"]


def alive(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_process_that_is_past_its_time_is_ended_with_all_that_it_started(tmp_path):
    told = tmp_path / "pids"
    pool = open_pool(with_grandchild, mode="process")
    pool.submit([job("first", "quick")])
    [(_, first)] = pool.finished(LONG)
    pool.submit([job("slow", "slow", {"file": str(told)}, attempt=1.0), job("next", "quick")])
    found = results(pool)
    pool.close()
    assert found["slow"].error == {"type": "Timeout", "message": "it took longer than 1 s"}
    assert found["next"].output["pid"] != first.output["pid"]
    pids = [int(pid) for pid in told.read_text().split()]
    assert pids[0] == first.output["pid"]
    gone(pids)


def gone(pids):
    for _ in range(1_000):
        if not any(map(alive, pids)):
            return
        sleep(0.01)
    raise AssertionError("still there")


def test_what_a_process_started_ends_with_the_pool(tmp_path):
    told = tmp_path / "pids"
    pool = open_pool(with_grandchild, mode="process")
    pool.submit([job("slow", "slow", {"file": str(told)})])
    wait_for(told)
    pool.close()
    gone([int(pid) for pid in told.read_text().split()])


async def beating_async(fn, inputs, context):
    for _ in range(inputs["beats"]):
        await asyncio.sleep(inputs["every"])
        context.beat()
    await asyncio.sleep(inputs["then"])
    return {"beats": inputs["beats"]}


@pytest.mark.parametrize("mode", ["thread", "process", "async"])
def test_signs_of_life_keep_an_attempt_alive_and_their_absence_ends_it(mode):
    pool = open_pool(beating_async if mode == "async" else beating, mode=mode, concurrency=1)
    heard = []
    pool.tell = heard.append
    pool.submit([job("warm", inputs={"beats": 1, "every": 0.0, "then": 0.0})])
    results(pool)
    assert heard == []  # nobody asked that one for signs of life
    much = {"beats": 8, "every": 0.25, "then": 0.0}
    little = {"beats": 1, "every": 0.01, "then": 10.0}
    pool.submit([job("much", inputs=much, heartbeat=1.0)])
    assert results(pool)["much"].output == {"beats": 8}
    assert len(heard) >= 5
    pool.submit([job("little", inputs=little, heartbeat=0.5, attempt=100.0)])
    error = results(pool)["little"].error
    pool.close()
    assert error == {"type": "HeartbeatMissed", "message": "it gave no sign of life for 0.5 s"}


def test_progress_is_a_sign_of_life():
    def counting(fn, inputs):
        for n in range(6):
            sleep(0.2)
            yield {"n": n}

    pool = open_pool(counting, mode="thread")
    pool.submit([job("a", heartbeat=0.8)])
    assert results(pool)["a"].output == {"n": 5}
    pool.close()


def test_a_sign_of_life_that_cannot_be_noted_is_no_failure(caplog):
    def full(_job):
        raise RuntimeError("disk full")

    def once(fn, inputs, context):
        sleep(0.2)
        context.beat()
        return {}

    pool = open_pool(once, mode="thread")
    pool.tell = full
    pool.submit([job("a", heartbeat=1.0)])
    assert results(pool)["a"].output == {}
    pool.close()
    assert "disk full" in caplog.text


@pytest.mark.parametrize("mode", ["thread", "process"])
def test_an_executor_that_asks_hears_that_nobody_waits(mode, tmp_path):
    told = tmp_path / "told"
    pool = open_pool(until_withdrawn, mode=mode)
    one = job("a", inputs={"file": str(told)})
    pool.submit([one])
    wait_for(told)
    pool.withdraw(one)
    assert [done for done, _ in pool.finished(LONG)] == [one]
    assert told.read_text() == "withdrawn"
    # A child is as good as before.
    told.unlink()
    pool.submit([one])
    wait_for(told)
    assert told.read_text() == "began"
    pool.withdraw(one)
    assert pool.finished(LONG)
    pool.close()


def test_an_async_executor_is_cancelled_when_nobody_waits():
    began, cancelled = Event(), Event()

    async def waiting(fn, inputs):
        began.set()
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    pool = open_pool(waiting, mode="async")
    one = job("a")
    pool.submit([one])
    began.wait(LONG)
    pool.withdraw(one)
    assert cancelled.wait(LONG)
    assert pool.busy == 0
    pool.close()


@pytest.mark.parametrize("mode", ["inline", "thread", "async"])
def test_what_has_not_begun_is_never_executed_when_nobody_waits(mode):
    calls = []
    began, go = Event(), Event()

    def executor(fn, inputs):
        calls.append(fn)
        began.set()
        if mode != "inline":
            go.wait(LONG)
        return {}

    pool = open_pool(executor, mode=mode)
    first, second, third = (job(name, name) for name in ("first", "second", "third"))
    pool.submit([first, second, third])
    if mode != "inline":
        began.wait(LONG)
    pool.withdraw(second)
    go.set()
    assert set(results(pool)) == {"first", "third"}
    assert calls == ["first", "third"]
    assert pool.close() == []


def test_the_context_tells_the_deadline():
    from datetime import UTC, datetime, timedelta

    def executor(fn, inputs, context):
        return {"left": (context.deadline - datetime.now(UTC)) / timedelta(seconds=1)}

    pool = open_pool(executor, mode="thread")
    pool.submit([job("a", attempt=60.0)])
    [(_, result)] = pool.finished(LONG)
    pool.close()
    assert 0 < result.output["left"] <= 60


def test_inline_what_comes_late_counts():
    pool = open_pool(lambda fn, inputs: sleep(0.05) or {"late": True})
    pool.submit([job("a", attempt=0.01)])
    [(_, result)] = pool.finished(0)
    assert result.output == {"late": True}
