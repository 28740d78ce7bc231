"""A worker knows when something is due, and asks no sooner."""

from datetime import timedelta

from runfox.testing.clock import FakeClock
from runfox.worker import alarms as module
from runfox.worker.alarms import Alarms


def after(clock, seconds):
    return clock() + timedelta(seconds=seconds)


def test_the_soonest_moment_counts_and_is_forgotten_once_it_has_come():
    clock = FakeClock()
    alarms = Alarms(clock)
    alarms.set("late", after(clock, 5))
    alarms.set("soon", after(clock, 2))
    alarms.set("never", None)
    assert alarms.seconds(60) == 2
    assert alarms.rung() == []
    clock.advance(timedelta(seconds=2))
    assert alarms.seconds(60) == 0
    assert alarms.rung() == ["soon"]
    assert alarms.seconds(60) == 3
    assert alarms.seconds(1) == 1


def test_saying_the_same_again_costs_nothing_and_another_moment_counts_too():
    clock = FakeClock()
    alarms = Alarms(clock)
    for _ in range(3):
        alarms.set("x", after(clock, 5))
    alarms.set("x", after(clock, 1))
    assert len(alarms._moments) == 2
    clock.advance(timedelta(seconds=1))
    assert alarms.rung() == ["x"]


def test_what_is_kept_in_mind_is_bounded(monkeypatch):
    monkeypatch.setattr(module, "MOST", 3)
    clock = FakeClock()
    alarms = Alarms(clock)
    for number in range(9):
        alarms.set(f"x{number}", after(clock, number))
    assert len(alarms._moments) == 3
