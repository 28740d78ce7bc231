"""The world around executions, as plain as can be: it answers jobs by a script, runs what is called, sends
signals, lets time pass, and keeps places and outputs. Every transition on the way is held to the laws.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from runfox import graph, spec
from runfox.backend import outbox
from runfox.graph import (
    CancelAsked,
    ChildEnded,
    Event,
    Full,
    Outside,
    Parent,
    Question,
    ResumeAsked,
    RetryAsked,
    SignalSent,
    SlotFreed,
    StepResult,
    Transition,
    WorkflowRecord,
)
from runfox.graph.decide import step_in_full
from runfox.graph.facts import Fact
from runfox.graph.places import walk
from runfox.results import DispatchJob
from runfox.status import StepStatus, WorkflowStatus
from runfox.values import Json
from tests.properties import laws

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MOST = 400
"""So many moves are enough for every execution here to end."""


class Poke(NamedTuple):
    """What an operator does once: while a step of that id is under way ("open"), or when all is over ("over")."""

    when: str
    event: Callable[[str], Event]
    step: str = "s"


@dataclass
class Script:
    """What happens to executions from outside.

    ``answers`` are, by the id of a step, how its attempts end one after another, the last one for good: "ok",
    "fail", "until over" (fail until an operator's poke when all is over), "bad" (an output that does not fit),
    "not_ok", "late" (ok, when nothing else goes on), "never".
    ``taken`` are places that others hold until nothing else goes on, ``rates`` those that come free in so many
    seconds, by key. ``cached`` is an output that is kept for every question.
    """

    answers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=dict)
    cached: Json = None
    pokes: tuple[Poke, ...] = ()
    together: bool = False


@dataclass
class Life:
    """One execution. ``path`` is where it was called from, told from the first caller on; "" for that one."""

    record: WorkflowRecord
    path: str
    inbox: list[Event] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    jobs: list[DispatchJob] = field(default_factory=list)
    """All that were ever dispatched."""


class World:
    """Executions that call each other, from the first to the end of all."""

    def __init__(
        self,
        data: dict[str, Json],
        script: Script,
        *,
        build: Callable[[dict[str, Json]], spec.Spec] = spec.from_data,
    ) -> None:
        self.script = script
        self.now = NOW
        self.lives: dict[str, Life] = {}
        self.answered: Counter[str] = Counter()
        self.taken = dict(script.taken)
        self.holders: dict[tuple[str, str, int], str] = {}
        self.waiters: dict[tuple[str, str, int], str] = {}
        self.kept: dict[tuple[str, Question], Json] = {}
        self.poked: set[tuple[int, str, str]] = set()
        self.reopened = False
        self.top = self._born(graph.compile_plan(build(data)), "x1", {}, None, "")

    # Moves --------------------------------------------------------------------------------------------

    def _born(
        self, plan: graph.Plan, name: str, inputs: dict[str, Json], parent: Parent | None, path: str
    ) -> Life:
        begun = graph.start(plan, execution_id=name, inputs=inputs, now=self.now, parent=parent)
        life = self.lives[name] = Life(begun.record, path, facts=list(begun.facts))
        self.move(life)
        return life

    def move(self, life: Life, *events: Event, asked: Event | None = None) -> Transition:
        """Have one execution decide about events, with what it has to know, and do what it wants of others."""
        before, snapshot = life.record, laws.snapshot(life.record)
        outside = Outside()
        for _ in range(20):
            told = graph.step(before, events, now=self.now, outside=outside, asked=asked)
            if asked is None:
                full = step_in_full(before, events, now=self.now, outside=outside)
                assert full.facts == told.facts
                assert full.jobs == told.jobs
                assert laws.stored(full.record) == laws.stored(told.record)
            if told.elsewhere.questions:
                found = {one: self._asked(life, one) for one in told.elsewhere.questions}
                outside = outside._replace(answers={**outside.answers, **found})
                continue
            full_keys = self._full(life, told)
            if not full_keys:
                break
            outside = outside._replace(full={**outside.full, **full_keys})
        else:
            raise AssertionError("it asks again and again")
        laws.holds(before, snapshot, told)
        assert not told.record.status.ended or not graph.explain(told.record, now=self.now)
        graph.explain(told.record, now=self.now)
        life.record = told.record
        life.facts += told.facts
        life.jobs += told.jobs
        self._tell_others(life, before, told)
        if events or asked is not None:
            assert laws.can_go_on(life.record), "nothing will ever happen"
        return told

    def _asked(self, life: Life, question: Question) -> Json:
        if question.step == "":
            return None
        return self.kept.get((life.record.workflow_id, question), self.script.cached)

    def _full(self, life: Life, told: Transition) -> dict[str, Full]:
        """What the store would say of the claims of a commit."""
        found: dict[str, Full] = {}
        freed = {(life.record.execution_id, *run) for run in told.elsewhere.freed}
        for key in {claim.key for claim in told.elsewhere.claims}:
            claims = [claim for claim in told.elsewhere.claims if claim.key == key]
            until = NOW + timedelta(seconds=self.script.rates.get(key, 0))
            held = {run for run, name in self.holders.items() if name == key} - freed
            if until > self.now:
                found[key] = Full((), until)
            elif claims[0].max is not None:
                free = max(0, claims[0].max - len(held) - self.taken.get(key, 0))
                if free < len(claims):
                    found[key] = Full(tuple(held), None, free)
        return found

    def _tell_others(self, life: Life, before: WorkflowRecord, told: Transition) -> None:
        mine, elsewhere = life.record.execution_id, told.elsewhere
        freed: list[str] = []
        for step, run_id in elsewhere.freed:
            self.waiters.pop((mine, step, run_id), None)
            key = self.holders.pop((mine, step, run_id), None)
            freed += [key] if key is not None else []
        for claim in elsewhere.claims:
            self.waiters.pop((mine, claim.step, claim.run_id), None)
            if claim.step:
                self.holders[mine, claim.step, claim.run_id] = claim.key
        for claim in elsewhere.blocked:
            self.waiters[mine, claim.step, claim.run_id] = claim.key
        for key in freed:
            self._slot_freed(key)
        for kept in elsewhere.kept:
            question = Question(kept.step, kept.key)
            self.kept[life.record.workflow_id, question] = kept.output
        for start in elsewhere.starts:
            plan = self._plan(life, start.workflow)
            path = f"{life.path}{start.parent.step}/"
            self._born(plan, start.execution_id, start.inputs, start.parent, path)
        for message in outbox.outgoing(before, told, "t"):
            self._deliver(message.execution_id, message.body, message.kind)

    def _plan(self, life: Life, workflow: str) -> graph.Plan:
        own = life.record.plan
        return own if workflow == "self" else graph.compile_plan(own.spec.workflows[workflow])

    def _deliver(self, name: str, body: dict[str, Json], kind: str) -> None:
        life = self.lives.get(name)
        if life is None:
            return
        if "output" in body or "error" in body:
            event: Event = ChildEnded(
                body["step"], body["run_id"], body.get("output"), body.get("error")
            )
        elif kind == "retry":
            event = RetryAsked()
        elif "step" in body:
            event = graph.StepCancelAsked(body["step"], body["run_id"])
        else:
            event = CancelAsked()
        life.inbox.append(event)

    def _slot_freed(self, key: str) -> None:
        for name in {run[0] for run, waited in self.waiters.items() if waited == key}:
            self.lives[name].inbox.append(SlotFreed(key))

    # Time -------------------------------------------------------------------------------------------

    def live(self) -> "World":
        """Let everything happen that will, one thing after another, until all is over."""
        for _ in range(MOST):
            if not any(
                act() for act in (self._poke, self._mail, self._answer, self._signal, self._wake)
            ) and not any(act() for act in (self._free, self._late, self._resume)):
                break
        else:
            raise AssertionError("it does not end")
        for life in self.lives.values():
            assert life.record.status.ended, (life.path, life.record.status)
        assert not self.holders, "a place in a limit is never left"
        assert not self.waiters, "a place in a limit is waited for, for ever"
        return self

    def _open(self) -> list[Life]:
        return [life for life in self.lives.values() if not life.record.status.ended]

    def _poke(self) -> bool:
        for number, poke in enumerate(self.script.pokes):
            if poke.when == "over":
                if self.top.record.status.ended and (number, "", "") not in self.poked:
                    self.poked.add((number, "", ""))
                    self.reopened = True
                    self.move(self.top, asked=poke.event(""))
                    return True
                continue
            for life in self._open():
                for path, step, cell in walk(life.record):
                    mark = (number, life.path, path)
                    if step.id == poke.step and cell.status in _OPEN and mark not in self.poked:
                        if path.endswith("]"):
                            continue  # an item of the step
                        self.poked.add(mark)
                        self.move(life, asked=poke.event(path))
                        return True
        return False

    def _mail(self) -> bool:
        for life in self.lives.values():
            if life.inbox:
                events, life.inbox = life.inbox, []
                self.move(life, *events)
                return True
        return False

    def _answer(self, *, late: bool = False) -> bool:
        for life in self._open():
            told: list[Event] = []
            for job in graph.in_flight(life.record):
                result = self._result(life, job, late=late)
                if result is not None:
                    told.append(result)
                    if not self.script.together:
                        break
            if told:
                self.move(life, *told)
                return True
        return False

    def _result(self, life: Life, job: DispatchJob, *, late: bool) -> StepResult | None:
        instance, number, answer = self._scripted(life.path + job.step_id)
        if answer == "never" or (answer == "late" and not late):
            return None
        self.answered[instance] += 1
        given = {"n": number + 1}
        match answer:
            case "fail":
                error: dict[str, Json] = {"type": "Boom", "message": "it broke"}
                return StepResult(job.step_id, job.run_id, error=error)
            case "not_ok":
                return StepResult(job.step_id, job.run_id, {**given, "ok": False})
            case "bad":
                return StepResult(job.step_id, job.run_id, {"n": "bad"})
            case _:
                return StepResult(job.step_id, job.run_id, given)

    def _scripted(self, path: str) -> tuple[str, int, str]:
        """The instance that a job, or a wait, belongs to, how often it was answered, and how it is now."""
        instance = path.removesuffix("w").rstrip("./")
        step = "undo" if "undo[" in path else instance.rstrip("0123456789[]")
        step = step.rpartition("/")[2].rpartition(".")[2]
        answers = self.script.answers.get(step, ("ok",))
        number = self.answered[instance]
        answer = answers[min(number, len(answers) - 1)]
        if answer == "until over":
            answer = "ok" if self.reopened else "fail"
        return instance, number, answer

    def _signal(self, *, late: bool = False) -> bool:
        for life in self._open():
            for path, _, cell in walk(life.record):
                if cell.status is not StepStatus.WAITING or not cell.more.signals:
                    continue
                instance, number, answer = self._scripted(life.path + path)
                if answer == "never" or (answer == "late" and not late):
                    continue
                self.answered[instance] += 1
                name, key = cell.more.signals[0]
                data = "bad" if answer in ("bad", "fail") else "good"
                self.move(life, SignalSent(name, data, key, f"{instance}#{number}"))
                return True
        return False

    def _wake(self) -> bool:
        moments = [life.record.wake_at for life in self._open()]
        due = min((moment for moment in moments if moment is not None), default=None)
        if due is None:
            return False
        self.now = max(self.now, due)
        for life in self._open():
            if life.record.wake_at is not None and life.record.wake_at <= self.now:
                told = self.move(life)
                again = life.record.wake_at
                assert told.facts or again is None or again > self.now, "it wakes in vain"
        return True

    def _free(self) -> bool:
        for key in [key for key, number in self.taken.items() if number]:
            self.taken[key] = 0
            if key in self.waiters.values():
                self._slot_freed(key)
                return True
        return False

    def _late(self) -> bool:
        return self._answer(late=True) or self._signal(late=True)

    def _resume(self) -> bool:
        for life in self._open():
            if life.record.status is WorkflowStatus.PAUSED:
                self.move(life, asked=ResumeAsked())
                return True
        return False


_OPEN = (StepStatus.IN_PROGRESS, StepStatus.WAITING, StepStatus.RETRY)
