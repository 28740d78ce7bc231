"""Stores and runners of others: the protocols alone are enough for a backend, and one class certifies them."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from runfox import Complete, Workflow
from runfox.backend import Backend, InProcessRunner, InProcessWorker
from runfox.errors import RequestError
from tests.contract.text_store import TextStore

FLOW = {
    "name": "flow",
    "steps": [
        {"id": "first", "input": {"n": 1}},
        {"id": "left", "depends_on": ["first"], "retry": {"max_attempts": 3, "delay": "200ms"}},
        {"id": "right", "depends_on": ["first"]},
        {"id": "join", "depends_on": ["left", "right"]},
        {
            "id": "again",
            "depends_on": ["join"],
            "branch": [
                {
                    "condition": {"<": [{"var": "turn"}, 3]},
                    "action": {"set": "again", "value": "ready"},
                },
                {"condition": True, "action": "complete"},
            ],
        },
    ],
    "outputs": {"turns": {"var": "state.turn"}},
}


class Executor:
    """Fails ``left`` once, and counts the turns of ``again``."""

    def __init__(self):
        self.calls = []

    def __call__(self, fn, inputs):
        self.calls.append(fn)
        if fn == "left" and self.calls.count("left") == 1:
            raise RuntimeError("once")
        return {"turn": self.calls.count("again")}


class CountingStore(TextStore):
    """Counts how often it is asked."""

    def __init__(self, folder):
        super().__init__(folder)
        self.loads = 0

    def load(self, execution_id, *, known=0):
        self.loads += 1
        return super().load(execution_id, known=known)


def test_a_store_of_five_methods_carries_a_workflow_to_its_end(tmp_path):
    executor = Executor()
    backend = Backend(TextStore(tmp_path), InProcessRunner(), executor=executor)
    workflow = Workflow.from_dict(FLOW, backend)
    assert workflow.run() == Complete({"turns": 3})
    assert sorted(executor.calls) == sorted(
        ["first", "left", "left", "right", "join", "again", "again", "again"]
    )


@pytest.mark.parametrize("concurrency", [1, 4])
def test_what_a_dead_process_left_in_such_a_store_is_finished_by_another(tmp_path, concurrency):
    def dies_at_join(fn, inputs):
        if fn == "join":
            raise KeyboardInterrupt
        return {}

    backend = Backend(TextStore(tmp_path), InProcessRunner(), executor=dies_at_join)
    workflow = Workflow.from_dict(FLOW, backend)
    with pytest.raises(KeyboardInterrupt):
        workflow.run()
    runner = InProcessRunner()
    executor = Executor()
    other = Backend(TextStore(tmp_path), runner)
    resumed = Workflow.resume(workflow.id, other)
    worker = InProcessWorker(runner, executor, concurrency=concurrency)
    assert resumed.run(worker) == Complete({"turns": 3})
    assert executor.calls == ["join", "again", "again", "again"]


def test_waiting_for_a_timer_does_not_keep_such_a_store_busy(tmp_path):
    store = CountingStore(tmp_path)
    workflow = Workflow.from_dict(FLOW, Backend(store, executor=Executor()))
    workflow.run()
    assert store.loads < 100


def test_what_such_a_store_cannot_do_is_said(tmp_path):
    backend = Backend(TextStore(tmp_path), InProcessRunner())
    workflow = Workflow.from_dict(FLOW, backend)
    with pytest.raises(RequestError, match="TextStore cannot list"):
        backend.executions()
    with pytest.raises(RequestError, match="TextStore keeps no history"):
        backend.history(workflow.id)


@pytest.mark.parametrize(
    ("asks", "message"),
    [
        ({"limit": {"max": 1}}, "step 'a' of 'n' has a limit, and TextStore holds no limits"),
        (
            {"cache": {"key": "k"}},
            "step 'a' of 'n' has a cache, and TextStore remembers no outputs",
        ),
    ],
)
def test_what_such_a_store_would_silently_leave_out_is_refused(tmp_path, asks, message):
    backend = Backend(TextStore(tmp_path), InProcessRunner())
    step = {"id": "a", "fn": "f", **asks}
    for body in (step, {"id": "outer", "do": [step]}):
        with pytest.raises(RequestError, match=message):
            Workflow.from_dict({"name": "n", "steps": [body]}, backend)
    each = {"id": "a", "fn": "f", "foreach": {"items": [1]}, **asks}
    with pytest.raises(RequestError, match=message):
        Workflow.from_dict({"name": "n", "steps": [each]}, backend)


def test_a_called_workflow_that_such_a_store_cannot_run_fails_its_step(tmp_path):
    limited = {"steps": [{"id": "a", "limit": {"max": 1}}]}
    spec = {"name": "n", "workflows": {"w": limited}, "steps": [{"id": "c", "call": "w"}]}
    backend = Backend(TextStore(tmp_path), InProcessRunner(), executor=Executor())
    over = Workflow.from_dict(spec, backend).run()
    assert over.error["type"] == "ChildFailed"
    assert "holds no limits" in over.error["message"]


def test_one_class_and_one_fixture_certify_a_store(tmp_path):
    test = tmp_path / "test_mine.py"
    test.write_text(
        dedent(
            """
            import pytest
            from runfox.testing import StoreContract
            from tests.contract.text_store import TextStore

            class TestMyStore(StoreContract):
                @pytest.fixture
                def store(self, tmp_path):
                    return TextStore(tmp_path)

            class Forgetful(TextStore):
                def commit(self, commit):
                    return False

            class TestForgetful(StoreContract):
                @pytest.fixture
                def store(self, tmp_path):
                    return Forgetful(tmp_path)
            """
        )
    )
    root = Path(__file__).parents[2]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--import-mode=importlib",
    ]
    command += ["-W", "error", "--rootdir", str(tmp_path), "-o", f"pythonpath={root}", str(test)]
    mine = subprocess.run([*command, "-k", "MyStore"], capture_output=True, text=True, check=False)
    assert mine.returncode == 0, mine.stdout
    assert "keeps no histories" not in mine.stdout
    assert "skipped" in mine.stdout
    wrong = subprocess.run(
        [*command, "-k", "Forgetful and loads_after"], capture_output=True, text=True, check=False
    )
    assert wrong.returncode == 1
    assert "test_a_commit_is_what_loads_after_it" in wrong.stdout
