"""What a pool has taken on, seen by those who execute it in other threads."""

from collections.abc import Callable
from math import inf
from queue import Empty, SimpleQueue
from threading import Lock
from time import monotonic
from typing import Protocol, TypeAlias

from runfox.execution.errand import Errand, Place, place_of
from runfox.graph import StepResult
from runfox.results import DispatchJob

Done: TypeAlias = tuple[DispatchJob, StepResult]

Listener: TypeAlias = Callable[[], None]
"""Called, from any thread, when there may be a result to be fetched."""

LINGER = 0.01
"""Seconds that a finished result waits for others, so that short steps of a wave share one commit."""

GLANCE = 0.05
"""Seconds between two looks at an errand that is bound to begin at any moment."""


class Desk:
    """The errands that a pool has taken on, and the results that nobody has fetched.

    One that is struck off has no result any more: whoever executes it is not listened to.
    """

    def __init__(self) -> None:
        self._open: dict[Place, Errand] = {}
        self._timed: dict[Place, Errand] = {}
        self._done: SimpleQueue[Done] = SimpleQueue()
        self._lock = Lock()
        self.listener: Listener | None = None

    @property
    def busy(self) -> int:
        """How many errands were taken on, and are neither struck off nor fetched."""
        return len(self._open) + self._done.qsize()

    def enter(self, errand: Errand) -> None:
        """Take an errand on."""
        place = place_of(errand.job)
        with self._lock:
            self._open[place] = errand
            if errand.timed:
                self._timed[place] = errand

    def find(self, job: DispatchJob) -> Errand | None:
        """Return the errand of a job, if it has no result yet."""
        return self._open.get(place_of(job))

    def begin(self, errand: Errand) -> bool:
        """Let the time of an errand run, unless it has been struck off: then nobody is to execute it."""
        with self._lock:
            if self._open.get(place_of(errand.job)) is not errand:
                return False
            errand.begin()
            return True

    def report(self, errand: Errand, result: StepResult) -> None:
        """Note what came of an errand."""
        place = place_of(errand.job)
        with self._lock:
            if self._open.get(place) is errand:
                # First, so that a job is never in neither of the two places that ``busy`` counts.
                self._done.put((errand.job, result))
                self._drop(place)
        if self.listener is not None:
            self.listener()

    def strike(self, errand: Errand) -> bool:
        """Strike an errand off, and return whether it had no result yet."""
        place = place_of(errand.job)
        with self._lock:
            open = self._open.get(place) is errand
            if open:
                self._drop(place)
            return open

    def _drop(self, place: Place) -> None:
        del self._open[place]
        self._timed.pop(place, None)

    def overdue(self) -> list[Errand]:
        """Report those that are past their time as failed, and return them: they are still being executed."""
        if not self._timed:
            return []
        now = monotonic()
        with self._lock:
            late = [(place, errand) for place, errand in self._timed.items() if errand.ends <= now]
            for place, errand in late:
                errand.withdrawn = True
                self._done.put((errand.job, errand.overdue()))
                self._drop(place)
        return [errand for _, errand in late]

    @property
    def patience(self) -> float:
        """For how many seconds nothing gets past its time."""
        if not self._timed:
            return inf
        with self._lock:
            timed = list(self._timed.values())
        now = monotonic()
        return min(
            (GLANCE if one.began is None else max(0.0, one.ends - now) for one in timed),
            default=inf,
        )

    def fetch(self, timeout: float | None) -> list[Done]:
        """Return results that nobody has fetched: waits for the first one, and a moment for others."""
        done: list[Done] = []
        try:
            done.append(self._done.get(timeout=timeout))
            until = monotonic() + LINGER
            while self.busy:
                done.append(self._done.get(timeout=max(0.0, until - monotonic())))
        except Empty:
            pass
        return done

    def clear(self) -> list[DispatchJob]:
        """Strike off what has not begun, and return it; nobody waits for the rest any longer."""
        with self._lock:
            errands = list(self._open.items())
            for place, errand in errands:
                errand.withdrawn = True
                if errand.began is None:
                    self._drop(place)
        return [errand.job for _, errand in errands if errand.began is None]


class Crew(Protocol):
    """Those who execute the errands of a desk: who begins with one, or has a result, tells the desk."""

    def start(self, errand: Errand) -> None:
        """See to it that somebody executes an errand. Never blocks."""

    def leave(self, errand: Errand) -> None:
        """End an errand that was struck off as past its time, or let somebody else take its place."""

    def withdraw(self, errand: Errand) -> None:
        """Do what can be done about one that has begun, and that nobody waits for."""

    def stop(self) -> None:
        """Begin with nothing more, and end what can be ended."""
