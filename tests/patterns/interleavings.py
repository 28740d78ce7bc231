"""Every way a run can go: each order of results, each answer, each moment for a signal, up to what is the same."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from runfox import graph, spec
from runfox.graph import Event, StepResult, WorkflowRecord
from runfox.results import DispatchJob
from runfox.status import StepStatus
from runfox.values import Json
from tests.patterns import keeping
from tests.patterns.happenings import Step, begin, happen
from tests.patterns.keeping import Begun
from tests.patterns.worlds import ROOT, World, canonical

HERE = Path(__file__).parent
MOST = 20_000

Answer = dict[str, Json] | str
"""An output; or, as a text, the type of an error."""
Answers = Callable[[DispatchJob, World], list[Answer]]
Clock = Literal["stands", "last", "any"]

NOTHING: list[Answer] = [{}]


def answering(**found: list[Answer] | Callable[[DispatchJob], list[Answer]]) -> Answers:
    """Return the answers by the name of the function: a list, or what gives one for a job; else ``{}``."""

    def answers(job: DispatchJob, world: World) -> list[Answer]:
        told = found.get(job.fn, NOTHING)
        return told(job) if callable(told) else told

    return answers


class Walk:
    """All that can happen in a run. ``steps`` are the single things, ``ends`` the worlds that nothing follows."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.ends: list[World] = []

    def worlds(self) -> Iterator[World]:
        """Each world, once for each way to it."""
        return (step.after for step in self.steps)

    def begun(self, path: str) -> list[tuple[Begun, WorkflowRecord]]:
        """Each time that a step of the run begins, with the record at that moment; at least one."""
        found = [
            (fact, record)
            for step in self.steps
            for change in step.changes
            if change.execution == ROOT
            for fact, record in keeping.begun(change.before, change.told)
            if fact.step == path
        ]
        assert found, f"{path} never begins"
        return found

    def after(self, how: str) -> list[Step]:
        """Each time that a thing happens, at least one: ``step``, ``step=output``, a signal, ``time``."""
        found = [step for step in self.steps if step.after.trail[-1] == how]
        assert found, f"{how} never happens"
        return found

    def often(self, path: str) -> set[int]:
        """How often a step of the run was dispatched at the end, for every way it can go."""
        return {world.runs(path) for world in self.ends}

    def statuses(self) -> set[str]:
        """How the run stands at the end, for every way it can go."""
        return {world.run.status.value for world in self.ends}

    def outcomes(self) -> set[frozenset[str]]:
        """Which of the run's own steps are complete at the end, for every way it can go."""
        return {frozenset(world.complete) for world in self.ends}


def complete(record: WorkflowRecord) -> set[str]:
    """Return the steps of the run that are complete in a record."""
    return {step for step, cell in record.steps.items() if cell.status is StepStatus.COMPLETE}


def instances(record: WorkflowRecord, step: str) -> list[str]:
    """Return the statuses of the items of a ``foreach``."""
    inner = record.steps[step].more.inner
    return [] if inner is None else [cell.status.value for chunk in inner.cells for cell in chunk]


def sent(*names: str) -> tuple[Event, ...]:
    """Return signals that come one after the other."""
    return tuple(graph.SignalSent(name) for name in names)


def plan(number: int) -> graph.Plan:
    """Return the plan of a pattern's workflow."""
    return graph.compile_plan(spec.load_file(HERE / f"wcp{number:02}.yaml"))


def explore(
    number: int,
    answers: Answers | None = None,
    *,
    inputs: dict[str, Json] | None = None,
    given: tuple[tuple[Event, ...], ...] = (),
    clock: Clock = "last",
) -> Walk:
    """Let a pattern's workflow go every way it can, with every law checked at each transition.

    ``answers`` says what a job may be answered with. Of ``given`` the events of each line come in their order.
    Time ``stands``, goes on only when nothing else can happen, or at ``any`` moment.
    """
    walk = Walk()
    first = begin(plan(number), inputs or {}, given)
    walk.steps.append(first)
    seen = {canonical(first.after)}
    todo = [first.after]
    while todo:
        world = todo.pop()
        moves = list(_moves(world, answers, clock))
        _all_at_once(world, answers)
        if not moves:
            walk.ends.append(world)
        for move in moves:
            walk.steps.append(move)
            name = canonical(move.after)
            if name not in seen:
                seen.add(name)
                todo.append(move.after)
        assert len(seen) < MOST, "too many worlds to look at"
    return walk


def _moves(world: World, answers: Answers | None, clock: Clock) -> Iterator[Step]:
    quiet = True
    for name, job in world.jobs():
        for answer in NOTHING if answers is None else answers(job, world):
            quiet = False
            yield happen(world, name, _result(job, answer), _how(name, job, answer))
    told: set[str] = set()
    for name, event in world.mail:
        if name not in told:
            quiet = False
            told.add(name)
            mail = list(world.mail)
            mail.remove((name, event))
            yield happen(
                world._replace(mail=tuple(mail)), name, event, f"mail {type(event).__name__}"
            )
    for place, line in enumerate(world.given):
        if line:
            quiet = False
            given = (*world.given[:place], line[1:], *world.given[place + 1 :])
            how = getattr(line[0], "name", type(line[0]).__name__)
            yield happen(world._replace(given=given), ROOT, line[0], how, asked=True)
    if clock == "any" or (clock == "last" and quiet):
        yield from _time(world)


def _all_at_once(world: World, answers: Answers | None) -> None:
    """Check what a commit makes of many results: of all answers that there may be, the last ones."""
    for name, record in world.family.items():
        jobs = graph.in_flight(record)
        found = [NOTHING if answers is None else answers(job, world) for job in jobs]
        results = [_result(job, some[-1]) for job, some in zip(jobs, found, strict=True)]
        keeping.order_in_a_commit_is_no_secret(world.family[name], results, world.now)


def _time(world: World) -> Iterator[Step]:
    due = world.wake_at
    if due is not None:
        late = world._replace(now=max(due, world.now))
        for name, record in late.family.items():
            if record.wake_at == due:
                yield happen(late, name, None, "time")


def _result(job: DispatchJob, answer: Answer) -> StepResult:
    if isinstance(answer, str):
        return StepResult(job.step_id, job.run_id, error={"type": answer, "message": "it broke"})
    return StepResult(job.step_id, job.run_id, answer)


def _how(name: str, job: DispatchJob, answer: Answer) -> str:
    where = job.step_id if name == ROOT else f"{name[-4:]}/{job.step_id}"
    return where if answer == {} else f"{where}={answer}"
