"""The expressions of a workflow: where they stand, what they may read, and what is wrong inside them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, NamedTuple

from runfox import expressions
from runfox.errors import ExpressionInvalid
from runfox.expressions import Expression, ExpressionProblem
from runfox.spec.checks.outline import BranchOutline, Outline
from runfox.spec.compiled import Compiled
from runfox.spec.problem import Finding, Path
from runfox.values import Json

RUN: Final = ("input", "state", "steps", "workflow")
RESULT: Final = (*RUN, "output", "ok", "error", "attempt")
"""Names in branches and retry policies, beside the keys of the step's output. All but ok win over those."""


class Use(NamedTuple):
    """An expression at its place. ``step`` is the position of its step, None for the workflow's outputs.

    ``judges``: it sees the result of its own step, and that result's keys by their bare names.
    ``in_data``: it stands among data, where a mapping may be taken for logic by mistake.
    """

    expression: Expression
    path: Path
    step: int | None
    judges: bool
    in_data: bool


class Uses(NamedTuple):
    """All expressions that could be compiled, and why the others could not."""

    uses: list[Use]
    findings: list[Finding]


def uses_of(outline: Outline, compiled: Compiled) -> Uses:
    found = Uses([], [])
    collect = _Collector(compiled, found)
    outputs = outline.data.get("outputs")
    if type(outputs) is dict:
        collect.template(outputs, ("outputs",), None, judges=False)
    for position, step in enumerate(outline.steps):
        given = step.data.get("input")
        if type(given) is dict:
            collect.template(given, (*step.path, "input"), position, judges=False)
        policy = step.data.get("retry")
        if type(policy) is dict and "if" in policy:
            collect.logic(policy["if"], (*step.path, "retry", "if"), position)
        for branch in step.branches:
            collect.branch(branch, position)
    return found


class _Collector:
    def __init__(self, compiled: Compiled, found: Uses) -> None:
        self._compiled = compiled
        self._found = found

    def branch(self, branch: BranchOutline, step: int) -> None:
        if "condition" in branch.data:
            self.logic(branch.data["condition"], (*branch.path, "condition"), step)
        action = branch.data.get("action")
        if type(action) is dict and type(action.get("set")) is dict:
            self.logic(action["set"], (*branch.path, "action", "set"), step)
        if "result" in branch.data and branch.action in {"halt", "fail"}:
            self.template(branch.data["result"], (*branch.path, "result"), step, judges=True)

    def logic(self, value: Json, path: Path, step: int) -> None:
        if type(value) is not dict:
            return  # a constant, or of the wrong type
        if len(value) != 1:
            message = f"logic is a mapping of one operator, not of {len(value)} keys"
            hint = "Combine conditions with and: {and: [..., ...]}."
            self._found.findings.append(Finding(path, "not-logic", message, hint))
            return
        try:
            expression = self._compiled.expression(value)
        except ExpressionInvalid as invalid:
            self._refuse(invalid.problems, path)
        else:
            self._found.uses.append(Use(expression, path, step, judges=True, in_data=False))

    def template(self, value: Json, path: Path, step: int | None, *, judges: bool) -> None:
        try:
            template = self._compiled.template(value)
        except ExpressionInvalid as invalid:
            self._refuse([_with_way_out(problem, value) for problem in invalid.problems], path)
        else:
            for inside, expression in template.expressions:
                self._found.uses.append(Use(expression, path + inside, step, judges, in_data=True))

    def _refuse(self, problems: Iterable[ExpressionProblem], path: Path) -> None:
        for problem in problems:
            place = (*path, *problem.path)
            self._found.findings.append(Finding(place, problem.code, problem.message, problem.hint))


def _with_way_out(problem: ExpressionProblem, value: Json) -> ExpressionProblem:
    """Add how to say that it is data, where a mapping among data was taken for logic and makes none."""
    if problem.code != "wrong-arity":
        return problem
    for part in problem.path:
        if expressions.is_logic(value):
            return problem
        value = value[part]
    return replace(problem, hint=f"{problem.hint or ''} {as_data(value)}".strip())


def as_data(value: Json) -> str:
    """Return how a mapping that looks like logic is written as data."""
    shown = f"{next(iter(value))}: ..."
    return f"If it is data, write {{literal: {{{shown}}}}}."
