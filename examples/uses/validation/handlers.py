"""What the steps of the validation example do.

A rule names a ``field`` and its ``type`` (text or integer) and may say ``pattern`` (of the whole
text), ``one_of``, ``at_least``, ``at_most`` and ``optional``. A problem is one sentence.
"""

import re
from collections.abc import Iterator
from typing import Any

Values = dict[str, Any]
Rule = dict[str, Any]

TYPES = {"text": str, "integer": int}


def check_fields(*, what: str, values: Values, rules: list[Rule]) -> dict[str, list[str]]:
    return {"problems": [f"{what} {problem}" for problem in _problems(values, rules)]}


def check_lines(*, lines: list[Values], rules: list[Rule]) -> dict[str, list[str]]:
    if not lines:
        return {"problems": ["order has no lines"]}
    return {
        "problems": [
            f"line {number} {problem}"
            for number, line in enumerate(lines, 1)
            for problem in _problems(line, rules)
        ]
    }


def check_total(*, lines: list[Values], total_cents: int) -> dict[str, list[str]]:
    amounts = [(line.get("quantity"), line.get("price_cents")) for line in lines]
    numbers = [(q, p) for q, p in amounts if isinstance(q, int) and isinstance(p, int)]
    if len(numbers) < len(amounts):
        return {"problems": []}  # the check of the lines names what cannot be added up here
    total = sum(quantity * price for quantity, price in numbers)
    if total == total_cents:
        return {"problems": []}
    return {"problems": [f"order total is {total_cents}, its lines add up to {total}"]}


def judge(*, problems: list[list[str]]) -> dict[str, list[str]]:
    return {"reasons": [problem for found in problems for problem in found]}


def accept(*, order: Values) -> dict[str, str]:
    pieces = sum(line["quantity"] for line in order["lines"])
    total = order["total_cents"] / 100
    return {"receipt": f"{order['number']}: {pieces} pieces, {total:.2f} {order['currency']}"}


def _problems(values: Values, rules: list[Rule]) -> Iterator[str]:
    for rule in rules:
        field = rule["field"]
        if field not in values:
            if not rule.get("optional", False):
                yield f"{field} is missing"
        elif problem := _problem(values[field], rule):
            yield f"{field} {problem}"


def _problem(value: Any, rule: Rule) -> str | None:
    if not isinstance(value, TYPES[rule["type"]]) or isinstance(value, bool):
        return f"must be of type {rule['type']}, not {value!r}"
    if "pattern" in rule and not re.fullmatch(rule["pattern"], str(value)):
        return f"{value!r} does not match {rule['pattern']}"
    if "one_of" in rule and value not in rule["one_of"]:
        return f"must be one of {', '.join(rule['one_of'])}, not {value!r}"
    if "at_least" in rule and value < rule["at_least"]:
        return f"must be at least {rule['at_least']}, not {value}"
    if "at_most" in rule and value > rule["at_most"]:
        return f"must be at most {rule['at_most']}, not {value}"
    return None
