"""A run in the hands of a test: a record that is moved on by results, with every law checked on the way."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from runfox import graph
from runfox.graph import StepRecord, StepResult, Transition, WorkflowRecord
from runfox.graph.facts import Fact, ResultIgnored, StepDispatched
from runfox.spec import from_data
from runfox.values import Json
from tests.properties import laws

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def plan_of(*steps: dict[str, Json], **keys: Json) -> graph.Plan:
    return graph.compile_plan(from_data({"name": "test", "steps": list(steps), **keys}))


def var(path: str) -> dict[str, Json]:
    return {"var": path}


def equal(path: str, value: Json) -> dict[str, Json]:
    return {"==": [{"var": path}, value]}


def error(type: str = "Boom", message: str = "it broke") -> dict[str, Json]:
    return {"type": type, "message": message}


def success(step: str, output: dict[str, Json] | None = None, run: int | None = None) -> StepResult:
    return StepResult(step, run, output if output is not None else {})


def failure(step: str, type: str = "Boom", run: int | None = None) -> StepResult:
    return StepResult(step, run, error=error(type))


def blank(
    plan: graph.Plan, inputs: dict[str, Json] | None = None, *, id: str = "x1"
) -> WorkflowRecord:
    """What the facts of an execution are folded into."""
    created = graph.WorkflowCreated(plan.workflow_id, inputs or {}, NOW)
    return graph.blank(plan, execution_id=id, created=created)


class Run:
    """One execution. ``told`` is the last transition, ``facts`` and ``records`` all there were."""

    def __init__(
        self,
        *steps: dict[str, Json],
        inputs: dict[str, Json] | None = None,
        id: str = "x1",
        outside: graph.Outside = graph.NOTHING_KNOWN,
        **keys: Json,
    ) -> None:
        self.now = NOW
        self.plan = plan_of(*steps, **keys)
        self.facts: list[Fact] = []
        self.records: list[WorkflowRecord] = []
        self.told: Transition
        started = graph.start(self.plan, execution_id=id, inputs=inputs or {}, now=NOW)
        self._take(blank(self.plan, inputs, id=id), "", started)
        self.step(outside=outside)

    @property
    def record(self) -> WorkflowRecord:
        return self.told.record

    @property
    def state(self) -> dict[str, Json]:
        return dict(self.record.state)

    def __getitem__(self, step: str) -> StepRecord:
        return self.record.steps[step]

    @property
    def statuses(self) -> dict[str, str]:
        return {step: cell.status.value for step, cell in self.record.steps.items()}

    @property
    def jobs(self) -> list[tuple[str, int]]:
        """What the last transition dispatched, as (step, run_id)."""
        return [(job.step_id, job.run_id) for job in self.told.jobs]

    @property
    def ignored(self) -> dict[str, str]:
        return dict(self.record.ignored)

    def kinds(self) -> list[str]:
        """The names of the facts of the last transition."""
        return [type(fact).__name__ for fact in self.told.facts]

    def dispatches(self, step: str) -> list[StepDispatched]:
        return [f for f in self.facts if isinstance(f, StepDispatched) and f.step == step]

    def notes(self) -> list[ResultIgnored]:
        return [fact for fact in self.facts if isinstance(fact, ResultIgnored)]

    def advance(self, *, after: float = 0.0) -> "Run":
        """Let seconds pass, and advance."""
        self.now += timedelta(seconds=after)
        return self.step()

    def step(self, *events: graph.Event, outside: graph.Outside = graph.NOTHING_KNOWN) -> "Run":
        """Apply events and advance, in one transition."""
        return self._do(lambda record: graph.step(record, events, now=self.now, outside=outside))

    def ask(self, verb: graph.Event) -> "Run":
        """Do what somebody asks for, or raise why not, and advance."""
        return self._do(lambda record: graph.step(record, (), now=self.now, asked=verb))

    def result(self, result: StepResult) -> "Run":
        """Apply one result, and dispatch nothing."""
        return self._do(lambda record: graph.on_step_result(record, result, now=self.now))

    def ok(self, step: str, output: dict[str, Json] | None = None, run: int | None = None) -> "Run":
        return self.step(success(step, output, run))

    def fails(self, step: str, type: str = "Boom", run: int | None = None) -> "Run":
        return self.step(failure(step, type, run))

    def play(self, results: Iterable[StepResult]) -> "Run":
        for result in results:
            self.step(result)
        return self

    def _do(self, decide) -> "Run":
        before = self.record
        snapshot = laws.snapshot(before)
        self._take(before, snapshot, decide(before))
        return self

    def _take(self, before: WorkflowRecord, snapshot: str, told: Transition) -> None:
        laws.holds(before, snapshot or laws.snapshot(before), told)
        self.told = told
        self.facts += told.facts
        self.records.append(told.record)
