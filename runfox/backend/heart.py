"""Keeping workers' leases alive from a thread that a busy executor does not block."""

import logging
from collections.abc import Callable
from datetime import timedelta
from os import getpid
from threading import Condition, Lock, Thread
from time import monotonic
from typing import Self
from weakref import WeakKeyDictionary

from runfox.errors import StoreError

logger = logging.getLogger("runfox")

TICK = 1.0
"""Seconds between two looks for jobs that are past their time."""

LAST = 5.0
"""Seconds for which the last beat is waited for: a store that does not answer keeps nobody from leaving."""


class Heart:
    """Calls ``beat`` three times per lease, and ``look`` about once a second, from entering to leaving.

    Without a lease nothing is called: then whoever holds jobs shares their queue's life, and looks by itself.
    All hearts of a ``queue`` beat in one thread, so that a thousand runs at once cost no thousand threads.
    """

    def __init__(
        self,
        beat: Callable[[], object],
        look: Callable[[], object],
        lease: timedelta | None,
        queue: object,
    ) -> None:
        self._beat = beat
        self._look = look
        self._interval = lease.total_seconds() / 3 if lease is not None else None
        self._queue = queue
        self._pulse: _Pulse | None = None
        self._stopped = False
        self._ticking = Lock()
        self._due = 0.0
        self.next = 0.0
        """When it wants to be called again."""

    def __enter__(self) -> Self:
        if self._interval is not None:
            now = monotonic()
            self._due = now + self._interval
            self.next = now + min(TICK, self._interval)
            self._pulse = _pulse_of(self._queue)
            self._pulse.add(self)
        return self

    def __exit__(self, *_: object) -> None:
        pulse = self._pulse
        if pulse is None or pulse.pid != getpid():
            return  # it beats in the process that this one was forked from
        # A lease that is renewed afterwards would be that of a worker who has left.
        waited = self._ticking.acquire(timeout=LAST)
        self._stopped = True
        if waited:
            self._ticking.release()
        pulse.remove(self)

    def tick(self) -> None:
        """Beat, if it is time to, and look."""
        interval = self._interval
        assert interval is not None
        with self._ticking:
            if self._stopped:
                return
            try:
                if monotonic() >= self._due:
                    self._due = monotonic() + interval
                    self._beat()
                self._look()
            except StoreError as error:
                # The lease may run out now, and another worker take over: results of both are then safe.
                logger.warning("could not renew the lease: %s", error)
            except Exception:
                logger.exception("could not renew the lease")
            self.next = min(monotonic() + min(TICK, interval), max(monotonic(), self._due))


class _Pulse:
    """The thread in which the hearts of a queue beat, while there are some."""

    def __init__(self) -> None:
        self.pid = getpid()
        self._hearts: dict[Heart, None] = {}
        self._thread: Thread | None = None
        self._changed = Condition()

    def add(self, heart: Heart) -> None:
        with self._changed:
            if self._thread is None:
                thread = Thread(target=self._run, name="runfox-heart", daemon=True)
                thread.start()  # which the system may refuse: then the next heart tries again
                self._thread = thread
            self._hearts[heart] = None
            self._changed.notify()

    def remove(self, heart: Heart) -> None:
        with self._changed:
            self._hearts.pop(heart, None)
            self._changed.notify()

    def _run(self) -> None:
        while (due := self._next()) is not None:
            for heart in due:
                heart.tick()

    def _next(self) -> list[Heart] | None:
        """Return the hearts that want to be called now, after waiting for them; None: there are none left."""
        with self._changed:
            while self._hearts:
                now = monotonic()
                due = [heart for heart in self._hearts if heart.next <= now]
                if due:
                    return due
                self._changed.wait(min(heart.next for heart in self._hearts) - now)
            self._thread = None
            return None


_pulses: WeakKeyDictionary[object, _Pulse] = WeakKeyDictionary()


def _pulse_of(queue: object) -> _Pulse:
    """Return the pulse of a queue. Two threads may make one each at the same moment, which is harmless."""
    try:
        pulse = _pulses.get(queue)
        # A forked process has the hearts of its parent in memory, and none of the threads.
        if pulse is None or pulse.pid != getpid():
            pulse = _pulses[queue] = _Pulse()
    except TypeError:  # somebody else's queue, that cannot be a key here
        return _Pulse()
    return pulse
