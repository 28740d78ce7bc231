"""A random workflow living through random events, with every law checked at each transition."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from runfox import graph, spec
from runfox.graph import Plan, StepResult, Transition, WorkflowRecord
from runfox.graph.facts import Fact, StepDispatched, StepsReset
from runfox.values import Json
from tests.properties import laws
from tests.properties.model import Model
from tests.properties.specs import Answer, Event

NOW = datetime(2026, 1, 1, tzinfo=UTC)
INPUTS: dict[str, Json] = {"who": "me"}


class Story:
    """One execution and, beside it, what the plain model makes of the same events."""

    def __init__(self, data: dict[str, Json]) -> None:
        self.plan: Plan = graph.compile_plan(spec.build(data))
        self.now = NOW
        self.given: list[StepResult] = []
        self.facts: list[Fact] = []
        self.model = Model(self.plan, "x1", INPUTS)
        started = graph.start(self.plan, execution_id="x1", inputs=INPUTS, now=NOW)
        self.record: WorkflowRecord = started.record
        self.facts += started.facts
        self.advance()

    def blank(self) -> WorkflowRecord:
        """What the facts are folded into."""
        created = graph.WorkflowCreated(self.plan.workflow_id, INPUTS, NOW)
        return graph.blank(self.plan, execution_id="x1", created=created)

    def live(self, events: list[Event]) -> None:
        for event in events:
            self.now += timedelta(seconds=event.after)
            results = [self.result(answer) for answer in event.answers]
            if event.together:
                self.step(results)
            else:
                for result in results:
                    self.one(result)
            self.given += results

    def result(self, answer: Answer) -> StepResult:
        step, run_id = self._asked(answer)
        if answer.kind == "repeat" and self.given:
            return self.given[answer.pick % len(self.given)]
        if answer.output is not None:
            return StepResult(step, run_id, answer.output)
        return StepResult(step, run_id, error={"type": answer.error, "message": "random"})

    def _asked(self, answer: Answer) -> tuple[str, int | None]:
        flying = graph.in_flight(self.record)
        if answer.kind == "answer" and flying:
            job = flying[answer.pick % len(flying)]
            return job.step_id, None if answer.run_id is None else job.run_id
        cells = self.record.steps
        late = [name for name, cell in cells.items() if cell.first_run < cell.run_id]
        if answer.kind == "late" and late:
            name = late[answer.pick % len(late)]
            return name, cells[name].first_run
        names = [*self.plan.index, "nobody"]
        return names[answer.pick % len(names)], answer.run_id

    def step(self, results: list[StepResult]) -> Transition:
        told = self._move(lambda record: graph.step(record, results, now=self.now))
        self.model.results(results, self.now)
        self.model.advance(self.now)
        self.agrees()
        assert laws.can_go_on(self.record)
        return told

    def one(self, result: StepResult) -> Transition:
        told = self._move(lambda record: graph.on_step_result(record, result, now=self.now))
        self.model.results([result], self.now)
        self.agrees()
        return told

    def advance(self) -> Transition:
        return self.step([])

    def _move(self, decide: Callable[[WorkflowRecord], Transition]) -> Transition:
        before, snapshot = self.record, laws.snapshot(self.record)
        told = decide(before)
        laws.holds(before, snapshot, told)
        self.record = told.record
        self.facts += told.facts
        return told

    def finish(self) -> None:
        """Answer everything that is asked, and wait for what has to be waited for, until it is over."""
        self.advance()
        for _ in range(1_000):
            if self.record.status.ended:
                return
            jobs = graph.in_flight(self.record)
            if not jobs:
                wake_at = self.record.wake_at
                assert wake_at is not None and wake_at > self.now, "nothing will ever happen"
                self.now = wake_at
            self.step([StepResult(job.step_id, job.run_id, {"n": 2, "k": 0}) for job in jobs])
        raise AssertionError("it does not end")

    def agrees(self) -> None:
        """Check that the record is what the plain model says."""
        model, record = self.model, self.record
        for name, cell in record.steps.items():
            other = model.cells[name]
            ours = (cell.status, cell.turn, cell.attempt, cell.run_id, cell.sets, cell.due)
            theirs = [other[key] for key in ("status", "turn", "attempt", "run", "sets", "due")]
            assert list(ours) == theirs, name
            assert same_output(cell.output, other["output"]), name
            assert same_error(cell.error, other["error"]), name
        for job in graph.in_flight(record):
            assert job.inputs == model.given[job.step_id, job.run_id]
        assert dict(record.state) == model.state
        assert record.status == model.status
        assert record.outcome == model.outcome
        assert same_error(record.error, model.error)

    def numbers_grow_by_one(self) -> None:
        """Check that run_ids count dispatches, attempts the tries of a turn, and turns the resets."""
        runs: dict[str, int] = {}
        tries: dict[str, int] = {}
        for fact in self.facts:
            if isinstance(fact, StepDispatched):
                assert fact.run_id == runs.get(fact.step, -1) + 1
                assert fact.attempt == tries.get(fact.step, 0) + 1
                runs[fact.step], tries[fact.step] = fact.run_id, fact.attempt
                policies = self.plan.steps[self.plan.index[fact.step]].retries
                assert fact.attempt <= (policies[0].max_attempts if policies else 1)
            elif isinstance(fact, StepsReset):
                tries |= dict.fromkeys(fact.steps, 0)


def same_output(ours: Json, theirs: Json) -> bool:
    if isinstance(ours, dict) and isinstance(ours.get("error"), dict) and theirs is not None:
        return ours.keys() == theirs.keys() and same_error(ours["error"], theirs["error"])
    return bool(ours == theirs)


def same_error(ours: Json, theirs: Json) -> bool:
    """Whether two errors are the same, but for the words of the engine's own, which the model leaves out."""
    if ours is None or theirs is None:
        return ours is theirs
    return theirs.items() <= ours.items() and ours.keys() - theirs.keys() <= {"message"}
