"""What a queue hints at need not be believed: whoever can write to it gets nothing out of that."""

from datetime import timedelta

import pytest

from runfox import InMemoryStore, SqliteStore
from runfox.backend import Backend
from runfox.backend.protocols import Ask, Hint, Taker
from runfox.spec import from_data
from runfox.testing.hostile import TEXTS

WORKER = Taker("w-1", timedelta(minutes=1))
RUBBISH = (None, {}, [], b"x", 5, 1.5, True, *TEXTS)
NUMBERS = (-1, 1, 7, 2**63, 2**70, -(2**70), 1.5, "0", None, True, [], {})


class Rumours:
    """A queue that carries what anybody wrote to it."""

    database = None

    def __init__(self):
        self.hints = []

    def dispatch(self, workflow_execution_id, jobs):
        raise AssertionError

    def hint(self, hints):
        self.hints += hints

    def receive(self, limit, queues=()):
        found, self.hints = self.hints, []
        return found


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    if request.param == "memory":
        yield InMemoryStore()
        return
    store = SqliteStore(tmp_path / "runs.db", profile="fast")
    yield store
    store.close()


def test_a_hint_that_is_none_gives_no_job_and_keeps_no_other_from_being_taken(store):
    runner = Rumours()
    backend = Backend(store, runner)
    key = backend.create(from_data({"name": "x", "steps": [{"id": "a"}]}), execution_id="x")
    backend.step(key)
    [sound] = runner.receive(1)
    odd = [Hint(one, "a", 0) for one in RUBBISH] + [Hint(key, one, 0) for one in RUBBISH]
    odd += [Hint(key, "a", one) for one in NUMBERS]
    for hint in odd:
        runner.hints = [hint]
        assert backend.route.take(Ask(WORKER, 5)) == []
    runner.hints = [*odd, *[sound] * 1_000, *odd]
    [job] = backend.route.take(Ask(WORKER, 5))
    assert (job.workflow_execution_id, job.step_id, job.run_id) == (key, "a", 0)
