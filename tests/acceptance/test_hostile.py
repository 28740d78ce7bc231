"""Executors that do what they must not: a failed step that says so, on every store, and nothing stuck."""

import asyncio
import os
import sys
import tracemalloc
from collections import OrderedDict, defaultdict
from typing import NamedTuple

import pytest

from runfox import (
    Backend,
    Complete,
    Failed,
    InMemoryStore,
    InProcessRunner,
    InProcessWorker,
    SqliteRunner,
    SqliteStore,
    StepStatus,
    Workflow,
)

FLOW = {
    "name": "flow",
    "steps": [{"id": "a", "input": {"n": 1, "list": [1, 2]}}, {"id": "b", "depends_on": ["a"]}],
}

HANDLED = {
    "name": "handled",
    "steps": [
        {
            "id": "dies",
            "branch": [{"condition": {"==": [{"var": "ok"}, False]}, "action": "complete"}],
        },
        {"id": "lives"},
        {"id": "after", "depends_on": ["dies", "lives"]},
    ],
    "outputs": {"error": {"var": "steps.dies.output.error"}},
}

BIG = "x" * 100_000_000


class Own(BaseException):
    """Not an Exception: what catches only those misses it."""


class Mute(Exception):
    """Raises when it is asked what happened."""

    def __str__(self):
        raise RuntimeError("no comment")

    __repr__ = __str__


class Deaf(Exception):
    """The same, in a way that is not an Exception."""

    def __str__(self):
        raise Own

    __repr__ = __str__


class Key:
    """A key that cannot be shown."""

    def __repr__(self):
        raise Own

    __hash__ = object.__hash__


class Sly(dict):
    """Looks like a dict, and is none."""

    __class__ = dict


class Text(str):
    """A text that is more than a text."""

    __slots__ = ()


class Pair(NamedTuple):
    """A tuple with names."""

    a: int


def cycle():
    value = {}
    value["self"] = value
    return value


def list_cycle():
    value = []
    value.append(value)
    return {"list": value}


def deep(levels):
    value = {}
    for _ in range(levels):
        value = {"a": value}
    return value


def recursion():
    return recursion()


def yields_nothing():
    yield from ()


def yields_rubbish():
    yield {"n": 1}
    yield {1, 2}


async def returns_nothing():
    return None


async def cancelled():
    raise asyncio.CancelledError


def raising(error):
    def call():
        raise error

    return call


def calling(call):
    def execute(fn, inputs):
        return call()

    return execute


RETURNED = {
    "None": (lambda: None, "OutputInvalid", "returned None"),
    "a list": (lambda: [1], "OutputInvalid", "returned a list"),
    "a text": (lambda: "text", "OutputInvalid", "returned a str"),
    "a tuple": (lambda: ({"a": 1},), "OutputInvalid", "returned a tuple"),
    "a set": (lambda: {1}, "OutputInvalid", "returned a set"),
    "bytes": (lambda: b"x", "OutputInvalid", "returned a bytes"),
    "a class": (lambda: dict, "OutputInvalid", "returned a type"),
    "NaN": (lambda: {"n": float("nan")}, "OutputInvalid", "output['n']: nan is no JSON number"),
    "infinity": (lambda: {"n": [-float("inf")]}, "OutputInvalid", "output['n'][0]: -inf"),
    "bytes inside": (lambda: {"n": b"x"}, "OutputInvalid", "output['n']: bytes"),
    "a set inside": (lambda: {"n": {1}}, "OutputInvalid", "output['n']: set"),
    "a tuple inside": (lambda: {"n": (1, 2)}, "OutputInvalid", "return a list"),
    "an object inside": (lambda: {"n": object()}, "OutputInvalid", "output['n']: object"),
    "a function inside": (lambda: {"n": len}, "OutputInvalid", "output['n']: builtin"),
    "a number as key": (lambda: {"n": {1: 2}}, "OutputInvalid", "key 1 is no string"),
    "None as key": (lambda: {None: 2}, "OutputInvalid", "key None is no string"),
    "a key that cannot be shown": (lambda: {Key(): 1}, "OutputInvalid", "is no string"),
    "a text of its own": (lambda: {"n": Text("a")}, "OutputInvalid", "output['n']: Text"),
    "a key of its own": (lambda: {Text("a"): 1}, "OutputInvalid", "is no string"),
    "a dict of its own": (lambda: Sly(a=1), "OutputInvalid", "returned a Sly"),
    "an ordered dict": (lambda: OrderedDict(a=1), "OutputInvalid", "returned a OrderedDict"),
    "a default dict": (lambda: {"n": defaultdict(int)}, "OutputInvalid", "defaultdict"),
    "a named tuple": (lambda: Pair(1), "OutputInvalid", "returned a Pair"),
    "a huge number": (lambda: {"n": 2**63}, "OutputInvalid", "beyond 64 bits"),
    "a number of a million digits": (lambda: {"n": 10**1_000_000}, "OutputInvalid", "64 bits"),
    "itself": (cycle, "OutputInvalid", "contains itself"),
    "a list in itself": (list_cycle, "OutputInvalid", "contains itself"),
    "a hundred thousand levels": (lambda: deep(100_000), "OutputInvalid", "deeper than"),
    "100 MB": (lambda: {"n": BIG}, "TooLarge", "max_output"),
    "100 MB as key": (lambda: {BIG: 1}, "TooLarge", "max_output"),
    "many keys": (lambda: dict.fromkeys(map(str, range(100_000))), "TooLarge", "max_output"),
    "a list of a million": (lambda: {"n": [0] * 1_000_000}, "TooLarge", "max_output"),
    "a generator of nothing": (yields_nothing, "OutputInvalid", "returned None"),
    "a generator of rubbish": (yields_rubbish, "OutputInvalid", "returned a set"),
    "a coroutine of nothing": (returns_nothing, "OutputInvalid", "returned None"),
}

