"""The published schema accepts and refuses what the checker does, as far as a schema can say it."""

from collections.abc import Iterator

import pytest
from jsonschema import Draft7Validator

from runfox.expressions import OPERATORS
from runfox.spec import Problem, check_text, schema
from runfox.spec.checks.structure import check_structure
from runfox.spec.keys import PLACES
from runfox.spec.reader import read
from runfox.values import Json
from tests.unit.spec.bad_specs import BAD, Bad, one
from tests.unit.spec.test_good_specs import GOOD

SCHEMA = schema()
VALID = Draft7Validator(SCHEMA)

STRUCTURAL = frozenset(
    {
        "unknown-key", "missing-key", "clashing-keys", "wrong-type", "empty", "out-of-range", "bad-id",
        "bad-duration", "bad-target", "unknown-action", "misplaced-result", "duplicate-dependency", "not-logic",
    }
)  # fmt: skip
NOT_FOR_A_SCHEMA = (
    one("retry: {max_delay: 40000d}"),
    one("branch: [{action: fail, result: {type: T, msg: m}}]"),
)
"""What the checker calls structural and a schema cannot say without refusing what is right."""

PLACE_SCHEMAS = {
    "workflow": SCHEMA,
    **{name: SCHEMA["definitions"][name] for name in ("step", "branch", "retry")},
}


def data_of(text: str) -> Json:
    reading = read(text, "x")
    return reading.data if reading.whole and not reading.findings else None


@pytest.mark.parametrize("name", GOOD)
def test_the_schema_accepts_what_is_sound(name: str) -> None:
    assert [error.message for error in VALID.iter_errors(data_of(GOOD[name]))] == []


def readable() -> Iterator[tuple[Bad, Json]]:
    for bad in BAD:
        data = data_of(bad.text.replace("«", ""))
        if data is not None:
            yield bad, data


@pytest.mark.parametrize(
    ("bad", "data"), list(readable()), ids=lambda value: getattr(value, "codes", "")
)
def test_the_schema_refuses_a_workflow_exactly_when_its_structure_is_wrong(
    bad: Bad, data: Json
) -> None:
    text = bad.text.replace("«", "")
    # Python's `$` lets a line break pass before the end, which ECMA's, that schemas are written in, does not.
    if text in NOT_FOR_A_SCHEMA or "\\n" in text:
        assert VALID.is_valid(data)
    else:
        assert VALID.is_valid(data) is not any(shape(problem) for problem in check_text(text))


def shape(problem: Problem) -> bool:
    """Whether a problem is one of shape, which a schema can see."""
    if problem.code == "unknown-operator":
        return problem.pointer.endswith(("/condition", "/if", "/set"))
    return problem.code in STRUCTURAL or problem.code == "too-large"


VALUES: list[Json] = [
        None, True, False, 0, 1, 3, -1, 2.5, 3.0, 10**7, "", "a", "2a", "a" * 64, "a" * 65, "n" * 200, "n" * 201,
        "halt", "set", "stop", "1h", "1h30m", "30m1h", "PT5M", "P1Y", "-1s", "steps.a.status", "steps.a.output",
        [], ["a"], ["a", "a"], ["a", 1], ["2a"], [{}], [{"id": "q"}], [{"action": "halt"}], [{"action": "x"}],
        {}, {"a": 1}, {"set": "a"}, {"set": ["a"]}, {"set": []}, {"set": "a", "value": "ready"},
        {"set": "a", "value": 1}, {"var": "a"}, {"set": {"var": "x"}}, {"set": {"vra": "x"}},
        {"max": [1], "min": [1]}, {"team": "shop"}, {"team": 1}, {"": "a"}, {"team": ""}, {"delay": "1s"},
        {"delay": 1}, {"delay": "x"}, {"jitter": 2}, {"max_attempts": 0}, {"halt": {}}, 36500 * 86400,
        36500 * 86400 + 1,
]  # fmt: skip


