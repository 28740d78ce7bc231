"""What the compiler, the operators and their users exchange.

An expression is compiled to a tree of closures, each ``run(scope, meter) -> value``. The scope is
what ``var`` reads: the data, or one item inside ``map`` and its kin. The meter is None where
nothing can grow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from runfox.expressions.limits import Meter
from runfox.values import Json

Path: TypeAlias = tuple[str | int, ...]
Run: TypeAlias = Callable[[Json, Meter | None], Json]


class Fault(Exception):
    """An operator cannot work with the values it got. The place is added before a user sees it."""


class Node(NamedTuple):
    """A compiled part. ``value`` is its value where ``constant`` is true, whatever the data."""

    run: Run
    constant: bool
    value: Json


class Site(Protocol):
    """What a builder may ask and tell about the place where its operator stands."""

    @property
    def name(self) -> str: ...
    @property
    def path(self) -> Path: ...
    @property
    def cost(self) -> int:
        """Nodes in the per-item body, which is what one turn of the loop is charged."""

    def reads(self, path: Path) -> None: ...
    def reads_computed(self) -> None: ...
    def refuse(self, code: str, message: str, hint: str | None = None) -> None: ...


Build: TypeAlias = Callable[[list[Node], Site], Run]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One entry of the operator table. The compiler, the schema and the docs read nothing else.

    ``most`` None: any number of arguments. ``body``: the argument that is evaluated once per
    item, in the item's own scope. ``quotes``: the argument is data and never looked into.
    ``grows``: the work or the result can outgrow the data, so evaluations that use it are metered.
    ``build_from_text``: a shorter way where the argument is one text, as paths are.
    """

    name: str
    least: int
    most: int | None
    summary: str
    build: Build
    build_from_text: Callable[[str, Site], Run] | None = None
    lazy: bool = False
    body: int | None = None
    quotes: bool = False
    grows: bool = False

    @property
    def arity(self) -> str:
        """The number of arguments in words: ``2 arguments``, ``at most 1 argument``."""
        if self.most is None:
            number = f"at least {self.least}" if self.least else "any number of"
        elif self.least == self.most:
            number = str(self.most)
        else:
            number = f"{self.least} to {self.most}" if self.least else f"at most {self.most}"
        return f"{number} argument{'' if number.split()[-1] == '1' else 's'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionProblem:
    """A reason why an expression cannot be compiled. ``path`` leads to the place inside it."""

    path: Path
    code: str
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        place = f"at {place_text(self.path)}: " if self.path else ""
        hint = f". {self.hint}" if self.hint else ""
        return f"{place}{self.code}: {self.message}{hint}"


def place_text(path: Path) -> str:
    return "/".join(str(part) for part in path)
