"""JSON Logic, with ``vars``, ``count`` and ``??``, compiled once to closures.

    >>> gate = compile({">=": [{"var": "scores.unsafe"}, 0.7]})
    >>> gate({"scores": {"unsafe": 0.9}})
    True

Expressions are pure: no clock, no randomness, no attribute, no import, and bounded work on any
data.
"""

from runfox.expressions.coercion import truthy
from runfox.expressions.compiler import is_logic
from runfox.expressions.expression import Expression, compile, evaluate, problems
from runfox.expressions.model import ExpressionProblem, Operator
from runfox.expressions.operators import OPERATORS
from runfox.expressions.template import Template, template, template_problems
from runfox.expressions.trace import Visit, trace

__all__ = [
    "OPERATORS",
    "Expression",
    "ExpressionProblem",
    "Operator",
    "Template",
    "Visit",
    "compile",
    "evaluate",
    "is_logic",
    "problems",
    "template",
    "template_problems",
    "trace",
    "truthy",
]
