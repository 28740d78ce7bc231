"""Each real store beside the one in memory: the same calls, at random, and every answer is the same.

``pytest -m slow tests/model`` is the long form.
"""

from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from runfox import InMemoryStore, SqliteStore
from runfox.backend.postgres import PostgresStore
from runfox.backend.protocols import ANY, Ask, Message, Query, Taker
from runfox.errors import RunfoxError
from runfox.graph import StepResult
from runfox.status import WorkflowStatus
from runfox.testing import FakeClock, a_chain, a_commit, a_creation, a_step, loaded, told

IDS = st.sampled_from(["x1", "x2", "x3"])
WORKERS = st.sampled_from(["w-1", "w-2"])
SPECS = (a_chain("a", "b"), a_chain("a", "b", "c"))
LEASE = timedelta(seconds=60)


class Beside(RuleBasedStateMachine):
    """The store that ``make_store(folder, clock)`` gives, beside the one in memory."""

    make_store = None

    def __init__(self):
        super().__init__()
        self.clock = FakeClock()
        self.folder = TemporaryDirectory()
        self.real = type(self).make_store(Path(self.folder.name), self.clock)
        self.model = InMemoryStore(clock=self.clock)
        self.records, self.commits = {}, []

    def teardown(self):
        self.real.close()
        self.folder.cleanup()

    def both(self, call):
        """Call on both stores, compare the answers or errors, and return what it was."""
        answers = [_answer(call, store) for store in (self.model, self.real)]
        assert answers[0] == answers[1]
        return answers[0]

    @rule(own=IDS, which=st.sampled_from([0, 1]))
    def create(self, own, which):
        commit, definition = a_creation(own, SPECS[which], now=self.clock())
        if self.both(lambda store: store.create(commit, definition)) == ("value", True):
            self.records[own] = [commit.record]

    @rule(own=IDS, old=st.booleans(), step=st.sampled_from(["a", "b", "c"]))
    def commit(self, own, old, step):
        if own not in self.records:
            return
        record = self.records[own][0 if old else -1]
        try:
            made = a_step(record, StepResult(step, 0, {step: 1}), now=self.clock())
        except AssertionError:  # nothing follows any more
            made = a_commit(record, now=self.clock())
        self.commits.append(made)
        if self.both(lambda store: store.commit(made))[0] == "value":
            self.records[own].append(made.record)

    @rule(back=st.integers(1, 5))
    def commit_again(self, back):
        if len(self.commits) >= back:
            made = self.commits[-back]
            self.both(lambda store: store.commit(made))

    @rule(
        own=IDS,
        key=st.sampled_from(["k1", "k2", "k3"]),
        kind=st.sampled_from(["result", "signal"]),
    )
    def put(self, own, key, kind):
        self.both(lambda store: store.put(Message(own, key, kind, {"n": 1})))

    @rule(own=IDS, limit=st.integers(1, 3), drop=st.booleans())
    def read(self, own, limit, drop):
        said = [
            [(one.key, one.kind, one.body) for one in store.read(own, limit)]
            for store in (self.model, self.real)
        ]
        assert said[0] == said[1]
        if drop and said[0]:
            for store in (self.model, self.real):
                store.forget(own, store.read(own, limit)[-1].place)

    @rule(worker=WORKERS, limit=st.integers(1, 3))
    def take(self, worker, limit):
        ask = Ask(Taker(worker, LEASE), limit)
        self.both(lambda store: store.ledger.take(ask))

    @rule(worker=WORKERS)
    def beat(self, worker):
        self.both(lambda store: store.ledger.beat(Taker(worker, LEASE)))

    @rule(worker=WORKERS)
    def release(self, worker):
        taker = Taker(worker, LEASE)
        jobs = self.model.ledger.take(Ask(taker, 1))
        assert jobs == self.real.ledger.take(Ask(taker, 1))
        self.both(lambda store: store.ledger.release(taker, jobs))

    @rule(seconds=st.sampled_from([1, 30, 61]))
    def time_goes_on(self, seconds):
        self.clock.advance(timedelta(seconds=seconds))

    @rule()
    def look(self):
        self.both(lambda store: sorted(store.due(100)))
        self.both(lambda store: store.ledger.pending())
        self.both(_listed)
        self.both(lambda store: _listed(store, Query(status=WorkflowStatus.COMPLETE)))
        self.both(lambda store: store.definitions())
        for own in self.records:
            self.both(lambda store, own=own: told(loaded(store, own)))
            self.both(lambda store, own=own: store.history(own))


def machine(make_store):
    """Return the state machine of a store."""
    return type("Machine", (Beside,), {"make_store": staticmethod(make_store)})


def _listed(store, query=ANY):
    """Return what is listed, but for the engine that it needs: what keeps objects needs none."""
    return [summary._replace(min_engine=0) for summary in store.executions(query)]


def _answer(call, store):
    try:
        return "value", call(store)
    except RunfoxError as error:
        return type(error).__name__, str(error)


def durable(folder, clock):
    return SqliteStore(folder / "runs.db", clock=clock)


def fast(folder, clock):
    return SqliteStore(folder / "runs.db", profile="fast", clock=clock)


@pytest.mark.parametrize("make_store", [durable, fast])
def test_a_store_answers_as_the_one_in_memory(make_store):
    run_state_machine_as_test(
        machine(make_store),
        settings=settings(max_examples=25, stateful_step_count=30, deadline=None, derandomize=True),
    )


def test_postgresql_answers_as_the_store_in_memory(postgres_url):
    schemas = (f"model_{number}" for number in count())

    def make_store(folder, clock):
        return PostgresStore(postgres_url, schema=next(schemas), size=2, clock=clock)

    run_state_machine_as_test(
        machine(make_store),
        settings=settings(max_examples=5, stateful_step_count=30, deadline=None, derandomize=True),
    )


@pytest.mark.slow
@pytest.mark.parametrize("make_store", [durable, fast])
def test_a_store_answers_as_the_one_in_memory_for_long(make_store):
    run_state_machine_as_test(
        machine(make_store),
        settings=settings(max_examples=3_000, stateful_step_count=60, deadline=None),
    )
