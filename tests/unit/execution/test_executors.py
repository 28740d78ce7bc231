"""Whatever kind of callable an executor is, and whatever it does, a result comes of it."""

import psutil
import pytest

from runfox.execution import open_pool, perform
from runfox.results import DispatchJob

JOB = DispatchJob("w#x", "step", "fn", {"n": [1]}, 2, attempt=3, turn=1, delivery=4)


def test_a_plain_function_gets_fn_and_inputs():
    result = perform(lambda fn, inputs: {"got": [fn, inputs]}, JOB)
    assert result.output == {"got": ["fn", {"n": [1]}]}
    assert (result.step_id, result.run_id, result.delivery) == ("step", 2, 4)


def test_an_executor_can_do_with_its_inputs_what_it_likes():
    def spoil(fn, inputs):
        inputs["n"].append(2)
        inputs["more"] = 1
        return {}

    perform(spoil, JOB)
    assert JOB.inputs == {"n": [1]}


def test_what_an_executor_does_to_its_output_later_reaches_nobody():
    kept: dict[str, list[int]] = {"list": [1]}
    result = perform(lambda fn, inputs: kept, JOB)
    kept["list"].append(2)
    assert result.output == {"list": [1]}


def test_a_third_parameter_gets_the_context():
    def careful(fn, inputs, job):
        return {"key": job.idempotency_key, "attempt": job.attempt, "delivery": job.delivery}

    assert perform(careful, JOB).output == {"key": "w#x#step#1", "attempt": 3, "delivery": 4}


def test_a_keyword_only_parameter_is_no_place_for_the_context():
    def own(fn, inputs, *, extra=0):
        return {"extra": extra}

    assert perform(own, JOB).output == {"extra": 0}


def test_a_coroutine_function_is_awaited():
    async def later(fn, inputs):
        return {"done": True}

    assert perform(later, JOB).output == {"done": True}


def test_a_generator_yields_progress_and_returns_its_output():
    def counting(fn, inputs):
        yield {"percent": 50}
        yield {"percent": 100}
        return {"done": True}

    told = []
    result = perform(counting, JOB, lambda job, progress: told.append((job.step_id, progress)))
    assert result.output == {"done": True}
    assert told == [("step", {"percent": 50}), ("step", {"percent": 100})]


def test_a_generator_that_returns_nothing_has_said_all_with_its_last_word():
    def counting(fn, inputs):
        yield {"percent": 100}

    assert perform(counting, JOB).output == {"percent": 100}


def test_an_async_generator_yields_progress_too():
    async def counting(fn, inputs):
        yield {"percent": 50}
        yield {"percent": 100}

    told = []
    result = perform(counting, JOB, lambda job, progress: told.append(progress))
    assert result.output == {"percent": 100}
    assert len(told) == 2


class Custom(BaseException):
    pass


class Mute(Exception):
    def __str__(self):
        raise RuntimeError


def raising(error):
    def executor(fn, inputs):
        raise error

    return executor


@pytest.mark.parametrize(
    ("executor", "kind", "message"),
    [
        (raising(ValueError("no")), "ValueError", "no"),
        (raising(Custom("odd")), "Custom", "odd"),
        (raising(SystemExit(3)), "SystemExit", "sys.exit(3)"),
        (raising(GeneratorExit()), "GeneratorExit", ""),
        (raising(Mute()), "Mute", "cannot be read"),
        (raising(ValueError("\ud800")), "ValueError", "?"),
        (raising(ValueError("x" * 10_000)), "ValueError", "x" * 100),
        (lambda fn, inputs: None, "OutputInvalid", "returned None"),
        (lambda fn, inputs: [1], "OutputInvalid", "returned a list"),
        (lambda fn, inputs: {"a": float("nan")}, "OutputInvalid", "['a']: nan"),
        (lambda fn, inputs: {"a": b""}, "OutputInvalid", "['a']: bytes"),
        (lambda fn, inputs: {"a": {1}}, "OutputInvalid", "['a']: set"),
        (lambda fn, inputs: {"a": "x" * 2_000_000}, "TooLarge", "max_output"),
        (lambda fn: {}, "TypeError", "positional"),
    ],
)
def test_what_goes_wrong_is_a_failure_with_a_type_and_a_message(executor, kind, message):
    result = perform(executor, JOB)
    assert result.output is None
    assert result.error["type"] == kind
    assert message in result.error["message"]
    assert len(result.error["message"]) <= 4_000


def test_an_interrupt_is_the_persons_at_the_keyboard():
    with pytest.raises(KeyboardInterrupt):
        perform(raising(KeyboardInterrupt()), JOB)


def double(fn, inputs):
    return {"twice": inputs["n"] * 2}


async def double_later(fn, inputs):
    return double(fn, inputs)


def die(fn, inputs):
    import os

    if fn == "die":
        os._exit(7)
    return {"pid": os.getpid()}


@pytest.mark.parametrize(
    ("mode", "executor"),
    [("inline", double), ("thread", double), ("process", double), ("async", double_later)],
)
def test_every_kind_of_pool_executes_every_job_once(mode, executor):
    pool = open_pool(executor, concurrency=3, mode=mode)
    jobs = [DispatchJob("w#x", f"s{n}", "double", {"n": n}, 0) for n in range(20)]
    pool.submit(jobs)
    results = {}
    while pool.busy:
        for job, result in pool.finished(10):
            assert job.step_id not in results
            results[job.step_id] = result.output
    assert results == {f"s{n}": {"twice": 2 * n} for n in range(20)}
    assert pool.close() == []


def test_a_process_that_dies_fails_its_own_job_alone():
    pool = open_pool(die, concurrency=1, mode="process")
    pool.submit([DispatchJob("w#x", fn, fn, {}, 0) for fn in ("before", "die", "after")])
    results = {}
    while pool.busy:
        results |= {job.step_id: result for job, result in pool.finished(20)}
    pool.close()
    assert results["die"].error["type"] == "LeaseLost"
    assert "exit code 7" in results["die"].error["message"]
    assert results["after"].output["pid"] != results["before"].output["pid"]


def test_an_executor_that_no_process_can_be_sent_is_a_failure_that_says_so():
    pool = open_pool(lambda fn, inputs: {}, mode="process")
    pool.submit([JOB])
    [(_, result)] = pool.finished(20)
    pool.close()
    assert "top of a module" in result.error["message"]


def test_jobs_that_had_not_begun_come_back_when_a_pool_closes():
    pool = open_pool(double)
    pool.submit([JOB])
    assert pool.close() == [JOB]


PARENT = """
import sys, time
from runfox.execution import open_pool
from runfox.results import DispatchJob
from tests.unit.execution.sleeper import sleep_long

if __name__ == "__main__":
    pool = open_pool(sleep_long, mode="process")
    pool.submit([DispatchJob("w#x", "s", "s", {"file": sys.argv[1]}, 0)])
    time.sleep(60)
"""


def test_a_child_ends_with_its_parent(tmp_path):
    import os
    import subprocess
    import sys
    from time import sleep

    script, told = tmp_path / "parent.py", tmp_path / "pid"
    script.write_text(PARENT)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen([sys.executable, str(script), str(told)], env=environment)
    while not told.exists() or not told.read_text():
        assert parent.poll() is None
        sleep(0.01)
    parent.kill()
    parent.wait()
    child = int(told.read_text())
    for _ in range(1_000):  # ten seconds at most, of the sixty that the job takes
        if not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE:
            return
        sleep(0.01)
    psutil.Process(child).kill()
    raise AssertionError("the child is still at work")
