"""What was asked for once happens once, though the answer to it was lost, or others were faster."""

import pytest

import runfox
from runfox.backend import InMemoryStore
from runfox.errors import StoreUnavailable
from runfox.status import StepStatus

SPEC = {
    "name": "s",
    "steps": [
        {"id": "v", "wait": {"signal": "go"}},
        {"id": "w", "wait": {"signal": "go"}},
        {"id": "a"},
    ],
    "finally": [{"id": "z"}],
}


class Forgetful(InMemoryStore):
    """Makes a commit, and lets another be faster, before it says that it cannot be reached. Once."""

    meanwhile = None

    def commit(self, commit):
        waits = super().commit(commit)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
            raise StoreUnavailable("the answer was lost")
        return waits


@pytest.fixture
def store():
    return Forgetful()


@pytest.fixture
def flow(store):
    made = runfox.Workflow.from_dict(SPEC, runfox.Backend(store))
    made.advance()
    return made


def others(store, flow, step):
    """Let another process record a result."""
    return lambda: runfox.Workflow.resume(flow.id, runfox.Backend(store)).on_step_result(step, {})


def test_a_cancel_whose_answer_was_lost_does_not_become_two_which_would_skip_finally(store, flow):
    store.meanwhile = lambda: runfox.Backend(store).signal(flow.id, "go")
    flow.backend.cancel(flow.id)
    assert flow.advance() == runfox.Pending()
    flow.on_step_result("z", {})
    assert flow.advance() == runfox.Cancelled()
    assert flow.backend.load(flow.id).steps["z"].status is StepStatus.COMPLETE


def test_a_signal_without_an_id_whose_answer_was_lost_is_applied_once(store, flow):
    store.meanwhile = others(store, flow, "a")
    flow.backend.signal(flow.id, "go", 1)
    assert [flow.backend.load(flow.id).steps[step].status.value for step in "vw"] == [
        "complete",
        "waiting",
    ]


def test_what_was_not_written_before_others_were_faster_is_decided_again(store, flow):
    flow.backend.load(flow.id)
    commit = store.commit

    def down(wanted):
        store.commit = commit
        others(store, flow, "a")()
        raise StoreUnavailable("it is not there")

    store.commit = down
    flow.backend.signal(flow.id, "go", 1)
    record = flow.backend.load(flow.id)
    assert record.steps["v"].output["data"] == 1
    assert record.steps["a"].status is StepStatus.COMPLETE


LIMIT = {"key": "k", "max": 1}


def test_what_came_after_a_record_was_read_is_told_to_the_newest(store):
    """Between a look at the record and one at the inbox a step begins to wait, and what it waits for is free."""
    backend, read = runfox.Backend(store), store.read
    holder = runfox.Workflow.from_dict(
        {"name": "h", "steps": [{"id": "b", "limit": LIMIT}]}, backend
    )
    flow = runfox.Workflow.from_dict(
        {"name": "f", "steps": [{"id": "a"}, {"id": "b", "depends_on": ["a"], "limit": LIMIT}]},
        backend,
    )
    holder.advance()
    flow.advance()

    def late(execution_id, limit):
        store.read = read
        for moved, step in ((flow, "a"), (holder, "b")):
            other = runfox.Workflow.resume(moved.id, runfox.Backend(store))
            other.on_step_result(step, {})
            other.advance()
        return read(execution_id, limit)

    store.read = late
    flow.advance()
    assert backend.load(flow.id).steps["b"].status is StepStatus.IN_PROGRESS
