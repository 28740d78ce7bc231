"""The table of operators, one part per subject. A new operator is one entry in one of them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from runfox.expressions.model import Operator
from runfox.expressions.operators import arithmetic, comparison, data, lists, logic, strings

OPERATORS: Final[Mapping[str, Operator]] = MappingProxyType(
    {
        operator.name: operator
        for subject in (data, logic, comparison, arithmetic, lists, strings)
        for operator in subject.OPERATORS
    }
)
