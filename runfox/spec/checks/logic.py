"""The expressions of a workflow: what they read, and what is wrong inside them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from runfox import expressions
from runfox.errors import ExpressionError, ExpressionInvalid
from runfox.expressions import Expression, ExpressionProblem
from runfox.spec.checks.outline import BlockOutline, Outline, StepOutline
from runfox.spec.checks.places import Place, Sight, places
from runfox.spec.compiled import Compiled
from runfox.spec.problem import Finding, Path
from runfox.values import Json


class Use(NamedTuple):
    """An expression at its place. ``step`` is None for outputs and for what belongs to the whole workflow.

    ``in_data``: it stands among data, where a mapping may be taken for logic by mistake.
    """

    expression: Expression
    path: Path
    block: BlockOutline
    step: StepOutline | None
    sight: Sight
    in_data: bool


class Uses(NamedTuple):
    """All expressions that could be compiled, the data they stand in, and why the others could not."""

    uses: list[Use]
    data: list[tuple[Path, Json]]
    findings: list[Finding]


def uses_of(outline: Outline, compiled: Compiled) -> Uses:
    found = Uses([], [], [])
    for place in places(outline):
        if place.form == "logic":
            _logic(place, compiled, found)
        else:
            _template(place, compiled, found)
    return found


def _logic(place: Place, compiled: Compiled, found: Uses) -> None:
    value, path, block, step, sight, _ = place
    if type(value) is not dict:
        return  # a constant, or of the wrong type
    if len(value) != 1:
        message = f"logic is a mapping of one operator, not of {len(value)} keys"
        hint = "Combine conditions with and: {and: [..., ...]}."
        found.findings.append(Finding(path, "not-logic", message, hint))
        return
    try:
        expression = compiled.expression(value)
    except ExpressionInvalid as invalid:
        _refuse(invalid.problems, path, found)
    else:
        found.uses.append(Use(expression, path, block, step, sight, in_data=False))


def _template(place: Place, compiled: Compiled, found: Uses) -> None:
    value, path, block, step, sight, form = place
    in_data = form == "data"
    if in_data:
        found.data.append((path, value))
    try:
        template = compiled.template(value)
    except ExpressionInvalid as invalid:
        _refuse([_with_way_out(problem, value) for problem in invalid.problems], path, found)
    else:
        for inside, expression in template.expressions:
            found.uses.append(Use(expression, path + inside, block, step, sight, in_data))


def _refuse(problems: Iterable[ExpressionProblem], path: Path, found: Uses) -> None:
    for problem in problems:
        place = (*path, *problem.path)
        found.findings.append(Finding(place, problem.code, problem.message, problem.hint))


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


def constant(value: Json, compiled: Compiled) -> bool | None:
    """Return what a condition is whatever the data, or None where that depends or it is no condition."""
    if type(value) is not bool and not expressions.is_logic(value):
        return None
    try:
        condition = compiled.expression(value)
        return (
            bool(expressions.evaluate({"!!": [condition.source]})) if condition.constant else None
        )
    except ExpressionError:
        return None
