"""One job in the hands of one executor: since when, until when, and whether it is wanted still."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import inf
from time import monotonic
from typing import TypeAlias

from runfox.execution.returned import failure
from runfox.graph import StepResult
from runfox.results import DispatchJob

logger = logging.getLogger("runfox")

Place: TypeAlias = tuple[str, str, int, int]

OFTEN = 10
"""How many signs of life are passed on within the time that one is asked for: more would say no more."""


def place_of(job: DispatchJob) -> Place:
    """Return what one delivery of one run is known by."""
    return (job.workflow_execution_id, job.step_id, job.run_id, job.delivery)


class Errand:
    """A job from the moment that its execution begins.

    ``tell`` is called with each sign of life that is worth passing on. Safe for use from many threads.
    """

    __slots__ = ("_heard", "_tell", "_told", "began", "job", "withdrawn")

    def __init__(self, job: DispatchJob, tell: Callable[[DispatchJob], None] | None = None) -> None:
        self.job = job
        self.began: float | None = None
        self.withdrawn = False
        self._tell = tell
        self._heard = self._told = -inf

    @property
    def timed(self) -> bool:
        """Whether its job may only take so long, or has to give signs of life."""
        return is_timed(self.job)

    def begin(self, spent: float = 0.0) -> None:
        """Let its time run; ``spent`` seconds of it are over."""
        self.began = self._heard = self._told = monotonic() - spent

    @property
    def spent(self) -> float:
        """For how many seconds its time runs."""
        return 0.0 if self.began is None else monotonic() - self.began

    @property
    def deadline(self) -> datetime | None:
        """The moment until which the attempt may take, by the clock of this machine."""
        attempt = self.job.terms.attempt
        if attempt is None:
            return None
        return datetime.now(UTC) + timedelta(seconds=attempt - self.spent)

    def beat(self) -> None:
        """Note a sign of life of the executor, and pass it on."""
        heartbeat = self.job.terms.heartbeat
        if heartbeat is None:
            return
        self._heard = now = monotonic()
        if self._tell is None or now - self._told < heartbeat / OFTEN:
            return
        self._told = now
        try:
            self._tell(self.job)
        except Exception:
            # What the queue cannot note now is no fault of the executor's, and the next one may be noted.
            logger.warning(
                "could not pass a sign of life of %s on", self.job.step_id, exc_info=True
            )

    def is_withdrawn(self) -> bool:
        """Return whether nobody waits for its result any longer."""
        return self.withdrawn

    @property
    def ends(self) -> float:
        """The moment, as ``monotonic`` counts, at which it is past its time."""
        if self.began is None or not self.timed:
            return inf
        _, _, attempt, heartbeat, *_ = self.job.terms
        by_attempt = inf if attempt is None else self.began + attempt
        return by_attempt if heartbeat is None else min(by_attempt, self._heard + heartbeat)

    def overdue(self) -> StepResult:
        """Return its failure, now that it is past its time."""
        _, _, attempt, heartbeat, *_ = self.job.terms
        began = self.began or 0.0
        if attempt is not None and began + attempt <= self.ends:
            kind, message = "Timeout", f"it took longer than {attempt:g} s"
        else:
            kind, message = "HeartbeatMissed", f"it gave no sign of life for {heartbeat:g} s"
        job = self.job
        return failure(job.step_id, job.run_id, kind, message, delivery=job.delivery)


def is_timed(job: DispatchJob) -> bool:
    """Return whether the time of a job runs from the moment that it is taken."""
    return job.terms.attempt is not None or job.terms.heartbeat is not None
