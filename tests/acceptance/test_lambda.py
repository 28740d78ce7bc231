"""A function per event, in processes that know nothing of each other: each step is dispatched once."""

import importlib.util
import json
import multiprocessing
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from runfox import Workflow
from runfox.connect import connect
from tests.acceptance.flows import successes
from tests.postgres_server import a_schema, with_schema

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "uses" / "lambda_handler"
OUTCOME = json.loads((EXAMPLE / "expected.json").read_text())["outcome"]
STEPS = ("inspect", "sizes[0]", "sizes[1]", "sizes[2]", "album")
PROCESSES = 8

_barrier = None


def loaded(name):
    found = importlib.util.spec_from_file_location(f"lambda_{name}", EXAMPLE / f"{name}.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def _meet(barrier, settings):
    global _barrier  # noqa: PLW0603 - how a process of a pool gets what cannot be sent to it
    _barrier = barrier
    os.environ.update(settings)


def _invoke(event):
    handler = loaded("function").handler
    _barrier.wait()
    return handler(event, None)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(request, tmp_path_factory):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('lambda')}/lambda.db"
        return
    url = request.getfixturevalue("postgres_url")
    with a_schema(url) as schema:
        yield with_schema(url, schema)


@pytest.fixture(scope="module")
def queue(tmp_path_factory):
    return tmp_path_factory.mktemp("lambda") / "queue.jsonl"


@pytest.fixture(scope="module")
def at_once(database, queue):
    """Invoke the function in eight processes at the same moment with one event, and return the answers."""
    settings = {"DATABASE": database, "QUEUE": str(queue), "TOKEN_KEY": "k" * 32}
    context = multiprocessing.get_context("spawn")
    # When one of them fails, the others must not wait for ever.
    barrier = context.Barrier(PROCESSES, timeout=60)
    with ProcessPoolExecutor(
        PROCESSES, mp_context=context, initializer=_meet, initargs=(barrier, settings)
    ) as pool:

        def invoke(event):
            calls = [pool.submit(_invoke, event) for _ in range(PROCESSES)]
            return [call.result(timeout=120) for call in calls]

        yield invoke


def request(**body):
    return {"body": json.dumps(body)}


def test_events_that_come_many_times_at_once_dispatch_each_step_once(at_once, queue, database):
    handlers = loaded("handlers")
    queue.write_text("")
    began = at_once(request(id="picture-1", inputs={"picture": "harbour"}))
    assert sorted(answer["body"] for answer in began) == ["Dispatch"] + ["Pending"] * 7
    answered = 0
    while answered < len(messages := queue.read_text().splitlines()):
        message = json.loads(messages[answered])
        answered += 1
        output = getattr(handlers, message["fn"])(**message["inputs"])
        told = at_once(request(token=message["token"], output=output))
        assert [answer["statusCode"] for answer in told] == [200] * PROCESSES, told
        assert sum(answer["body"] == "Dispatch" for answer in told) <= 1
    backend = connect(database)
    run = Workflow.resume("picture-1", backend)
    assert run.outcome == OUTCOME
    keys = Counter(json.loads(message)["key"] for message in messages)
    assert keys == {f"{run.id}#{step}#0": 1 for step in STEPS}
    steps = Counter({(step, 0): 1 for step in STEPS})
    assert successes(backend, run.id) - steps <= Counter({("sizes", 0): 1})
    assert steps <= successes(backend, run.id)
    assert {answer["moved"] for answer in at_once({"source": "aws.events"})} == {0}
    assert len(queue.read_text().splitlines()) == len(messages)
    backend.store.close()


def test_what_is_refused_is_answered_and_dispatches_nothing(at_once, queue):
    queue.write_text("")
    assert {answer["statusCode"] for answer in at_once(request(token="x", output={}))} == {403}
    for event in ({"body": "no JSON"}, request(id="a b", inputs={}), request(id="x")):
        assert {answer["statusCode"] for answer in at_once(event)} == {400}
    assert queue.read_text() == ""


def test_the_example_runs_by_itself(tmp_path):
    done = subprocess.run(
        [sys.executable, str(EXAMPLE / "function.py")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.splitlines()[-1].endswith("Complete")