RAISED = {
    "an error": (raising(ValueError("it broke")), "ValueError", "it broke"),
    "an error without words": (raising(ValueError()), "ValueError", ""),
    "an exit": (lambda: sys.exit(3), "SystemExit", "sys.exit(3)"),
    "an exit with words": (lambda: sys.exit("bye"), "SystemExit", "sys.exit('bye')"),
    "an exit that cannot be shown": (lambda: sys.exit(Key()), "SystemExit", "sys.exit"),
    "no Exception": (raising(Own("it broke")), "Own", "it broke"),
    "a generator's exit": (raising(GeneratorExit()), "GeneratorExit", ""),
    "a stop of an iteration": (raising(StopIteration({"n": 1})), "StopIteration", ""),
    "a cancellation": (cancelled, "CancelledError", ""),
    "an endless recursion": (recursion, "RecursionError", "recursion"),
    "no memory": (raising(MemoryError("none left")), "MemoryError", "none left"),
    "an error that is mute": (raising(Mute()), "Mute", "cannot be read"),
    "an error that is deaf": (raising(Deaf()), "Deaf", "cannot be read"),
    "half a surrogate pair": (raising(ValueError("a\ud800b")), "ValueError", "a?b"),
    "an error of 100 MB": (raising(ValueError(BIG)), "ValueError", "xxx"),
    "a group": (
        raising(ExceptionGroup("two", [ValueError("a"), KeyError("b")])),
        "ExceptionGroup",
        "two",
    ),
}


@pytest.fixture(params=["memory", "sqlite", "sqlite, jobs of its own"])
def backend(request, tmp_path):
    path = tmp_path / "runs.db"
    match request.param:
        case "memory":
            yield Backend(InMemoryStore(), InProcessRunner())
        case "sqlite":
            store = SqliteStore(path, profile="fast")
            yield Backend(store, SqliteRunner(path, profile="fast"))
            store.close()
        case _:
            store, runner = SqliteStore(path, profile="fast"), SqliteRunner(tmp_path / "r.db")
            yield Backend(store, runner)
            store.close()
            runner.close()


@pytest.mark.parametrize("mode", ["inline", "thread", "async"])
def test_whatever_an_executor_returns_or_raises_is_a_failed_step(backend, mode):
    for what, (call, kind, words) in {**RETURNED, **RAISED}.items():
        run = Workflow.from_dict(FLOW, backend)
        worker = InProcessWorker(backend.runner, calling(call), concurrency=2, mode=mode)
        ended = run.run(worker)
        assert isinstance(ended, Failed), what
        assert ended.error["type"] == kind, what
        assert words in ended.error["message"], what
        assert len(ended.error["message"]) <= 4_000
        assert ended.error["step"] == "a"
        assert run.step_statuses == {"a": StepStatus.FAILED, "b": StepStatus.SKIPPED}
        assert backend.list_pending_jobs() == []
        assert backend.gather(run.id) == []


