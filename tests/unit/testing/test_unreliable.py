"""A queue of hints that goes wrong as often as it is told to, and the same way again with the same seed."""

from random import Random

import pytest

from runfox.backend.protocols import Hint, Hints
from runfox.testing import HintsContract
from runfox.testing.unreliable import NONE, UnreliableHints

HINTS = [Hint("w#x1", f"s{number}", 0) for number in range(200)]


class TestAQueueWithoutFaults(HintsContract):
    @pytest.fixture
    def hints(self):
        return UnreliableHints(Random(0), lambda: 0.0, NONE)


def sent(faults, seconds=0.0):
    queue = UnreliableHints(Random(0), lambda: seconds, faults)
    queue.hint(HINTS)
    return queue


def test_it_is_a_queue_of_hints():
    assert isinstance(UnreliableHints(Random(0), lambda: 0.0), Hints)


def test_it_loses_and_repeats_as_many_as_it_is_told_to():
    assert sent(NONE._replace(lost=1)).receive(500) == []
    assert sorted(sent(NONE._replace(twice=1)).receive(500)) == sorted(HINTS * 2)
    assert 120 < len(sent(NONE._replace(lost=0.25)).receive(500)) < 180


def test_it_delays_and_reorders():
    time = [0.0]
    queue = UnreliableHints(Random(0), lambda: time[0], NONE._replace(delayed=1, delay=(5, 30)))
    queue.hint(HINTS)
    assert queue.receive(500) == []
    time[0] = 17.0
    assert 50 < len(queue.receive(500)) < 150
    shuffled = sent(NONE._replace(shuffled=True)).receive(500)
    assert shuffled != HINTS
    assert sorted(shuffled) == sorted(HINTS)


def test_when_it_is_down_it_says_so_and_has_taken_all_or_nothing():
    queue = UnreliableHints(Random(0), lambda: 0.0, NONE._replace(down=1))
    with pytest.raises(ConnectionError):
        queue.receive(1)
    for _ in range(20):
        with pytest.raises(ConnectionError):
            queue.hint(HINTS)
    queue.faults = NONE
    assert len(queue.receive(10_000)) % len(HINTS) == 0


def test_with_the_same_seed_it_does_the_same_again():
    def told(seed):
        queue = UnreliableHints(Random(seed), lambda: 20.0)
        found = []
        for hint in HINTS:
            try:
                queue.hint([hint])
                found += queue.receive(3)
            except ConnectionError:
                found.append("down")
        return found

    assert told(1) == told(1) != told(2)
