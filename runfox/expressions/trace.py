"""What every part of an expression came to: for ``explain``, and for the message when one fails.

Expressions are pure, so a failure is explained by evaluating once more with every operator watched.
Evaluations that succeed pay nothing for that.
"""

from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from runfox.errors import ExpressionFailed, ExpressionInvalid
from runfox.expressions.coercion import is_list, is_mapping, kind_of
from runfox.expressions.compiler import Compiler, is_logic
from runfox.expressions.limits import Exhausted, Meter, TracingMeter
from runfox.expressions.model import Fault, Node, Path, Run, place_text
from runfox.expressions.operators import OPERATORS
from runfox.expressions.paths import MISSING, child, path_text, split
from runfox.values import Json


class Visit(NamedTuple):
    """A part of an expression that was evaluated, in loops many ``times``; the last one is shown.

    ``scope`` is what ``var`` read there. ``error`` tells why there is no value, and is None where
    there is one.
    """

    path: Path
    source: Json
    value: Json
    scope: Json
    error: str | None
    times: int


class _Recorder:
    """The tap that watches every operator. ``failed`` is the first, so the innermost, to fail."""

    def __init__(self) -> None:
        self.visits: dict[Path, Visit] = {}
        self.failed: Visit | None = None

    def __call__(self, path: Path, source: Json, run: Run) -> Run:
        def watched(scope: Json, meter: Meter | None) -> Json:
            try:
                value = run(scope, meter)
            except Fault as fault:
                visit = self._note(path, source, None, scope, str(fault))
                self.failed = self.failed or visit
                raise
            self._note(path, source, value, scope, None)
            return value

        return watched

    def _note(self, path: Path, source: Json, value: Json, scope: Json, error: str | None) -> Visit:
        before = self.visits.get(path)
        visit = Visit(path, source, value, scope, error, before.times + 1 if before else 1)
        self.visits[path] = visit
        return visit


def trace(expr: Json, data: Json) -> list[Visit]:
    """Evaluate, and return what every operator that was reached came to, outermost first.

    A failure is in the list; a part that was not reached is not. Raises ``ExpressionInvalid``.
    """
    compiler = Compiler(recorder := _Recorder())
    node = compiler.compile(expr)
    if compiler.problems:
        raise ExpressionInvalid(compiler.problems)
    _watch(node, data)
    return sorted(recorder.visits.values(), key=lambda visit: visit.path)


def _watch(node: Node, data: Json) -> None:
    with suppress(Fault, Exhausted, RecursionError):  # the recorder has it
        node.run(data, TracingMeter())


def failure(
    expr: Json, data: Json, error: Fault | Exhausted | RecursionError, prefix: Path = ()
) -> ExpressionFailed:
    """Return the error to raise: the innermost place that failed, and what it was given.

    ``prefix`` is where ``expr`` stands in a larger value.
    """
    if isinstance(error, Exhausted):
        name, path = error.at or ("", ())
        return _failed(name, (*prefix, *path), error.message, ())
    if isinstance(error, RecursionError):
        return _failed("", prefix, "the values are nested too deeply", ())
    node = Compiler(recorder := _Recorder()).compile(expr)
    _watch(node, data)
    if recorder.failed is None:
        return _failed("", prefix, str(error), ())
    return _explained(recorder, recorder.failed, prefix)


def _failed(name: str, path: Path, message: str, values: tuple[Json, ...]) -> ExpressionFailed:
    place = f"at {place_text(path)}" if path else ""
    where = f"{name} {place}".strip()
    return ExpressionFailed(f"{where}: {message}" if where else message, path=path, values=values)


def _explained(recorder: _Recorder, failed: Visit, prefix: Path) -> ExpressionFailed:
    ((name, raw),) = failed.source.items()
    inside = (*failed.path, name)
    if type(raw) is list:
        operands = [(arg, (*inside, position)) for position, arg in enumerate(raw)]
    else:
        operands = [(raw, inside)]
    if (body := OPERATORS[name].body) is not None:
        del operands[body : body + 1]
    values = tuple(_value(arg, path, recorder) for arg, path in operands)
    message = failed.error or ""
    if notes := [note for arg, _ in operands if (note := _absent(arg, failed.scope))]:
        message = f"{message} ({'; '.join(notes)}). {_way_out(operands, failed.scope)}"
    elif shown := [kind_of(value) for value in values]:
        message = f"{message} (it was given {', '.join(shown[:6])})"
    return _failed(name, (*prefix, *failed.path), message, values)


def _value(arg: Json, path: Path, recorder: _Recorder) -> Json:
    visit = recorder.visits.get(path)
    if visit is not None:
        return visit.value
    return None if is_logic(arg) else arg


def _var_path(arg: Json) -> str | None:
    """The static path of a ``var`` without a default, or None."""
    if not is_logic(arg) or "var" not in arg:
        return None
    raw = arg["var"]
    if type(raw) is list:
        if len(raw) != 1:
            return None
        raw = raw[0]
    return path_text(raw)


def _absent(arg: Json, scope: Json) -> str | None:
    """Why a ``var`` gave null: what is missing, and what is there instead."""
    path = _var_path(arg)
    if not path:
        return None
    value = scope
    walked: list[str] = []
    for segment in split(path):
        found = child(value, segment)
        if found is MISSING:
            return f'var "{path}" is missing; {_contents(value, walked)}'
        value = found
        walked.append(segment)
    return f'var "{path}" is null' if value is None else None


def _contents(value: Json, walked: list[str]) -> str:
    inside = f'in "{".".join(walked)}" ' if walked else ""
    if is_mapping(value):
        names = [str(name) for name in islice(value, 8)]
        more = ", ..." if len(value) > len(names) else ""
        there = f"there are: {', '.join(names)}{more}" if names else "there is nothing"
        return inside + there
    if is_list(value):
        return f"{inside}there are {len(value)} items"
    place = f'"{".".join(walked)}"' if walked else "what it is looked for in"
    return f"{place} is {kind_of(value)}"


def _way_out(operands: list[tuple[Json, Path]], scope: Json) -> str:
    path = next(found for arg, _ in operands if _absent(arg, scope) and (found := _var_path(arg)))
    return f'Correct the path, or give a default: {{"??": [{{"var": "{path}"}}, 0]}}.'
