"""Plain data inside expressions and templates: checked and counted, never evaluated."""

from math import isfinite

from runfox.expressions.coercion import SCALARS
from runfox.expressions.limits import MAX_DEPTH, MAX_PROBLEMS
from runfox.expressions.model import ExpressionProblem, Path
from runfox.values import Json


def inspect(value: Json, path: Path, allowed: int) -> tuple[int, list[ExpressionProblem]]:
    """Return how many parts ``value`` has, and why it is no JSON that can be kept, if it is not.

    Goes level by level, because hostile data is nested deeper than Python recurses, and stops
    beyond ``allowed`` parts: data that contains itself has no end.
    """
    problems: list[ExpressionProblem] = []
    nodes, depth, level = 0, 0, [value]
    while level and nodes <= allowed and len(problems) < MAX_PROBLEMS:
        nodes += len(level)
        depth += 1
        if depth > MAX_DEPTH + 1:
            return nodes, [*problems, too_deep(path)]
        level = _next_level(level, path, problems)
    return nodes, problems


def _next_level(level: list[Json], path: Path, problems: list[ExpressionProblem]) -> list[Json]:
    inner: list[Json] = []
    for part in level:
        kind = type(part)
        if kind is list:
            inner += part
        elif kind is dict:
            for key in part:
                if type(key) is not str:
                    problems.append(_not_json(path, "a key that is no string"))
                    break
            inner += part.values()
        elif kind not in SCALARS:
            problems.append(_not_json(path, kind.__name__))
        elif kind is float and not isfinite(part):
            problems.append(_not_json(path, str(part)))
    return inner


def _not_json(path: Path, what: str) -> ExpressionProblem:
    hint = "Write it as a text, a number, a list or a mapping."
    return ExpressionProblem(path=path, code="not-json", message=f"{what} is not JSON", hint=hint)


def too_deep(path: Path) -> ExpressionProblem:
    """The whole path would be a hundred parts long and tell no more, so it is cut."""
    message = f"nested deeper than {MAX_DEPTH} levels"
    return ExpressionProblem(path=path[:6], code="too-deep", message=message, hint="Flatten it.")


def too_large(path: Path, allowed: int) -> ExpressionProblem:
    message = f"more than {allowed:,} parts"
    return ExpressionProblem(
        path=path[:6], code="too-large", message=message, hint="Split it over several steps."
    )
