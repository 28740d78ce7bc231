"""Whatever the text, it becomes a Spec or a SpecError, and never anything else."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runfox.errors import SpecError
from runfox.spec import Spec, build, check_text, from_data, load
from runfox.values import Json
from tests.unit.spec.bad_specs import BAD
from tests.unit.spec.test_good_specs import GOOD

SEEDS = [*GOOD.values(), *(bad.text.replace("«", "") for bad in BAD if len(bad.text) < 2_000)]
PIECES = [
    *" \n\t:-,[]{}&*!|>'\"%@`#?~.0",
    "a: &b ",
    "*b",
    "<<: ",
    "- ",
    "---\n",
    "steps.a.output",
    "{var: ",
    "\0",
    "\ud800",
]


def outcome(text: str) -> None:
    problems = check_text(text)
    errors = [problem for problem in problems if problem.severity == "error"]
    for problem in problems:
        assert problem.line is not None
        assert 1 <= problem.line <= text.count("\n") + text.count("\r") + 2
        assert str(problem)
    if errors:
        with pytest.raises(SpecError) as caught:
            load(text)
        assert list(caught.value.problems) == errors
    else:
        spec = load(text)
        assert isinstance(spec, Spec)
        assert build(spec.data).workflow_id == from_data(spec.data).workflow_id == spec.workflow_id


@given(st.text())
def test_random_text(text: str) -> None:
    outcome(text)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_random_yaml(text: str) -> None:
    outcome(text)


@given(st.binary())
def test_random_bytes(data: bytes) -> None:
    assert check_text(data)


@given(st.sampled_from(SEEDS), st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_texts_with_pieces_changed(text: str, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(text))
        text = text[:at] + chance.choice([*PIECES, ""]) + text[at + chance.randint(0, 3) :]
    outcome(text)


KEYS = [
    "name", "version", "labels", "steps", "outputs", "id", "op", "fn", "type", "input", "depends_on", "branch",
    "condition", "action", "result", "retry", "max_attempts", "delay", "if", "set", "value", "var", "and", "max",
    "literal", "vra", "", "inputs", "state", "timeout", "priority", "limit", "on_failure", "defaults", "schedule",
    "workflows", "finally", "call", "detach", "do", "wait", "join", "when", "foreach", "output", "queue", "cache",
    "undo", "cancel", "rollback", "need", "rest", "items", "as", "until", "more", "tolerate", "for", "signal",
    "key", "data", "buffer", "rate", "full", "every", "at", "tz", "merge", "default", "within", "secret",
]  # fmt: skip
LEAVES = st.sampled_from(
    [
        "a",
        "b",
        "halt",
        "fail",
        "complete",
        "steps.a.status",
        "steps.b.output.x",
        "1h",
        "10/1m",
        "any",
        "self",
        "2026-11-20T06:00:00Z",
        "",
        None,
        True,
        0,
        3,
        -1,
        2.5,
        10**18,
    ]
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=25,
)


def graft(data: Json, tree: Json, chance: random.Random) -> Json:
    """Put a tree somewhere into data."""
    if chance.random() < 0.2 or not data or not isinstance(data, dict | list):
        return tree
    at = chance.choice(list(data) if isinstance(data, dict) else range(len(data)))
    data[at] = graft(data[at], tree, chance)
    return data


@given(st.sampled_from(sorted(GOOD)), TREES, st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_sound_workflows_with_something_else_in_some_place(
    name: str, tree: Json, chance: random.Random
) -> None:
    data = graft(load(GOOD[name]).data, tree, chance)
    if isinstance(data, dict):
        outcome(json.dumps(data))
    else:
        assert check_text(json.dumps(data), source="x.json")
