"""The wall clock of a machine jumps by an hour, forwards or back, while its processes work.

Leases, timers and places in the queue are reckoned by that clock. So a jump forwards takes jobs from the living:
those are executed a second time. One back delays what waits for a moment until the clock is there again. Never is
anything lost, recorded twice, or early by the clock as it stands.
"""

from contextlib import closing
from datetime import timedelta
from time import monotonic, sleep

import pytest

from runfox import Complete, SqliteStore, Workflow
from runfox.backend import codec
from runfox.backend.protocols import Ask, Taker
from runfox.connect import connect
from runfox.graph.facts import StepSucceeded
from runfox.results import DispatchJob
from tests.acceptance.flows import FLOW, INPUTS, OUTCOME, RUNS, left_over, starts, successes
from tests.acceptance.processes import TOO_LONG, begin, end, said
from tests.faults import shim
from tests.faults.life import Moved

DONE = str(Complete(OUTCOME))
HOUR = timedelta(hours=1)

TIMED = {
    "name": "timed",
    "steps": [
        {"id": "later", "wait": {"for": "10m"}},
        {"id": "root", "depends_on": ["later"], "input": {"seed": 1}},
    ],
}


@pytest.fixture
def jump(tmp_path, monkeypatch):
    """Move the clock of the processes that are started here, by so many seconds from the real one."""
    clock = tmp_path / "clock"
    clock.write_text(f"{0:<12}")
    monkeypatch.setenv("LD_PRELOAD", str(shim.build(tmp_path)))
    monkeypatch.setenv("SHIM_CLOCK", str(clock))

    def to(seconds):
        # In one write, and never empty between: who looks at the clock just then sees the old or the new.
        with clock.open("r+") as file:
            file.write(f"{seconds:<12}")

    return to


@pytest.fixture
def made(tmp_path):
    backend = connect(str(tmp_path / "runs.db"))
    yield lambda flow, inputs=None: Workflow.from_dict(flow, backend, inputs=inputs)
    backend.store.close()


def begun(log, count):
    until = monotonic() + TOO_LONG
    while starts(log).total() < count:
        assert monotonic() < until, "no more is begun"
        sleep(0.01)


@pytest.mark.parametrize("seconds", [3_600, -3_600])
def test_workers_go_on_when_the_clock_jumps(tmp_path, made, jump, seconds):
    database, log = tmp_path / "runs.db", tmp_path / "log"
    run = made(FLOW, INPUTS)
    run.advance()
    workers = [begin("work", database, run.id, log, 0.05, 2) for _ in range(2)]
    follower = begin("follow", database, run.id)
    try:
        begun(log, 4)
        jump(seconds)
        begun(log, 8)
        jump(0)
        assert said(follower) == DONE
    finally:
        for process in (*workers, follower):
            end(process)
    assert successes(run.backend, run.id) == RUNS
    assert left_over(database) == []
    # A jump forwards, in this case there are two, takes from a worker what it has at hand.
    again = starts(log).total() - len(RUNS) - 1
    assert 0 <= again <= 2 * 2 * 2


@pytest.mark.parametrize("before", [500, -3_600])
def test_a_timer_waits_until_the_clock_is_there(tmp_path, made, jump, before):
    database, log = tmp_path / "runs.db", tmp_path / "log"
    run = made(TIMED)
    run.advance()
    worker = begin("work", database, run.id, log)
    follower = begin("follow", database, run.id)
    try:
        jump(before)
        # Whoever works there makes some hundred looks meanwhile.
        other = made(FLOW, INPUTS)
        other.advance()
        begun(log, len(RUNS) + 1)
        assert run.step_statuses["later"] == "waiting"
        jump(601)
        assert said(follower) == str(Complete({}))
    finally:
        for process in (worker, follower):
            end(process)
    asked, *_, fired, _ = run.backend.history(run.id)[1:]
    assert any(isinstance(fact, StepSucceeded) for fact in codec.facts(fired))
    assert fired.at >= asked.at + timedelta(minutes=10)


@pytest.fixture
def clocked(tmp_path):
    clock = Moved()
    store = SqliteStore(tmp_path / "queue.db", clock=clock)
    store.ledger.queue([DispatchJob("w#x", "a", "fn", {}, 0)])
    with closing(store):
        yield clock, store.ledger


MINUTE = timedelta(seconds=60)


def test_a_lease_that_was_given_before_the_clock_went_back_ends_a_lease_after_the_next_beat(
    clocked,
):
    clock, ledger = clocked
    stopped, other = Taker("w-stopped", MINUTE), Taker("w-other", MINUTE)
    assert len(ledger.take(Ask(stopped, 1))) == 1
    clock.by -= HOUR
    ledger.beat(stopped)
    clock.by += MINUTE / 2
    assert ledger.take(Ask(other, 1)) == []
    clock.by += MINUTE
    assert len(ledger.take(Ask(other, 1))) == 1


def test_what_is_queued_after_the_clock_went_back_is_taken_after_what_was_there(clocked):
    clock, ledger = clocked
    clock.by -= HOUR
    ledger.queue([DispatchJob("w#x", "b", "fn", {}, 0)])
    assert [job.step_id for job in ledger.take(Ask(Taker("w", MINUTE), 2))] == ["a", "b"]
