"""From JSON to closures, in one walk that goes on after a mistake, so that it reports them all.

The same walk serves the tracer: it hands in a ``tap`` that wraps the closure of every operator.
"""

from collections.abc import Callable
from typing import TypeAlias

from runfox.errors import did_you_mean
from runfox.expressions.coercion import SCALARS
from runfox.expressions.limits import MAX_DEPTH, MAX_NODES, MAX_PROBLEMS
from runfox.expressions.literals import inspect, too_deep, too_large
from runfox.expressions.model import ExpressionProblem, Node, Operator, Path, Run
from runfox.expressions.operators import OPERATORS
from runfox.values import Json

Tap: TypeAlias = Callable[[Path, Json, Run], Run]
AS_DATA = 'To pass a mapping as data, write {"literal": {...}}.'


class _Stop(Exception):
    """Too large, or too many problems, to look at further."""


def is_logic(value: Json) -> bool:
    """Whether ``value`` is a mapping of one key, and that key an operator."""
    return type(value) is dict and len(value) == 1 and next(iter(value)) in OPERATORS


class Compiler:
    """The state of one compilation: what it has found, read and counted so far."""

    __slots__ = ("computed", "loops", "metered", "nodes", "paths", "problems", "tap")

    def __init__(self, tap: Tap | None = None) -> None:
        self.problems: list[ExpressionProblem] = []
        self.paths: set[Path] = set()
        self.computed = False
        self.metered = False
        self.nodes = 0
        # Inside the body of a loop `var` reads the item, so nothing there is read from the data.
        self.loops = 0
        self.tap = tap

    def compile(self, expr: Json) -> Node:
        """Compile one expression. What it returns is of use only while ``problems`` is empty."""
        try:
            return self._node(expr, (), MAX_DEPTH)
        except _Stop:
            pass
        except RecursionError:
            self.problems.append(too_deep(()))
        return _constant(None)

    def refuse(self, path: Path, code: str, message: str, hint: str | None = None) -> None:
        self._add(ExpressionProblem(path=path, code=code, message=message, hint=hint))

    def _add(self, problem: ExpressionProblem) -> None:
        self.problems.append(problem)
        if len(self.problems) >= MAX_PROBLEMS:
            raise _Stop

    def _node(self, expr: Json, path: Path, room: int) -> Node:
        kind = type(expr)
        if kind is dict and len(expr) == 1:
            return self._logic(expr, path, room)
        if kind is list:
            return self._array(expr, path, room)
        return self._data(expr, path)

    def _logic(self, expr: dict[str, Json], path: Path, room: int) -> Node:
        self._count(1, path)
        ((name, raw),) = expr.items()
        operator = OPERATORS.get(name)
        if operator is None:
            shown = str(name)[:60]
            hint = f"{did_you_mean(shown, OPERATORS, label='Operators')} {AS_DATA}"
            self.refuse(path, "unknown-operator", f'no operator "{shown}"', hint)
            return _constant(None)
        if operator.quotes:
            return self._data(raw, (*path, name))
        if room == 0:
            return self._refuse_depth(path)
        self.metered |= operator.grows
        site = OperatorSite(self, name, path)
        if type(raw) is str and operator.build_from_text is not None:
            run = operator.build_from_text(raw, site)
        else:
            run = self._build(operator, raw, site, room)
        return Node(run if self.tap is None else self.tap(path, expr, run), False, None)

    def _build(self, operator: Operator, raw: Json, site: "OperatorSite", room: int) -> Run:
        args = self._arguments(operator, raw, site, room - 1)
        if self._arity_is_wrong(operator, len(args), site.path):
            return _constant(None).run
        return operator.build(args, site)

    def _arguments(
        self, operator: Operator, raw: Json, site: "OperatorSite", room: int
    ) -> list[Node]:
        inside = (*site.path, site.name)
        if type(raw) is not list:
            return [self._node(raw, inside, room)]
        if operator.body is None:
            return [self._node(arg, (*inside, i), room) for i, arg in enumerate(raw)]
        args: list[Node] = []
        for position, arg in enumerate(raw):
            if position == operator.body:
                before = self.nodes
                self.loops += 1
                args.append(self._node(arg, (*inside, position), room))
                self.loops -= 1
                site.cost = self.nodes - before
            else:
                args.append(self._node(arg, (*inside, position), room))
        return args

    def _arity_is_wrong(self, operator: Operator, given: int, path: Path) -> bool:
        if given >= operator.least and (operator.most is None or given <= operator.most):
            return False
        message = f'"{operator.name}" takes {operator.arity}, not {given}'
        self.refuse(path, "wrong-arity", message, f"{operator.summary}.")
        return True

    def _array(self, items: list[Json], path: Path, room: int) -> Node:
        self._count(1, path)
        if room == 0:
            return self._refuse_depth(path)
        nodes = [self._node(item, (*path, i), room - 1) for i, item in enumerate(items)]
        if all(node.constant for node in nodes):
            return _constant([node.value for node in nodes])
        runs = [node.run for node in nodes]
        return Node(lambda scope, meter: [run(scope, meter) for run in runs], False, None)

    def _data(self, value: Json, path: Path) -> Node:
        kind = type(value)
        if kind in SCALARS and kind is not float:
            self._count(1, path)
            return _constant(value)
        nodes, problems = inspect(value, path, MAX_NODES - self.nodes)
        for problem in problems:
            self._add(problem)
        self._count(nodes, path)
        return _constant(value)

    def _count(self, nodes: int, path: Path) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            self.problems.append(too_large(path, MAX_NODES))
            raise _Stop

    def _refuse_depth(self, path: Path) -> Node:
        self._add(too_deep(path))
        return _constant(None)


class OperatorSite:
    """The place of one operator, as its builder sees it."""

    __slots__ = ("_compiler", "cost", "name", "path")

    def __init__(self, compiler: Compiler, name: str, path: Path) -> None:
        self._compiler = compiler
        self.name = name
        self.path = path
        self.cost = 0

    def reads(self, path: Path) -> None:
        """Note a path that is read, unless it is read from an item of a loop."""
        if not self._compiler.loops:
            self._compiler.paths.add(path)

    def reads_computed(self) -> None:
        if not self._compiler.loops:
            self._compiler.computed = True

    def refuse(self, code: str, message: str, hint: str | None = None) -> None:
        self._compiler.refuse((*self.path, self.name), code, message, hint)


def _constant(value: Json) -> Node:
    return Node(lambda _scope, _meter: value, True, value)
