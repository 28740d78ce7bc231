"""The published schema accepts and refuses what the checker does, as far as a schema can say it."""

import json
from collections.abc import Iterator

import pytest
from jsonschema import Draft7Validator

from runfox.expressions import OPERATORS
from runfox.spec import Problem, check_text, schema
from runfox.spec.keys import PLACES
from runfox.spec.reader import read
from runfox.values import Json
from tests.unit.spec.bad import Bad, one, top
from tests.unit.spec.bad_specs import BAD
from tests.unit.spec.test_good_specs import GOOD

SCHEMA = schema()
VALID = Draft7Validator(SCHEMA)

STRUCTURAL = frozenset(
    {
        "unknown-key", "missing-key", "clashing-keys", "wrong-type", "empty", "out-of-range", "bad-id",
        "bad-duration", "bad-target", "unknown-action", "misplaced-result", "duplicate-dependency", "not-logic",
        "bad-instant", "bad-rate", "unknown-word", "misplaced-key", "bad-name",
    }
)  # fmt: skip
NOT_FOR_A_SCHEMA = (
    one("retry: {max_delay: 40000d}"),
    one("branch: [{action: fail, result: {type: T, msg: m}}]"),
    top("schedule: {every: 500ms}"),
    one("input: {v: {secret: 1}}"),
    one("input: {v: [{w: {secret: a b}}]}"),
)
"""What the checker calls structural and a schema cannot say without refusing what is right."""

PLACE_SCHEMAS = {name: SCHEMA["definitions"].get(name, SCHEMA) for name in PLACES}


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
        assert VALID.is_valid(data) is not any(shape(problem, data) for problem in check_text(text))


def shape(problem: Problem, data: Json) -> bool:
    """Whether a problem is one of shape, which a schema can see."""
    if problem.code == "duplicate-dependency":
        # The same step with different outcomes is as wrong, but only equal entries look equal.
        entries = at(data, problem.pointer.partition("/depends_on")[0])["depends_on"]
        return any(entries.count(entry) > 1 for entry in entries)
    if problem.code == "unknown-operator":
        return problem.pointer.endswith(LOGICAL)
    return problem.code in STRUCTURAL or problem.code == "too-large"


def at(data: Json, pointer: str) -> Json:
    for name in pointer.split("/")[1:]:
        data = data[int(name) if isinstance(data, list) else name]
    return data


LOGICAL = tuple(
    f"/{key}" for key in ("condition", "if", "set", "when", "until", "more", "for", "items")
)
"""Keys whose mappings are logic and nothing else."""

VALUES: list[Json] = [
        None, True, False, 0, 1, 3, -1, 2.5, 3.0, 10**7, "", "a", "2a", "a" * 64, "a" * 65, "n" * 200,
        "n" * 201, "halt", "set", "stop", "1h", "1h30m", "30m1h", "PT5M", "P1Y", "-1s", "steps.a.status",
        "steps.a.output", [], ["a"], ["a", "a"], ["a", 1], ["2a"], [{}], [{"id": "q"}], [{"action": "halt"}],
        [{"action": "x"}], {}, {"a": 1}, {"set": "a"}, {"set": ["a"]}, {"set": []},
        {"set": "a", "value": "ready"}, {"set": "a", "value": 1}, {"var": "a"}, {"set": {"var": "x"}},
        {"set": {"vra": "x"}}, {"max": [1], "min": [1]}, {"team": "shop"}, {"team": 1}, {"": "a"},
        {"team": ""}, {"delay": "1s"}, {"delay": 1}, {"delay": "x"}, {"jitter": 2}, {"max_attempts": 0},
        {"halt": {}}, 36500 * 86400, 36500 * 86400 + 1, 253_402_300_799, 253_402_300_800, 11, "0s", "all",
        "any", "none", "standard", "skip", "cancel", "rollback", "complete", "append", "5%", "100%", "100.5%",
        "10/1m", "0/1m", "10/0s", "10/x", "self", "a@2", "2026-11-20", "2026-11-20T06:00:00Z",
        "2026-11-20T06:00:00", "2026-11-20 06:00:00.123+0100", {"cancel": "a"},
        {"cancel": ["steps.a.status"]}, {"cancel": {"var": "x"}}, {"rollback": True}, {"rollback": 1},
        {"cancel": "a", "set": "a"}, [{"a": "failed"}], [{"a": "gone"}], [{"a": "ended", "b": "skipped"}],
        ["b", {"a": "failed"}], [{"2a": "failed"}], {"a": "failed"}, {"for": "1m"}, [{"for": "1m"}],
        {"for": "1x"}, {"until": 5}, {"signal": "s", "key": 1}, {"key": 1}, {"signal": "s", "buffer": 1},
        {"for": "1m", "data": {}}, {"for": {"var": "x"}}, {"for": {"vra": "x"}}, {"for": 1, "signal": "s"},
        [{"for": 1}, {}], {"need": 1}, {"need": 0}, {"need": 1, "rest": "wait"}, {"need": 1, "rest": "go"},
        {"rest": "wait"}, {"items": []}, {"items": [1], "as": "a-b"}, {"items": {"var": "x"}},
        {"items": {"vra": "x"}}, {"items": [1], "tolerate": "x"}, {"items": 1}, {"items": [1], "until": 1},
        {"items": [1], "more": True}, {"attempt": "1m"}, {"attempt": 0}, {"attempt": "0s", "total": "1h"},
        {"max": 1, "key": None}, {"max": 0}, {"max": 1, "full": "skip"}, {"rate": "10/1m"}, {"rate": "10/s"},
        {"key": "k", "for": "1d"}, {"key": "k", "for": 0}, {"fn": "f"}, {"fn": "f", "retry": "none"},
        {"fn": "f", "retry": "no"}, {"retry": [{}]}, {"retry": []}, {"timeout": "1m"},
        {"retry": {}, "max_attempts": 2}, {"queue": 1}, {"limit": {"max": 1}}, [{"max_attempts": 2}],
        ["standard"], {"within": "1m"}, {"cron": ""}, {"every": "1h"}, [{"every": "1h"}], {"every": 0.5},
        {"every": 1, "tz": "UTC"}, {"every": 1, "at": 5}, {"at": 5}, {"at": "noon"}, {"overlap": "skip"},
        {"every": 1, "overlap": "x"}, {"w": {"steps": [{"id": "a"}]}}, {"w": {}},
        {"self": {"steps": [{"id": "a"}]}}, {"a@1": {"steps": [{"id": "a"}]}}, {"k": {}},
        {"k": {"merge": "add"}}, {"k": {"merge": "sum"}}, {"k": {"merge": "add", "default": "a"}},
        {"k": {"merge": "union", "default": []}}, {"k": {"merge": "min", "default": []}}, {"k": 1},
        {"type": "object"},
]  # fmt: skip


