"""The compiled expression, and the ways to get one."""

from collections.abc import Callable
from functools import partial
from typing import Self, cast

from runfox.errors import ExpressionFailed, ExpressionInvalid
from runfox.expressions.compiler import Compiler
from runfox.expressions.limits import Exhausted, Meter
from runfox.expressions.model import ExpressionProblem, Fault, Path, Run
from runfox.expressions.trace import failure
from runfox.values import Json


# A partial is called from C, at a third of what calling an object with a __call__ of its own costs.
class Expression(partial[Json]):
    """A compiled expression. Call it with data: dicts and lists, or read-only views of that shape.

    The value may be a part of the data or of ``source``, not a copy: who keeps it, copies it.
    Calling raises ``ExpressionFailed``, which names the place inside and the values there.

    Attributes:
        source: The JSON it was compiled from.
        reads: The paths read from the data that are known without evaluating. The value at a path
            is read with all that is in it; ``()`` is all the data, ``"*"`` every child.
        dynamic: Whether it also reads paths that are computed when it runs.
    """

    source: Json
    reads: frozenset[Path]
    dynamic: bool
    _run: Run

    @classmethod
    def of(cls, source: Json, compiler: Compiler, run: Run) -> Self:
        """The expression that a compilation without problems amounts to."""
        if _is_plain_var(source):
            # It cannot fail, and its closure can do without a meter: nothing stands around it.
            expression = cls(cast("Callable[[Json], Json]", run))
        else:
            expression = cls((_metered if compiler.metered else _guarded)(source, run))
        expression.source = source
        expression.reads = frozenset(compiler.paths)
        expression.dynamic = compiler.computed
        expression._run = run
        return expression

    @property
    def constant(self) -> bool:
        """Whether its value is the same for all data."""
        return not self.reads and not self.dynamic

    def failure(self, data: Json, prefix: Path) -> ExpressionFailed | None:
        """What calling raises, or None. ``prefix`` is where it stands in a larger value."""
        try:
            self._run(data, Meter())
        except (Fault, Exhausted, RecursionError) as error:
            return failure(self.source, data, error, prefix)
        return None

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"

    def __reduce__(self) -> tuple[object, tuple[Json]]:
        return compile, (self.source,)


def _is_plain_var(source: Json) -> bool:
    return type(source) is dict and type(source.get("var")) is str


def _guarded(source: Json, run: Run) -> Callable[[Json], Json]:
    def call(data: Json) -> Json:
        try:
            return run(data, None)
        except (Fault, Exhausted, RecursionError) as error:
            raise failure(source, data, error) from None

    return call


def _metered(source: Json, run: Run) -> Callable[[Json], Json]:
    def call(data: Json) -> Json:
        try:
            return run(data, Meter())
        except (Fault, Exhausted, RecursionError) as error:
            raise failure(source, data, error) from None

    return call


def compile(expr: Json) -> Expression:
    """Compile JSON Logic. A literal is an expression too, whose value is itself.

    Raises:
        ExpressionInvalid: ``problems`` holds every mistake, each with its path inside ``expr``.
    """
    compiler = Compiler()
    node = compiler.compile(expr)
    if compiler.problems:
        raise ExpressionInvalid(compiler.problems)
    return Expression.of(expr, compiler, node.run)


def problems(expr: Json) -> list[ExpressionProblem]:
    """Return every mistake that ``compile`` would raise for; empty where there is none."""
    compiler = Compiler()
    compiler.compile(expr)
    return compiler.problems


def evaluate(expr: Json, data: Json = None) -> Json:
    """Compile and evaluate once. To evaluate often, keep what ``compile`` returns."""
    return compile(expr)(data)
