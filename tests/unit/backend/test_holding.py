"""A process holds no more than it may, lets go of what is withdrawn, and fails what is past its time."""

from datetime import timedelta
from threading import Thread

import pytest

from runfox.backend import holding as module
from runfox.backend.holding import Holding
from runfox.backend.protocols import Ask, Taker
from runfox.backend.sqlite import SqliteRunner
from runfox.errors import StoreUnavailable
from runfox.execution import open_pool
from runfox.results import DispatchJob, Terms

KEY = "w#x"
OTHER = Taker("w-other", timedelta(seconds=60))


def job(number, **terms):
    return DispatchJob(KEY, f"s{number}", "fn", {}, 0, terms=Terms(**terms))


@pytest.fixture
def ledger(tmp_path):
    runner = SqliteRunner(tmp_path / "queue.db")
    yield runner.ledger
    runner.close()


@pytest.fixture
def calls():
    return []


@pytest.fixture
def holding(ledger, calls):
    pool = open_pool(lambda fn, inputs, context: calls.append(context.step_id) or {})
    taker = Taker("w-me", timedelta(seconds=60))
    with Holding(ledger, taker, pool) as made:
        yield made


def test_of_jobs_whose_time_runs_only_as_many_are_held_as_can_begin(ledger, holding):
    ledger.queue([job(number, attempt=60.0) for number in range(5)])
    holding.take(5)
    assert holding.busy == 1
    assert holding.behind
    assert [one.delivery for one in ledger.pending()] == [0] * 4
    done = holding.finished(1)
    assert [one.step_id for one, _ in done] == ["s0"]
    assert holding.room == 1


def test_jobs_that_may_take_as_long_as_they_take_are_all_held(ledger, holding):
    ledger.queue([job(number) for number in range(5)])
    assert holding.take(5) == 5
    assert holding.busy == 5
    assert not holding.behind
    assert ledger.pending() == []


def test_a_job_that_was_withdrawn_by_others_is_not_begun_after_the_next_beat(
    ledger, holding, calls
):
    ledger.queue([job(0), job(1)])
    holding.take(2)
    ledger.forget(KEY, [("s1", 0)])
    holding.beat()
    while holding.busy:
        holding.finished(1)
    assert calls == ["s0"]


def test_what_is_past_its_time_fails_though_nobody_takes(ledger, holding, monkeypatch):
    monkeypatch.setattr(module, "TICK", 0.0)
    ledger.queue([job(0, wait=0.0)])
    assert holding.look() == 1
    assert ledger.pending() == []


def test_it_is_not_looked_for_more_than_once_a_second(ledger, holding):
    ledger.queue([job(0, wait=0.0)])
    holding._looked += 1_000
    assert holding.look() == 0


def test_what_was_not_executed_or_not_recorded_goes_back_on_leaving(ledger):
    pool = open_pool(lambda fn, inputs: {})
    with Holding(ledger, Taker("w-me", timedelta(seconds=60)), pool) as holding:
        ledger.queue([job(0), job(1), job(2)])
        holding.take(1)
        done = holding.finished(1)
        holding.take(1)
        holding.finished(1)
        holding.take(1)
        holding.recorded(done)
        ledger.forget(KEY, [("s0", 0)])
    taken = ledger.take(Ask(OTHER, 10))
    assert [(one.step_id, one.delivery) for one in taken] == [("s1", 1), ("s2", 1)]


def test_what_a_lost_answer_gave_to_this_worker_goes_back_after_two_beats(ledger, holding):
    ledger.queue([job(0), job(1)])
    holding.take(1)
    lost = ledger.take(Ask(Taker("w-me", timedelta(seconds=60)), 1))  # and nobody heard of it
    holding.beat()
    assert ledger.pending() == []  # it may be on its way
    holding.beat()
    assert [(one.step_id, one.delivery) for one in ledger.pending()] == [(lost[0].step_id, 0)]
    assert holding.busy == 1


def test_what_another_thread_holds_for_this_worker_stays_with_it(ledger, holding):
    ledger.queue([job(1), job(2)])
    holding.take(1)
    with Holding(ledger, holding.taker, open_pool(lambda fn, inputs: {})) as other:
        other.take(1)
        for _ in range(3):
            holding.beat()
            other.beat()
        assert ledger.pending() == []
        other.finished(1)
        holding.beat()
        holding.beat()
        assert ledger.pending() == []


def test_what_was_executed_is_known_to_be_here_at_any_moment(ledger, holding):
    seen = []

    class Watched(dict):
        def pop(self, *key):
            found = super().pop(*key)
            seen.append(len(holding.runs))
            return found

    ledger.queue([job(1)])
    holding.take(1)
    holding._waiting = Watched(holding._waiting)
    holding.finished(1)
    assert seen == [1]


def test_who_comes_as_the_last_one_leaves_is_known_to_those_that_follow(ledger, monkeypatch):
    def held():
        return Holding(ledger, Taker("w-one", None), open_pool(lambda fn, inputs: {}))

    first, second = held(), held()
    leaving = Thread(target=first.__exit__, args=(None, None, None))

    class Watched(dict):
        def setdefault(self, *item):
            found = super().setdefault(*item)
            if found.holdings and leaving.ident is None:
                leaving.start()
                leaving.join(0.5)
            return found

    monkeypatch.setattr(module, "_hands", Watched())
    first.__enter__()
    with second:
        leaving.join()
        with held() as third:
            assert second._hands.holdings == [second, third]


def test_what_could_not_be_given_back_is_taken_by_the_next_of_this_worker(ledger, monkeypatch):
    me = Taker("w-me", timedelta(seconds=60))
    ledger.queue([job(1)])

    def silent(*_):
        raise StoreUnavailable("no answer")

    def leave():
        with Holding(ledger, me, open_pool(lambda fn, inputs: {})) as holding:
            assert holding.take(1) == 1
            monkeypatch.setattr(ledger, "release", silent)

    with pytest.raises(StoreUnavailable):
        leave()
    monkeypatch.undo()
    assert ledger.pending() == []
    with Holding(ledger, me, open_pool(lambda fn, inputs: {})) as holding:
        assert holding.take(1) == 1


def test_what_a_lost_answer_gave_is_taken_again_once_the_store_answers(ledger, holding):
    ledger.queue([job(1)])
    ledger.take(Ask(holding.taker, 1))  # and nobody heard of it
    holding.doubt()
    assert holding.take(1) == 1


def test_what_is_on_its_way_for_longer_than_two_beats_is_not_lost(ledger, holding):
    ledger.queue([job(1)])
    with holding.asking():
        slow = ledger.take(Ask(holding.taker, 1))
        for _ in range(3):
            holding.beat()
        assert ledger.pending() == []
        holding.begin(slow)
    holding.beat()
    assert holding.busy == 1
    assert ledger.pending() == []


def test_nothing_is_taken_while_a_beat_gives_back_what_was_lost(ledger, holding, monkeypatch):
    ledger.queue([job(1)])
    ledger.take(Ask(holding.taker, 1))  # and nobody heard of it
    holding.beat()
    release, order = ledger.release, []

    def slow(*arguments):
        taking.start()
        taking.join(0.2)
        release(*arguments)
        order.append("given back")

    def take():
        holding.take(1)
        order.append("taken")

    taking = Thread(target=take)
    monkeypatch.setattr(ledger, "release", slow)
    holding.beat()
    taking.join()
    assert order == ["given back", "taken"]
    assert holding.busy == 1
    assert ledger.pending() == []
