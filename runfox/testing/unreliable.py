"""A queue of hints as bad as one may be, to try out with what you build on one."""

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from random import Random
from threading import Lock
from typing import NamedTuple

from runfox.backend.protocols import Hint


class Faults(NamedTuple):
    """How often a queue goes wrong, as shares of 1, and for how many seconds it may keep a hint to itself.

    ``lost`` and ``twice`` are of hints, ``delayed`` is of those that are not lost, each for a time drawn from
    ``delay``. Those that are due are received in any order if ``shuffled``. ``down`` is of calls: they raise
    ``ConnectionError``, having done nothing, or all.
    """

    lost: float = 0.1
    twice: float = 0.1
    delayed: float = 0.2
    delay: tuple[float, float] = (5.0, 30.0)
    shuffled: bool = True
    down: float = 0.05


NONE = Faults(0, 0, 0, (0, 0), shuffled=False, down=0)
"""A queue that does as it is told."""


class UnreliableHints:
    """Loses hints, repeats, delays and reorders them, and is not there at times. Implements ``Hints``.

    It is a ``Runner`` for a ``Backend`` over a store that keeps jobs. ``seconds`` is its clock, any count of
    seconds that grows. With the same ``random``, clock and calls it does the same again. ``faults`` may be
    replaced at any time.
    """

    def __init__(
        self, random: Random, seconds: Callable[[], float], faults: Faults | None = None
    ) -> None:
        self.faults = Faults() if faults is None else faults
        self._random = random
        self._seconds = seconds
        self._waiting: list[tuple[float, int, Hint]] = []
        self._count = 0
        self._lock = Lock()

    def hint(self, hints: Sequence[Hint]) -> None:
        """Take hints, or lose them."""
        with self._lock:
            self._take(hints)

    def _take(self, hints: Sequence[Hint]) -> None:
        down = self._happens(self.faults.down)
        if down and self._happens(0.5):
            raise ConnectionError("the queue is not there; it took nothing")
        for hint in hints:
            if not self._happens(self.faults.lost):
                self._put(hint)
                if self._happens(self.faults.twice):
                    self._put(hint)
        if down:
            raise ConnectionError("the queue is not there; it took all")

    def receive(self, limit: int, queues: Sequence[str] = ()) -> list[Hint]:
        """Return hints whose time has come, and forget them."""
        with self._lock:
            return self._given(limit, queues)

    def _given(self, limit: int, queues: Sequence[str]) -> list[Hint]:
        if self._happens(self.faults.down):
            raise ConnectionError("the queue is not there")
        due = self._due()
        if self.faults.shuffled:
            self._random.shuffle(due)
        found = [one for one in due if not queues or one[2].queue in queues][:limit]
        for one in due:
            if one not in found:
                heappush(self._waiting, one)
        return [hint for _, _, hint in found]

    def dispatch(self, workflow_execution_id: str, jobs: Sequence[object]) -> None:
        """Not asked of a queue of hints: ``hint`` is."""

    def _put(self, hint: Hint) -> None:
        late = self._random.uniform(*self.faults.delay) if self._happens(self.faults.delayed) else 0
        self._count += 1
        heappush(self._waiting, (self._seconds() + late, self._count, hint))

    def _due(self) -> list[tuple[float, int, Hint]]:
        now, found = self._seconds(), []
        while self._waiting and self._waiting[0][0] <= now:
            found.append(heappop(self._waiting))
        return found

    def _happens(self, share: float) -> bool:
        return share > 0 and self._random.random() < share