def beside(place: str, key: str) -> dict[str, Json]:
    """What a mapping of a place must hold for a key to mean something."""
    match place, key:
        case "workflow", _:
            return {"name": "x", "steps": [{"id": "a"}]}
        case "inner", _:
            return {"steps": [{"id": "a"}]}
        case "step", "detach":
            return {"id": "a", "call": "w"}
        case "step", "outputs":
            return {"id": "a", "do": [{"id": "b"}]}
        case "schedule", "every" | "at":
            return {}
    return {
        "step": {"id": "a"},
        "branch": {"action": "halt"},
        "wait": {"signal": "s"},
        "join": {"need": 1},
        "foreach": {"items": [1]},
        "limit": {"max": 1},
        "cache": {"key": "k"},
        "undo": {"fn": "f"},
        "schedule": {"cron": "0 6 * * *"},
    }.get(place, {})


def workflow_with(place: str, key: str, value: Json) -> Json:
    mapping = {**beside(place, key), key: value}
    match place:
        case "workflow":
            return mapping
        case "step":
            return {"name": "x", "steps": [mapping]}
        case "inner":
            return {"name": "x", "steps": [{"id": "a"}], "workflows": {"w": mapping}}
        case "defaults" | "schedule":
            return {"name": "x", "steps": [{"id": "a"}], place: mapping}
    return {"name": "x", "steps": [{"id": "a", place: [mapping] if place == "branch" else mapping}]}


@pytest.mark.parametrize("place", PLACES)
def test_schema_and_checker_agree_on_every_value_at_every_key(place: str) -> None:
    different = []
    for key in [*PLACES[place].keys, "other"]:
        for value in VALUES:
            data = workflow_with(place, key, value)
            wrong = [p for p in check_text(json.dumps(data), source="x.json") if shape(p, data)]
            if VALID.is_valid(data) is bool(wrong):
                different.append((key, value, [str(p) for p in wrong]))
    assert different == []


@pytest.mark.parametrize("place", PLACES)
def test_schema_and_table_have_the_same_keys_with_the_same_words(place: str) -> None:
    found = {name: resolved(part) for name, part in PLACE_SCHEMAS[place]["properties"].items()}
    assert {name: found[name]["description"] for name in found} == {
        name: key.about for name, key in PLACES[place].keys.items()
    }
    assert PLACE_SCHEMAS[place]["additionalProperties"] is False


def resolved(part: dict[str, Json]) -> dict[str, Json]:
    """The part of the schema that a part refers to, or itself."""
    if "$ref" not in part:
        return part
    found = SCHEMA
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


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
    part = VALID.evolve(schema=entry)
    for example in entry["examples"]:
        assert [error.message for error in part.iter_errors(example)] == []


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
