"""What the engine takes from its surroundings: time, randomness, threads. Here all of it is the simulation's."""

from contextlib import contextmanager
from queue import Empty

from greenlet import getcurrent

from runfox.backend import deciding, driver, heart, holding, ids, reading, sweeping
from runfox.execution import desk, errand, pools, threads
from runfox.worker import driving, worker
from tests.simulation.clockwork import Clockwork, process_now

_now: list[Clockwork] = []
"""The simulation that is being run, last."""


def sleep(seconds):
    _now[-1].rest(max(0.0, seconds))


def monotonic():
    """Every process has a clock of its own, which begins somewhere and goes a little wrong."""
    process = process_now()
    _now[-1].look()
    return process.shift + _now[-1].time * process.rate


def urandom(size):
    return _now[-1].random.randbytes(size)


def getpid():
    return 1


class Thread:
    """Something a process does beside the rest."""

    def __init__(self, target, *, args=(), name="", daemon=True):
        self._work = lambda: target(*args)

    def start(self):
        _now[-1].start(process_now(), self._work)


class Condition:
    """What is done while it is held never waits for anything but itself."""

    def __init__(self):
        self._waiting = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def notify(self):
        if self._waiting:
            _now[-1].wake(self._waiting[0])

    def wait(self, timeout):
        mine = getcurrent()
        self._waiting.append(mine)
        try:
            _now[-1].sleep_until_woken(timeout)
        finally:
            self._waiting.remove(mine)


class SimpleQueue:
    def __init__(self):
        self._items = []
        self._waiting = []

    def put(self, item):
        self._items.append(item)
        if self._waiting:
            _now[-1].wake(self._waiting[0])

    def get(self, timeout=None):
        if not self._items:
            mine = getcurrent()
            until = None if timeout is None else _now[-1].time + timeout
            self._waiting.append(mine)
            try:
                while not self._items and (until is None or _now[-1].time < until):
                    _now[-1].sleep_until_woken(None if until is None else until - _now[-1].time)
            finally:
                self._waiting.remove(mine)
            if not self._items:
                raise Empty
        return self._items.pop(0)

    def empty(self):
        return not self._items

    def qsize(self):
        return len(self._items)


class Semaphore:
    def __init__(self, free):
        self._free = free

    def acquire(self, *, blocking):
        assert not blocking
        if self._free == 0:
            return False
        self._free -= 1
        return True

    def release(self):
        self._free += 1


class Lock:
    def __init__(self):
        self._held = False
        self._waiting = []

    def acquire(self, timeout=None):
        mine, until = getcurrent(), None if timeout is None else _now[-1].time + timeout
        while self._held:
            left = None if until is None else until - _now[-1].time
            if left is not None and left <= 0:
                return False
            self._waiting.append(mine)
            try:
                _now[-1].sleep_until_woken(left)
            finally:
                self._waiting.remove(mine)
        self._held = True
        return True

    def release(self):
        self._held = False
        if self._waiting:
            _now[-1].wake(self._waiting[0])

    def __enter__(self):
        self.acquire()

    def __exit__(self, *_):
        self.release()


LOOK = 4.0
TICK = 3.0

_NAMES = (
    *((module, "sleep", sleep) for module in (deciding, driver, reading, driving, worker)),
    *(
        (module, "monotonic", monotonic)
        for module in (
            driver,
            heart,
            holding,
            reading,
            sweeping,
            driving,
            worker,
            desk,
            errand,
            pools,
        )
    ),
    (deciding, "urandom", urandom),
    (ids, "urandom", urandom),
    (ids, "getpid", getpid),
    (heart, "Thread", Thread),
    (heart, "Condition", Condition),
    (heart, "Lock", Lock),
    (heart, "getpid", getpid),
    (threads, "Thread", Thread),
    (threads, "SimpleQueue", SimpleQueue),
    (threads, "Semaphore", Semaphore),
    (desk, "SimpleQueue", SimpleQueue),
    (holding, "Lock", Lock),
    # Who is idle looks so seldom that a seed costs little; what it looks for is the same.
    *((module, "LOOK", LOOK) for module in (driver, reading, driving, worker)),
    *((module, "TICK", TICK) for module in (heart, holding)),
)


@contextmanager
def ambient(clockwork):
    """Run the engine in a simulation."""
    before = [(module, name, getattr(module, name)) for module, name, _ in _NAMES]
    _now.append(clockwork)
    for module, name, value in _NAMES:
        setattr(module, name, value)
    try:
        yield
    finally:
        _now.pop()
        for module, name, value in before:
            setattr(module, name, value)
