"""The language once more, in the plainest form: dicts, and a look at all steps whenever something happened.

What the graph does by arithmetic on what it touches, this does by asking every step again.
"""

from datetime import datetime
from typing import Any, assert_never

from runfox.errors import ExpressionFailed
from runfox.expressions.coercion import truthy
from runfox.graph import Plan, StepResult
from runfox.graph.timing import retry_delay
from runfox.spec.model import Branch, Complete, Fail, Finish, Halt, Set, Step
from runfox.values import Json, plain

OVER = ("complete", "skipped", "failed", "halted", "cancelled")


def fresh() -> dict[str, Any]:
    return {"status": "ready", "attempt": 0, "output": None, "error": None, "due": None}


def above(step: Step) -> list[str]:
    return [dependency.step for dependency in step.depends_on]


class Model:
    """One execution."""

    def __init__(self, plan: Plan, execution_id: str, inputs: dict[str, Json]) -> None:
        self.spec = plan.spec
        self.id = execution_id
        self.inputs = inputs
        self.state: dict[str, Json] = {}
        self.status = "pending"
        self.outcome: Json = None
        self.error: Json = None
        self.now: datetime
        self.cells = {
            step.id: {**fresh(), "turn": 0, "run": -1, "first": 0, "sets": 0}
            for step in self.spec.steps
        }
        self.given: dict[tuple[str, int], dict[str, Json]] = {}

    # What is asked -----------------------------------------------------------------------------------

    @property
    def over(self) -> bool:
        return self.status in OVER

    def opens(self, step: Step) -> bool:
        return all(self.cells[name]["status"] == "complete" for name in above(step))

    def behind(self, names: set[str]) -> set[str]:
        """All that began because these did."""
        found = {name for name in names if self.cells[name]["status"] != "ready"}
        while True:
            more = {
                step.id
                for step in self.spec.steps
                if self.cells[step.id]["status"] != "ready" and found & set(above(step))
            }
            if more <= found:
                return found
            found |= more

    def scope(self) -> dict[str, Any]:
        steps = {}
        for name, cell in self.cells.items():
            seen = {"status": cell["status"], "attempts": cell["attempt"]}
            steps[name] = seen | {
                key: cell[key] for key in ("output", "error") if cell[key] is not None
            }
        workflow = {"status": self.status, "id": self.id}
        return {"input": self.inputs, "state": self.state, "steps": steps, "workflow": workflow}

    def branch_scope(self, cell: dict[str, Any], output: Json, error: Json) -> dict[str, Any]:
        seen = {**(output or {}), **self.scope(), "attempt": cell["attempt"]}
        seen.pop("error", None)
        seen.pop("output", None)
        if output is not None:
            seen["output"] = output
        if error is not None:
            seen |= {"error": error, "ok": False}
        return seen

    # What happens ------------------------------------------------------------------------------------

    def results(self, results: list[StepResult], now: datetime) -> None:
        self.now = now
        order = [step.id for step in self.spec.steps]
        known = [result for result in results if result.step_id in self.cells]
        for result in sorted(known, key=lambda result: order.index(result.step_id)):
            if not self.over:
                self.accept(result)

    def accept(self, result: StepResult) -> None:
        cell = self.cells[result.step_id]
        run = cell["run"] if result.run_id is None else result.run_id
        current = cell["status"] == "in_progress" and run == cell["run"]
        output, error = result.output, result.error
        if output is not None and output.get("ok") is False:
            error = {"type": "NotOk", "message": "the executor answered ok: false"}
        if not current and (
            error is not None
            or cell["status"] not in ("in_progress", "retry")
            or not cell["first"] <= run <= cell["run"]
        ):
            return
        step = self.spec.steps[self.spec.index[result.step_id]]
        if error is not None and self.again(step, cell, run, output, error):
            return
        if output is not None:
            cell |= {"status": "complete", "output": output, "error": None, "due": None}
            self.state |= output
            self.judge(step, cell, output, None)
        else:
            self.judge(step, cell, None, error)

    def again(self, step: Step, cell: dict[str, Any], run: int, output: Json, error: Json) -> bool:
        for policy in step.retries:
            try:
                seen = self.branch_scope(cell, output, error)
                accepts = policy.condition is None or truthy(policy.condition(seen))
            except ExpressionFailed:
                accepts = False
            if accepts and cell["attempt"] < policy.max_attempts:
                delay = retry_delay(policy, cell["attempt"], f"{self.id}#{step.id}#{run}")
                cell |= {"status": "retry", "error": error, "due": self.now + delay}
                return True
        return False

    def judge(self, step: Step, cell: dict[str, Any], output: Json, error: Json) -> None:
        seen = self.branch_scope(cell, output, error)
        try:
            branch = self.branch_that_holds(step, seen, seen.get("ok") is False)
            if branch is not None:
                self.act(step, cell, branch, seen, error)
            elif error is not None:
                self.fail(step, cell, error)
        except ExpressionFailed:
            self.fail(step, cell, error or {"type": "ExpressionError"})
        if not self.over and all(cell["status"] in OVER for cell in self.cells.values()):
            self.complete()

    def branch_that_holds(self, step: Step, seen: Json, lenient: bool) -> Branch | None:
        for branch in step.branches:
            try:
                if branch.condition is None or truthy(branch.condition(seen)):
                    return branch
            except ExpressionFailed:
                if not lenient:
                    raise
        return None

    def act(
        self, step: Step, cell: dict[str, Any], branch: Branch, seen: Json, error: Json
    ) -> None:
        match branch.action:
            case Halt(result=result):
                outcome = result(seen)
                cell |= {"status": "halted", "error": error or cell["error"], "due": None}
                self.end("halted", outcome=outcome)
            case Fail(error=told):
                given = {} if told is None else told(seen)
                own = f"a branch of step {step.id!r} failed it"
                base = {"type": "BranchFailed", "message": error["message"] if error else own}
                words = {key: str(given[key]) for key in base if given.get(key) is not None}
                self.fail(step, cell, base | words)
            case Complete():
                self.handle(cell, error)
            case Finish():
                self.handle(cell, error)
                self.complete()
            case Set(targets=targets):
                self.set(step, cell, targets, seen, error)
            case _:
                assert_never(branch.action)

    def handle(self, cell: dict[str, Any], error: Json) -> None:
        if error is not None:
            output = {"ok": False, "error": error}
            cell |= {"status": "complete", "output": output, "error": error, "due": None}

    def set(self, step: Step, cell: dict[str, Any], targets: Any, seen: Json, error: Json) -> None:
        if cell["sets"] >= step.max_iterations:
            self.fail(step, cell, {"type": "MaxIterations"})
            return
        named = targets if isinstance(targets, tuple) else targets(seen)
        names = {str(name) for name in ([named] if isinstance(named, str) else named or [None])}
        names = {name.removeprefix("steps.").removesuffix(".status") for name in names}
        if not names <= self.cells.keys():
            self.fail(step, cell, {"type": "ExpressionError"})
            return
        self.handle(cell, error)
        cell["sets"] += 1
        for name in self.behind(names):
            back = self.cells[name]
            back |= {**fresh(), "turn": back["turn"] + 1, "first": back["run"] + 1}

    def fail(self, step: Step, cell: dict[str, Any], error: Json) -> None:
        cell |= {"status": "failed", "error": error, "due": None}
        self.skip_what_cannot_run()
        self.end("failed", error={**error, "step": step.id})

    def skip_what_cannot_run(self) -> None:
        skipped = True
        while skipped:
            skipped = False
            for step in self.spec.steps:
                ends = {self.cells[name]["status"] for name in above(step)}
                shut = bool(ends) and ends <= set(OVER) and not self.opens(step)
                neutral = "complete" in ends and ends <= {"complete", "skipped", "cancelled"}
                if self.cells[step.id]["status"] == "ready" and shut and not neutral:
                    self.cells[step.id]["status"] = "skipped"
                    skipped = True

    def complete(self) -> None:
        outputs = self.spec.outputs
        try:
            self.end("complete", outcome={} if outputs is None else outputs(self.scope()))
        except ExpressionFailed:
            self.end("failed", error={"type": "ExpressionError"})

    def end(self, status: str, *, outcome: Json = None, error: Json = None) -> None:
        self.status, self.outcome, self.error = status, outcome, error
        for cell in self.cells.values():
            if cell["status"] in ("in_progress", "retry"):
                cell |= {"status": "cancelled", "due": None}

    def advance(self, now: datetime) -> list[tuple[str, int]]:
        """Dispatch what may start, and return it as (step, run)."""
        self.now = now
        while not self.over:
            wave = [step for step in self.spec.steps if self.may_start(step)]
            if not wave:
                break
            for step in wave:
                if not self.over and self.may_start(step):
                    self.dispatch(step)
        return [
            (name, cell["run"])
            for name, cell in self.cells.items()
            if cell["status"] == "in_progress"
        ]

    def may_start(self, step: Step) -> bool:
        cell = self.cells[step.id]
        if cell["status"] == "retry":
            return bool(cell["due"] <= self.now)
        return cell["status"] == "ready" and self.opens(step)

    def dispatch(self, step: Step) -> None:
        cell = self.cells[step.id]
        try:
            given = {} if step.input is None else step.input(self.scope())
        except ExpressionFailed as failure:
            error = {"type": "ExpressionError", "message": f"input: {failure}"}
            self.judge(step, cell, None, error)
            return
        cell |= {"status": "in_progress", "run": cell["run"] + 1, "due": None}
        cell["attempt"] += 1
        self.given[step.id, cell["run"]] = plain(given)
        if self.status == "pending":
            self.status = "in_progress"
