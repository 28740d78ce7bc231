"""The rules that look across steps: not too strict, and helpful where they speak."""

import pytest

from runfox import values
from runfox.errors import SpecError
from runfox.graph import scope, waits
from runfox.spec import Problem, check_text, from_data
from runfox.spec.checks.places import RESULT, SIGNAL
from runfox.spec.checks.reads import FIELDS
from runfox.values import Json
from tests.unit.spec.bad import one, steps
from tests.unit.spec.bad_rules import EQ_A, KINDS, LATEST, WRITES
from tests.unit.spec.good_rules import SOUND


@pytest.mark.parametrize("name", SOUND)
def test_what_fits_together_is_not_complained_about(name: str) -> None:
    assert [str(problem) for problem in check_text(SOUND[name])] == []


def only(text: str) -> Problem:
    (problem,) = check_text(text)
    return problem


HINTS = [
    (
        steps("  - id: a\n  - {id: b, do: [{id: c, depends_on: [a]}]}"),
        "Let 'b' depend on it; the steps inside begin after that.",
    ),
    (
        steps("  - id: a\nfinally: [{id: z, depends_on: [a]}]"),
        "The steps of finally begin when all others have ended.",
    ),
    (
        steps("  - {id: a, depends_on: [z]}\nfinally: [{id: z}]"),
        "'z' is in finally, which begins when all others have ended.",
    ),
    (
        steps("  - {id: abc, do: [{id: d, input: {v: {var: steps.acb.output}}}]}"),
        "Did you mean 'abc'?",
    ),
    (one("input: {v: {var: index}}"), "'index' is there in what foreach does for each item only."),
    (one("when: {var: data.x}"), "'data' is there in the branches of a wait only."),
    (one("foreach: {items: [1], as: order}\ninput: {v: {var: oder}}"), "Did you mean 'order'?"),
    (
        one("foreach: {items: [1], as: order}\ninput: {v: {var: item}}"),
        "There are: input, state, steps, workflow, index, order.",
    ),
    (
        steps(f"  - {{id: a, when: {EQ_A}}}\noutputs: {{v: {{var: steps.a.output.x}}}}"),
        'Say what to take instead: {"var": ["steps.a.output.x", null]}.',
    ),
    (
        steps("  - {id: a, call: fruad}\nworkflows: {fraud: {steps: [{id: b}]}}"),
        "Did you mean 'fraud'?",
    ),
]


@pytest.mark.parametrize(("text", "hint"), HINTS)
def test_a_problem_names_the_way_out(text: str, hint: str) -> None:
    assert only(text).hint == hint


def test_the_value_that_nobody_is_for_is_named() -> None:
    text = KINDS + steps(
        f"  - {{id: a, when: {EQ_A}}}\n  - {{id: b, when: {EQ_A}}}\n  - {{id: c, depends_on: [a, b]}}"
    )
    said = "none of 'a', 'b' runs where input.kind is 'b', 'c', and so 'c' does not either"
    assert only(text).message == said


def test_the_steps_of_a_race_are_named() -> None:
    text = LATEST + steps(f"  - {{id: a, {WRITES}}}\n  - {{id: b, {WRITES}}}")
    assert only(text).message == "steps 'a' and 'b' both write 'total' to state, in either order"


def test_a_name_of_finally_that_is_taken_names_the_first_place() -> None:
    text = steps("  - id: a\nfinally: [{id: a}]")
    assert only(text).message == "two steps are called 'a', the first at line 3"


MANY = 3_000


def codes(data: dict[str, Json]) -> set[str]:
    try:
        from_data(data)
    except SpecError as error:
        return {problem.code for problem in error.problems}
    return set()


def test_thousands_of_conditions_joins_and_lists_are_checked_in_one_pass() -> None:
    """Three thousand steps of which each may be skipped for a reason of its own, and as many that read them."""
    ids = [f"s{i}" for i in range(MANY)]
    choices: list[dict[str, Json]] = [
        {"id": name, "when": {"==": [{"var": "input.n"}, i]}, "do": [{"id": "x"}]}
        for i, name in enumerate(ids)
    ]
    failures = [{"id": f"f{i}", "depends_on": [{name: "failed"}]} for i, name in enumerate(ids)]
    join = {
        "id": "join",
        "depends_on": [*ids, *({f"f{i}": "skipped"} for i in range(MANY))],
        "join": {"need": 2 * MANY},
        "input": {name: {"var": [f"steps.{name}.output.v", None]} for name in ids},
    }
    reads = [
        {
            "id": f"r{i}",
            "depends_on": ids[:3],
            "input": {"v": {"var": [f"steps.{name}.output.v", 0]}},
        }
        for i, name in enumerate(ids)
    ]
    assert codes({"name": "x", "steps": [*choices, *failures, join, *reads]}) == set()


def test_the_deepest_lists_are_seen_through() -> None:
    step: dict[str, Json] = {"id": "last", "input": {"v": {"var": "steps.first.output.v"}}}
    for level in range(20):
        step = {"id": f"b{level}", "depends_on": ["first"], "do": [{"id": f"a{level}"}, step]}
        step["do"][1].pop("depends_on", None)
    assert codes({"name": "x", "steps": [{"id": "first"}, step]}) == set()
    step["depends_on"] = []
    problems = check_text(values.text({"name": "x", "steps": [{"id": "first"}, step]}))
    assert [problem.code for problem in problems] == ["unordered-read"]


def test_the_names_that_are_checked_are_those_that_runs_have() -> None:
    assert set(RESULT) == {*scope.RESERVED, "ok"}
    assert set(FIELDS["workflow"]) == set(scope.WorkflowView._names)
    assert set(SIGNAL) == set(waits.signal_output("go", None))
