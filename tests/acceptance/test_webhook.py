"""Whoever delivers an event to a webhook, and however often at once: each step is dispatched once."""

import importlib.util
import json
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from runfox import SqliteStore, Workflow
from runfox.connect import connect
from tests.acceptance.flows import successes
from tests.acceptance.processes import end
from tests.acceptance.service import Noting, post

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "uses" / "webhook"
OUTCOME = json.loads((EXAMPLE / "expected.json").read_text())["outcome"]
STEPS = ("transcribe", "german", "french", "publish")

KEY = "a key for the tests, and longer than 32 bytes"
AT_ONCE = 16
PROCESSES = 3


def executors():
    found = importlib.util.spec_from_file_location("webhook_handlers", EXAMPLE / "handlers.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def outside():
    with Noting() as service:
        yield service


@pytest.fixture
def service(outside):
    """The service, which has been sent nothing yet."""
    outside.jobs.clear()
    return outside


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return str(tmp_path_factory.mktemp("webhook") / "webhook.db")


@pytest.fixture(scope="module")
def webhooks(database, outside):
    """Webhooks in processes of their own, on one database: their addresses."""
    more = {
        "DATABASE": database,
        "SERVICE": outside.address,
        "TOKEN_KEY": KEY,
        "PYTHONPATH": str(ROOT),
    }
    with ExitStack() as stack:
        processes = []
        for _ in range(PROCESSES):
            process = subprocess.Popen(
                [sys.executable, str(EXAMPLE / "server.py")],
                env={**os.environ, **more},
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.callback(end, process)
            processes.append(process)
        yield [process.stdout.readline().strip() for process in processes]


@pytest.fixture
def at_once():
    """Deliver one event many times at once, to each webhook in turn, and return the answers."""
    with ThreadPoolExecutor(AT_ONCE) as pool:

        def deliver(webhooks, path, body):
            places = [webhooks[number % len(webhooks)] for number in range(AT_ONCE)]
            return list(pool.map(lambda place: post(place + path, body), places))

        yield deliver


def path_of(job):
    return "/" + job["answer"].split("/", 3)[3]


def test_events_that_come_many_times_at_once_dispatch_each_step_once(
    webhooks, service, database, at_once
):
    handlers = executors()
    began = at_once(webhooks, "/runs/film-1", {"film": "Nosferatu"})
    assert {status for status, _ in began} == {200}
    (key,) = {answer["run"] for _, answer in began}
    answered = 0
    while answered < len(service.jobs):
        job = service.jobs[answered]
        answered += 1
        output = getattr(handlers, job["fn"])(**job["inputs"])
        told = at_once(webhooks, path_of(job), output)
        assert [status for status, _ in told] == [200] * AT_ONCE, told
    assert Counter(job["key"] for job in service.jobs) == {f"{key}#{step}#0": 1 for step in STEPS}
    backend = connect(database)
    assert Workflow.resume(key, backend).outcome == OUTCOME
    assert successes(backend, key) == {(step, 0): 1 for step in STEPS}
    backend.store.close()


def test_answers_to_different_steps_at_once_are_all_recorded(webhooks, service, database, at_once):
    handlers = executors()
    keys = [post(f"{webhooks[0]}/runs/many-{n}", {})[1]["run"] for n in range(8)]
    answered = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while answered < len(service.jobs):
            jobs, answered = service.jobs[answered:], len(service.jobs)

            def answer(number, jobs=jobs):
                job = jobs[number]
                output = getattr(handlers, job["fn"])(**job["inputs"])
                return post(webhooks[number % PROCESSES] + path_of(job), output)[0]

            assert set(pool.map(answer, range(len(jobs)))) == {200}
    backend = connect(database)
    for key in keys:
        assert successes(backend, key) == {(step, 0): 1 for step in STEPS}
    expected = {f"{key}#{step}#0": 1 for key in keys for step in STEPS}
    assert Counter(job["key"] for job in service.jobs) == expected
    backend.store.close()


def test_what_is_no_token_is_refused_in_the_same_words_whatever_is_wrong(webhooks, service):
    post(f"{webhooks[0]}/runs/refused", {})
    token = path_of(service.jobs[0]).rpartition("/")[2]
    wrong = ["x", "rfx1.key-1.AAAA." + "A" * 43, token[:-2] + "AA", token.replace("key-1", "key-9")]
    answers = [post(f"{webhooks[0]}/results/{one}", {}) for one in wrong]
    assert {json.dumps(answer) for answer in answers} == {json.dumps(answers[0])}
    assert answers[0][0] == 403


def test_a_failure_that_is_reported_ends_the_run(webhooks, service, database):
    key = post(f"{webhooks[0]}/runs/failing", {})[1]["run"]
    path = path_of(service.jobs[0]).replace("/results/", "/failures/")
    assert post(webhooks[1] + path, {"type": "NoSound", "message": "it is silent"})[0] == 200
    backend = connect(database)
    assert Workflow.resume(key, backend).result.error["type"] == "NoSound"
    backend.store.close()


def test_a_body_that_is_of_no_use_is_answered_and_harms_nobody(webhooks, service):
    for body in (b"", b"no JSON", b"[]", b'"x"', b"\xff", b"1" * 5_000):
        assert post(f"{webhooks[0]}/runs/useless", body)[0] == 400
        assert post(f"{webhooks[0]}/nowhere", body)[0] == 400
    assert service.jobs == []
    assert post(f"{webhooks[0]}/runs/useless", {})[0] == 200


def test_the_example_runs_by_itself(tmp_path):
    done = subprocess.run(
        [sys.executable, str(EXAMPLE / "server.py")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.strip() == str(OUTCOME), done.stderr
    store = SqliteStore(tmp_path / "webhook.db")
    assert len(store.executions()) == 1
    store.close()