def planted() -> Iterator[tuple[str, str, Json]]:
    """Every value at every key of every place: some 2,700 small workflows."""
    for place, found in PLACES.items():
        for key in [*found.keys, "other"]:
            for value in VALUES:
                yield place, key, value


def workflow_with(place: str, key: str, value: Json) -> Json:
    branch: dict[str, Json] = {"action": "halt"}
    retry: dict[str, Json] = {}
    step: dict[str, Json] = {"id": "a"}
    workflow: dict[str, Json] = {"name": "x", "steps": [step]}
    if place == "branch":
        step["branch"] = [branch]
    if place == "retry":
        step["retry"] = retry
    {"workflow": workflow, "step": step, "branch": branch, "retry": retry}[place][key] = value
    return workflow


def test_schema_and_checker_agree_on_every_value_at_every_key() -> None:
    different = []
    for place, key, value in planted():
        data = workflow_with(place, key, value)
        findings = check_structure(data)
        if key in {"condition", "if"} and isinstance(value, dict):
            # An operator that does not exist is found when logic is compiled.
            sound = len(value) == 1 and next(iter(value)) in OPERATORS
        elif key == "action" and value == {"set": {"vra": "x"}}:
            sound = False
        else:
            sound = not findings
        if VALID.is_valid(data) is not sound:
            different.append((place, key, value, [finding.message for finding in findings]))
    assert different == []


@pytest.mark.parametrize("place", PLACES)
def test_schema_and_table_have_the_same_keys_with_the_same_words(place: str) -> None:
    found = PLACE_SCHEMAS[place]["properties"]
    assert {name: found[name]["description"] for name in found} == {
        name: key.about for name, key in PLACES[place].keys.items()
    }
    assert PLACE_SCHEMAS[place]["additionalProperties"] is False


def named_keys(node: Json, path: str = "#") -> Iterator[tuple[str, dict[str, Json]]]:
    """Every entry of every ``properties`` that editors complete from."""
    if isinstance(node, dict):
        for name, entry in (
            node.get("properties", {}).items() if "/then" not in path and "/if" not in path else ()
        ):
            if isinstance(entry, dict) and "$ref" not in entry:
                yield f"{path}/{name}", entry
        for name, inner in node.items():
            yield from named_keys(inner, f"{path}/{name}")
    elif isinstance(node, list):
        for position, inner in enumerate(node):
            yield from named_keys(inner, f"{path}/{position}")


KEYS = {
    path: entry
    for path, entry in named_keys(SCHEMA)
    if "/allOf/" not in path and "/examples" not in path
}


@pytest.mark.parametrize("path", KEYS)
def test_every_key_has_a_description_and_examples_that_hold(path: str) -> None:
    entry = KEYS[path]
    assert entry["description"].endswith(".")
    assert entry["examples"]
    part = {**entry, "definitions": SCHEMA["definitions"]}
    for example in entry["examples"]:
        assert [error.message for error in Draft7Validator(part).iter_errors(example)] == []


def test_the_schema_itself_is_sound() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_editors_can_complete_every_operator_and_plain_data_is_not_refused() -> None:
    logic = SCHEMA["definitions"]["logic"]["properties"]
    assert {name: entry["description"] for name, entry in logic.items()} == {
        name: f"{operator.summary}. Takes {operator.arity}." for name, operator in OPERATORS.items()
    }
    assert set(SCHEMA["definitions"]["value"]["properties"]) == set(OPERATORS)
    data = {
        "name": "x",
        "steps": [{"id": "a", "input": {"var": 1, "and": 2, "any": {"x": [{"max": 1, "y": 2}]}}}],
    }
    assert VALID.is_valid(data)


def test_no_choice_is_left_to_oneof() -> None:
    text = str(SCHEMA)
    assert "oneOf" not in text
    assert "anyOf" not in text


def test_a_schema_that_was_changed_is_not_the_next_one() -> None:
    schema()["title"] = "changed"
    assert schema()["title"] == "runfox workflow"
