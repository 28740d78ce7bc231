"""A run in memory under a virtual clock: what can happen now happens, then the clock moves on."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from runfox.backend import Backend, InMemoryStore
from runfox.backend.ids import execution_id as id_of
from runfox.errors import ExecutionNotFound, RequestError
from runfox.graph import StepResult, Transition, WorkflowRecord
from runfox.graph.facts import ChildStarted
from runfox.spec import Spec
from runfox.testing.clock import FakeClock
from runfox.testing.script import Script
from runfox.testing.simulate_jobs import Jobs
from runfox.testing.simulate_signals import Post, Signals, waits_of
from runfox.values import Json

MOST = 200_000
"""How many decisions a simulation makes before it is taken for one that never ends."""


class Stuck(RequestError):
    """Nothing is left to happen, and the run has not ended. ``steps`` are those that it hangs on."""

    def __init__(self, reasons: dict[str, str]) -> None:
        told = " ".join(f"Step {step!r} {reason}." for step, reason in reasons.items())
        super().__init__(f"the run never ends, and nothing is left to happen. {told}".rstrip())
        self.steps = tuple(reasons)


class Called(NamedTuple):
    """One attempt of one step, as an executor would have been called for it at a virtual moment.

    ``path`` begins with the steps that called the workflow, each with a slash: ``ship/pack[3]``.
    """

    path: str
    fn: str
    inputs: dict[str, Json]
    attempt: int
    at: datetime


class Run:
    """One execution, and those that it calls, on their way. ``prefixes`` are the paths of who called each."""

    def __init__(self, spec: Spec, kept: Iterable[Spec], script: Script, start: datetime) -> None:
        self.clock = FakeClock(start)
        self._store = InMemoryStore(clock=self.clock)
        self.backend = Backend(self._store)
        for one in kept:
            self.backend.keep(one)
        self.calls: list[Called] = []
        self.records: dict[str, WorkflowRecord] = {}
        self.prefixes: dict[str, str] = {}
        self.unsent: tuple[str, ...] = ()
        self._spec = spec
        self._script = script
        self._started: Counter[str] = Counter()
        self._new: list[str] = []
        self._moves = 0
        self._jobs = Jobs(self._store.ledger, self.clock)

    def drive(self, inputs: dict[str, Json] | None, signals: Signals) -> str:
        """Bring the run to its end, and return its long id. Raises ``Stuck`` and ``Unscripted``."""
        post = Post(signals, self.clock())
        key = self.backend.create(self._spec, inputs, execution_id="simulated")
        root = id_of(key)
        self._enter(root, "")
        while not self.records[root].status.ended:
            if not (self._settle() or self._begin() or self._signal(post)):
                self._pass_time(post)
        self.unsent = tuple(one.name for one in post.left)
        return key

    # What happens now -------------------------------------------------------------------------------

    def _settle(self) -> bool:
        """Decide one thing that is to be decided at this moment, and say whether there was one."""
        if self._new:
            self._move(self._new.pop(0))
            return True
        result = self._jobs.answered()
        if result is not None:
            self._move(*result)
            return True
        self._jobs.expire()
        due = self._store.due(1_000)
        for execution_id in due:
            self._move(execution_id)
        return bool(due)

    def _move(self, execution_id: str, result: StepResult | None = None) -> None:
        self._moves += 1
        if self._moves > MOST:
            raise RequestError(
                f"the simulation made {MOST:,} decisions and did not end: is there a loop without an exit?"
            )
        results = () if result is None else (result,)
        self._note(execution_id, self.backend.step(execution_id, results))

    def _note(self, execution_id: str, transition: Transition) -> None:
        self.records[execution_id] = transition.record
        for fact in transition.facts:
            if isinstance(fact, ChildStarted):
                self._enter(fact.child, f"{self.prefixes[execution_id]}{fact.step}/")

    def _enter(self, execution_id: str, prefix: str) -> None:
        try:
            self.records[execution_id] = self.backend.load(execution_id)
        except ExecutionNotFound:
            return  # it was withdrawn in the decision that would have begun it
        self.prefixes[execution_id] = prefix
        self._new.append(execution_id)

    def _begin(self) -> bool:
        """Begin with all jobs that are queued, as if there were workers enough."""
        jobs = self._jobs.take()
        for job in jobs:
            path = self.prefixes[job.execution_id] + job.step_id
            told = self._script.tell(path, job, self._started[path])
            self._started[path] += 1
            self.calls.append(Called(path, job.fn, job.inputs, job.attempt, self.clock()))
            self._jobs.begin(job, told)
        return bool(jobs)

    def _signal(self, post: Post) -> bool:
        found = post.next(self.records, self.prefixes, self.clock()) if post.left else None
        if found is None:
            return False
        execution_id, one = found
        self._note(execution_id, self.backend.ask(execution_id, one.event))
        return True

    # What happens later -----------------------------------------------------------------------------

    def _pass_time(self, post: Post) -> None:
        open_ones = [record for record in self.records.values() if not record.status.ended]
        wakes = [record.wake_at for record in open_ones if record.wake_at is not None]
        moments = [*wakes, *self._jobs.moments(), *post.moments()]
        if not moments:
            raise Stuck(self._reasons())
        now = self.clock()
        self.clock.advance(max(min(moments), now) - now)
        self._jobs.live()

    def _reasons(self) -> dict[str, str]:
        reasons: dict[str, str] = {}
        for execution_id, record in self.records.items():
            for wait in waits_of(record):
                key = f" (key {wait.key!r})" if wait.key else ""
                reasons[self.prefixes[execution_id] + wait.step] = (
                    f"waits for signal {wait.signal!r}{key}, which nobody sends: add it to signals,"
                    " or give the wait a time"
                )
        for job in self._jobs.hanging:
            reasons[self.prefixes[job.execution_id] + job.step_id] = (
                "is scripted to time out, and has no timeout: give it one, or let it fail"
            )
        return reasons
