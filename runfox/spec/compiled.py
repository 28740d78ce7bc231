"""The expressions of one workflow, each compiled once: the checks compile them, the model takes them over."""

from runfox import expressions
from runfox.expressions import Expression, Template
from runfox.values import Json


class Compiled:
    """Compiles on first use. Raises ``ExpressionInvalid`` each time for what cannot be compiled.

    Values are recognised by identity, so it must not outlive the data they belong to.
    """

    __slots__ = ("_expressions", "_templates")

    def __init__(self) -> None:
        self._expressions: dict[int, Expression] = {}
        self._templates: dict[int, Template] = {}

    def expression(self, value: Json) -> Expression:
        found = self._expressions.get(id(value))
        if found is None:
            found = self._expressions[id(value)] = expressions.compile(value)
        return found

    def template(self, value: Json) -> Template:
        found = self._templates.get(id(value))
        if found is None:
            found = self._templates[id(value)] = expressions.template(value)
        return found
