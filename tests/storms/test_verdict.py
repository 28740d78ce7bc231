"""A verdict that finds nothing wrong is worth as much as what it would have found."""

from contextlib import closing
from types import SimpleNamespace

import pytest

from runfox import Workflow
from tests.storms.flows import FLOWS, answer, inputs
from tests.storms.notes import SECOND, effect, note
from tests.storms.processes import LEASE, open_backend
from tests.storms.verdict import judge, left_over

OWN = "chain-0-1"
ME = 100
"""The number of a process that there is not."""

LATE = int(LEASE.total_seconds() * 2) * SECOND


@pytest.fixture
def world(tmp_path):
    """A run that has ended as it must, and what callers and executors noted of it."""
    with closing((backend := open_backend(f"sqlite:///{tmp_path}/runs.db")).store):
        yield World(backend, tmp_path)


class World:
    def __init__(self, backend, folder):
        self.backend, self.folder = backend, folder
        self.run = Workflow.from_dict(
            {"name": "chain", **FLOWS["chain"]}, backend, inputs=inputs(1), execution_id=OWN
        )
        note(folder / "caller-0", "made", OWN)

    def go(self, *, log=True):
        while jobs := getattr(self.run.advance(), "jobs", ()):
            for job in jobs:
                context = SimpleNamespace(**{name: getattr(job, name) for name in FIELDS})
                if log:
                    effect(self.folder / "log", "start", ME, context)
                    effect(self.folder / "log", "end", ME, context)
                output = answer(job.fn, job.inputs, context, self.folder)
                self.run.on_step_result(job.step_id, output, job.run_id)
        return self

    def start(self, delivery, at):
        """Note one more start of the first run."""
        words = (OWN, "a", 7, delivery, "key", ME, ME, at)
        note(self.folder / "log", "start", *words)

    def note(self, *words):
        note(self.folder / "log", *words)

    def verdict(self):
        return judge(self.backend, self.folder)


FIELDS = ("workflow_execution_id", "step_id", "run_id", "attempt", "delivery", "idempotency_key")


def test_a_run_that_went_well_is_sound(world):
    verdict = world.go().verdict()
    assert verdict.sound
    assert (verdict.runs, verdict.steps) == (1, 3)
    assert left_over(f"sqlite:///{world.folder}/runs.db") == []


def test_a_run_that_was_acknowledged_and_is_not_there_is_lost(world):
    note(world.folder / "caller-0", "made", "chain-0-2")
    assert world.go().verdict().lost == ["made chain-0-2"]


def test_a_signal_that_was_acknowledged_and_nobody_heard_is_lost(world):
    note(world.folder / "caller-0", "said", OWN)
    assert len(world.go().verdict().lost) == 1


def test_a_cancel_that_was_accepted_and_ended_nothing_is_lost(world):
    note(world.folder / "caller-0", "cancelled", OWN)
    assert len(world.go().verdict().lost) == 1


def test_a_run_that_does_not_end_is_wrong(world):
    world.run.advance()
    verdict = world.verdict()
    assert not verdict.sound
    assert any("in_progress" in word for word in verdict.violations)
    assert left_over(f"sqlite:///{world.folder}/runs.db") != []


def test_a_run_that_ended_otherwise_is_wrong(world):
    world.run.advance()
    world.run.cancel()
    assert any("cancelled" in word for word in world.verdict().violations)


def test_what_is_recorded_and_was_not_executed_is_wrong(world):
    assert len(world.go(log=False).verdict().violations) == 3


def test_what_is_recorded_twice_is_found(world, monkeypatch):
    rows = world.go().backend.history(OWN)
    record = world.backend.load(OWN)
    monkeypatch.setattr(world.backend, "history", lambda _: [*rows, *rows])
    monkeypatch.setattr("tests.storms.verdict.records.folded", lambda *_, **__: record)
    verdict = world.verdict()
    assert len(verdict.twice) == 3
    assert any("gap" in word for word in verdict.violations)


def test_a_start_that_nothing_explains_is_wrong(world):
    world.start(1, SECOND)
    world.start(2, 2 * SECOND)
    verdict = world.go().verdict()
    assert verdict.repeated == {"unexplained": 1}
    assert not verdict.sound


@pytest.mark.parametrize(
    ("words", "at", "why"),
    [
        (("kill", ME, SECOND + 1), 2 * SECOND, "killed"),
        (("beat", ME, SECOND // 2, SECOND // 2), LATE, "lease ran out"),
        (("trouble", SECOND // 2, SECOND * 2), 2 * SECOND, "cut off"),
    ],
)
def test_a_start_again_is_explained_by_what_happened_to_the_one_before(world, words, at, why):
    world.start(1, SECOND)
    world.note(*words)
    world.start(2, at)
    verdict = world.go().verdict()
    assert verdict.repeated == {why: 1}
    assert verdict.sound


def test_a_kill_that_came_later_explains_nothing(world):
    world.start(1, SECOND)
    world.start(2, 2 * SECOND)
    world.note("kill", ME, 3 * SECOND)
    assert world.go().verdict().repeated == {"unexplained": 1}
