"""The table of cases: what each operator means."""

import json
from pathlib import Path

import pytest
import yaml

from runfox import expressions
from runfox.errors import ExpressionFailed, ExpressionInvalid

TABLE = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text(encoding="utf-8"))
CASES = [
    pytest.param(*case, id=f"{topic}-{number}")
    for topic, cases in TABLE.items()
    for number, case in enumerate(cases)
]


def same(value, wanted):
    """Equal as JSON: 2 and 2.0, 1 and true are told apart."""
    return json.dumps(value, sort_keys=True) == json.dumps(wanted, sort_keys=True)


@pytest.mark.parametrize(("expr", "data", "wanted"), CASES)
def test_the_case_comes_out_as_written(expr, data, wanted):
    match wanted:
        case {"fails": text}:
            with pytest.raises(ExpressionFailed) as failed:
                expressions.evaluate(expr, data)
            assert text in str(failed.value)
        case {"invalid": code}:
            with pytest.raises(ExpressionInvalid) as refused:
                expressions.compile(expr)
            assert code in [problem.code for problem in refused.value.problems]
            assert expressions.problems(expr) == list(refused.value.problems)
        case _:
            assert same(expressions.evaluate(expr, data), wanted)
            assert expressions.problems(expr) == []


def test_every_operator_has_cases():
    used = set()

    def collect(value):
        match value:
            case dict():
                used.update(value)
                for inner in value.values():
                    collect(inner)
            case list():
                for inner in value:
                    collect(inner)

    collect(list(TABLE.values()))
    assert set(expressions.OPERATORS) <= used


def test_there_are_at_least_three_hundred_cases():
    assert len(CASES) >= 300