def test_what_workers_elsewhere_submit_is_checked_alike(backend):
    for what, (call, kind, words) in RETURNED.items():
        if "generator" in what or "coroutine" in what:
            continue
        run = Workflow.from_dict(FLOW, backend)
        run.advance()
        backend.submit_work_result(run.id, "a", call())
        ended = run.advance()
        assert isinstance(ended, Failed), what
        assert ended.error["type"] == kind, what
        assert words in ended.error["message"], what


def test_what_is_handed_in_directly_is_checked_alike(backend):
    for what, (call, kind, words) in RETURNED.items():
        if "generator" in what or "coroutine" in what:
            continue
        run = Workflow.from_dict(FLOW, backend)
        run.advance()
        run.on_step_result("a", call())
        ended = run.result
        assert isinstance(ended, Failed), what
        assert ended.error["type"] == kind, what
        assert words in ended.error["message"], what


def test_an_executor_cannot_reach_into_the_record(backend):
    kept = []

    def meddles(fn, inputs):
        if fn == "b":
            kept[0]["n"] = "changed"
            kept[0]["inner"].append("changed")
            return {}
        seen.append(dict(inputs))
        inputs["list"].append("changed")
        inputs.clear()
        if len(seen) == 1:
            raise RuntimeError("again")
        kept.append({"n": 1, "inner": []})
        return kept[0]

    seen = []
    flow = {**FLOW, "steps": [{**FLOW["steps"][0], "max_attempts": 2}, FLOW["steps"][1]]}
    run = Workflow.from_dict(flow, backend)
    run.run(InProcessWorker(backend.runner, meddles))
    assert [one["n"] for one in seen] == [1, 1]
    assert backend.load(run.id).steps["a"].output == {"n": 1, "inner": []}
    assert dict(backend.load(run.id).state) == {"n": 1, "inner": []}


def test_the_memory_that_100_mb_need_is_the_executors(backend):
    run = Workflow.from_dict(FLOW, backend)
    run.advance()
    values = {"n": BIG, "list": [BIG] * 1_000}
    tracemalloc.start()
    try:
        run.on_step_result("a", values)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(run.result, Failed)
    assert peak < 10_000_000


def test_the_memory_that_an_error_of_100_mb_needs_is_the_executors(backend):
    def raises(fn, inputs):
        raise error

    error = ValueError(BIG)
    run = Workflow.from_dict(FLOW, backend)
    tracemalloc.start()
    try:
        run.run(InProcessWorker(backend.runner, raises))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000


def dies(fn, inputs):
    """End the process at once."""
    if fn == "dies":
        os._exit(7)
    return {"pid": os.getpid()}


def exits_in_a_process(fn, inputs):
    """Do what a process can send nothing of."""
    if fn == "dies":
        raise Mute
    return {}


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_process_that_dies_fails_its_own_step_only(backend, concurrency):
    run = Workflow.from_dict(HANDLED, backend)
    worker = InProcessWorker(backend.runner, dies, concurrency=concurrency, mode="process")
    ended = run.run(worker)
    assert isinstance(ended, Complete)
    assert ended.outcome["error"]["type"] == "LeaseLost"
    assert "exit code 7" in ended.outcome["error"]["message"]
    assert set(run.step_statuses.values()) == {StepStatus.COMPLETE}
    assert backend.load(run.id).steps["lives"].output["pid"] != os.getpid()


def test_an_error_that_cannot_be_sent_arrives_all_the_same(backend):
    run = Workflow.from_dict(HANDLED, backend)
    worker = InProcessWorker(backend.runner, exits_in_a_process, concurrency=2, mode="process")
    ended = run.run(worker)
    assert isinstance(ended, Complete)
    assert ended.outcome["error"]["type"] == "Mute"


def test_an_interrupt_stops_the_run_and_leaves_it_resumable(backend):
    def interrupted(fn, inputs):
        if fn == "b" and not calls:
            calls.append(fn)
            raise KeyboardInterrupt
        return {}

    calls = []
    run = Workflow.from_dict(FLOW, backend)
    with pytest.raises(KeyboardInterrupt):
        run.run(InProcessWorker(backend.runner, interrupted))
    assert run.step_statuses["a"] is StepStatus.COMPLETE
    assert run.run(InProcessWorker(backend.runner, interrupted)) == Complete({})
