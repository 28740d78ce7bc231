"""Every example comes to what expected.json says, in memory and on SQLite, by threads, awaited and by workers."""

import asyncio
import importlib.util
import json
import sys
from pathlib import Path

import pytest

import runfox
from runfox import spec
from runfox.connect import connect
from runfox.worker import Worker

ROOT = Path(__file__).parents[2] / "examples"
EXAMPLES = sorted(file.parent for file in ROOT.glob("*/*/flow.yaml"))
NAMES = [str(folder.relative_to(ROOT)) for folder in EXAMPLES]


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setenv("NIGHT_WATCH_PACE", "0")
    monkeypatch.setenv("RUNFOX_SECRET_PAYMENT_KEY", "sesame-key")


def handlers(folder: Path):
    found = importlib.util.spec_from_file_location("handlers", folder / "handlers.py")
    module = importlib.util.module_from_spec(found)
    sys.modules["handlers"] = module
    found.loader.exec_module(module)
    if hasattr(module, "execute"):
        return module.execute
    return lambda fn, inputs: getattr(module, fn)(**inputs)


def inputs(folder: Path):
    file = folder / "inputs.json"
    return json.loads(file.read_text()) if file.exists() else {}


def ending(result):
    match result:
        case runfox.Complete(outcome):
            return {"status": "complete", "outcome": outcome}
        case runfox.Halt(result):
            return {"status": "halted", "outcome": result}
        case runfox.Failed(error):
            return {"status": "failed", "outcome": {key: error[key] for key in ("type", "message")}}


@pytest.mark.parametrize("folder", EXAMPLES, ids=NAMES)
def test_an_example_checks_without_a_warning(folder):
    file = folder / "flow.yaml"
    assert spec.check_text(file.read_text(), source=str(file)) == []


@pytest.mark.parametrize("folder", EXAMPLES, ids=NAMES)
@pytest.mark.parametrize("where", ["memory", "sqlite", "threads", "awaited"])
def test_an_example_ends_as_expected(folder, where, tmp_path):
    execute = handlers(folder)
    store = runfox.InMemoryStore() if where == "memory" else runfox.SqliteStore(tmp_path / "x.db")
    runner = runfox.InProcessRunner()
    worker = runfox.InProcessWorker(runner, execute, concurrency=4 if where == "threads" else 1)
    backend = runfox.Backend(store, runner)
    workflow = runfox.Workflow.from_file(folder / "flow.yaml", backend, inputs=inputs(folder))
    ended = asyncio.run(workflow.arun(worker)) if where == "awaited" else workflow.run(worker)
    assert ending(ended) == json.loads((folder / "expected.json").read_text())
    if where != "memory":
        store.close()


@pytest.mark.parametrize("folder", EXAMPLES, ids=NAMES)
def test_an_example_ends_as_expected_by_workers_alone(folder, tmp_path):
    backend = connect(str(tmp_path / "x.db"))
    workflow = runfox.Workflow.from_file(folder / "flow.yaml", backend, inputs=inputs(folder))
    workflow.advance()
    worker = Worker(connect(str(tmp_path / "x.db")), handlers(folder), concurrency=2)
    while workflow.result is None:  # a retry that is not due yet leaves a worker idle
        worker.run(until_idle=True)
    expected = json.loads((folder / "expected.json").read_text())
    assert ending(workflow.result) == expected
    backend.store.close()
