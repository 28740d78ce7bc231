"""Sound workflows load without a word, and become the model that they say."""

import gc
import subprocess
import sys
from dataclasses import fields
from datetime import timedelta

import pytest

from runfox import values
from runfox.spec import (
    Complete,
    Fail,
    Finish,
    Halt,
    Retry,
    Set,
    Spec,
    build,
    check_text,
    from_data,
    load,
)
from runfox.spec.model import Dependency
from tests.unit.spec.whole_language import WHOLE

ALL_KEYS = """
name: order
version: 3
description: Take an order
labels: {team: shop}
steps:
  - id: fetch
    fn: http_get
    label: Fetch it
    description: From the archive
    input: {url: {"var": "input.url"}, n: 3, deep: [{k: {"var": "state.k"}}], asis: {literal: {max: 5}}}
    max_attempts: 4
    max_iterations: 7
  - op: judge
    type: judge_it
    depends_on: fetch
    retry:
      {max_attempts: 5, delay: 250ms, backoff: 1.5, max_delay: 1m, jitter: 0.1,
       if: {"==": [{"var": "error.type"}, Busy]}}
    branch:
      - condition: {">=": [{"var": "score"}, 0.7]}
        action: halt
        result: {status: rejected, score: {"var": "score"}}
      - condition: {"var": "again"}
        action: {set: [steps.fetch.status, judge], value: ready}
      - condition: {"var": "pick"}
        action: {set: {"var": "output.targets"}}
      - {condition: {"var": "bad"}, action: fail, result: {type: Bad, message: {"var": "why"}}}
      - {condition: {"var": "worse"}, action: fail}
      - {condition: {"var": "done"}, action: finish}
      - {action: complete}
  - id: last
    depends_on: [fetch, judge]
outputs: {score: {"var": "steps.judge.output.score"}, all: {"vars": "steps[*].output.n"}}
"""


def test_every_key_comes_into_the_model() -> None:
    spec = load(ALL_KEYS)
    assert (spec.name, spec.version, spec.description) == ("order", "3", "Take an order")
    assert spec.labels == {"team": "shop"}
    assert spec.index == {"fetch": 0, "judge": 1, "last": 2}
    fetch, judge, last = spec.steps
    assert (fetch.fn, fetch.label, fetch.description) == (
        "http_get",
        "Fetch it",
        "From the archive",
    )
    assert fetch.max_iterations == 7
    assert fetch.retries == (Retry(max_attempts=4, delay=timedelta(0)),)
    assert (judge.id, judge.fn) == ("judge", "judge_it")
    assert judge.depends_on == (Dependency(step="fetch"),)
    assert (last.fn, last.retries, last.branches) == ("last", (), ())
    assert last.depends_on == (Dependency(step="fetch"), Dependency(step="judge"))
    assert last.max_iterations == 10_000
    assert fetch.input is not None
    data = {"input": {"url": "u"}, "state": {"k": 1}}
    assert fetch.input(data) == {"url": "u", "n": 3, "deep": [{"k": 1}], "asis": {"max": 5}}


def test_retry_takes_every_key() -> None:
    (policy,) = load(ALL_KEYS).steps[1].retries
    assert (policy.max_attempts, policy.backoff, policy.jitter) == (5, 1.5, 0.1)
    assert (policy.delay, policy.max_delay) == (timedelta(milliseconds=250), timedelta(minutes=1))
    assert policy.condition is not None
    assert policy.condition({"error": {"type": "Busy"}}) is True
    (usual,) = load("name: x\nsteps: [{id: a, retry: {}}]").steps[0].retries
    assert usual == Retry(
        max_attempts=3,
        delay=timedelta(seconds=1),
        backoff=2.0,
        max_delay=timedelta(seconds=30),
        jitter=0.0,
    )


def test_every_action_comes_into_the_model() -> None:
    actions = [branch.action for branch in load(ALL_KEYS).steps[1].branches]
    halt, listed, computed, fail, plain_fail, finish, complete = actions
    assert isinstance(halt, Halt)
    assert halt.result({"score": 0.9}) == {"status": "rejected", "score": 0.9}
    assert listed == Set(targets=("fetch", "judge"))
    assert isinstance(computed, Set)
    assert not isinstance(computed.targets, tuple)
    assert computed.targets({"output": {"targets": ["fetch"]}}) == ["fetch"]
    assert isinstance(fail, Fail)
    assert fail.error is not None
    assert fail.error({"why": "no"}) == {"type": "Bad", "message": "no"}
    assert plain_fail == Fail(error=None)
    assert (finish, complete) == (Finish(), Complete())


def test_halt_without_a_result_gives_an_empty_one() -> None:
    (branch,) = load("name: x\nsteps: [{id: a, branch: [{action: halt}]}]").steps[0].branches
    assert branch.condition is None
    assert isinstance(branch.action, Halt)
    assert branch.action.result({}) == {}


def test_what_is_left_out_is_nothing() -> None:
    spec = load("name: x\nsteps: [{id: a}]")
    assert (spec.version, spec.description, spec.labels, spec.outputs) == (None, None, {}, None)
    assert (spec.steps[0].input, spec.steps[0].label) == (None, None)


def test_the_data_is_what_the_author_wrote_and_names_the_workflow() -> None:
    spec = load(ALL_KEYS)
    assert spec.data["steps"][1]["op"] == "judge"
    assert spec.workflow_id == values.digest(spec.data)
    assert len(spec.workflow_id) == 32


def test_text_dict_and_stored_data_make_the_same_workflow() -> None:
    spec = load(ALL_KEYS)
    for again in (
        from_data(spec.data),
        build(spec.data),
        load(values.text(spec.data), source="x.json"),
    ):
        assert again.workflow_id == spec.workflow_id
        assert [step.id for step in again.steps] == [step.id for step in spec.steps]
        assert again.steps[2] == spec.steps[2]


def test_a_dict_is_copied() -> None:
    data = {"name": "x", "steps": [{"id": "a", "input": {"v": [1]}}]}
    spec = from_data(data)
    data["steps"][0]["input"]["v"].append(2)  # type: ignore[index]
    assert spec.data["steps"][0]["input"] == {"v": [1]}


def test_a_model_cannot_be_changed() -> None:
    spec = load(ALL_KEYS)
    for value in (spec, spec.steps[0], spec.steps[1].branches[0], spec.steps[1].retries[0]):
        with pytest.raises(AttributeError):
            setattr(value, "id" if value is spec.steps[0] else fields(value)[0].name, "other")


GOOD = {
    "all keys": ALL_KEYS,
    **WHOLE,
    "one step": "{name: x, steps: [{id: a}]}",
    "a loop over itself": """
name: fib
steps:
  - {id: seed, fn: seed}
  - id: iterate
    depends_on: [seed]
    input: {a: {"var": "state.fib_n"}, b: {"var": "state.fib_n1"}}
    branch:
      - condition: {"<": [{"var": "state.fib_n"}, 100]}
        action: {set: "steps.iterate.status", value: ready}
      - condition: {">=": [{"var": "state.fib_n"}, 100]}
        action: complete
outputs: {n: {"var": "state.fib_n"}}
""",
    "a loop that reads the turn before": """
name: x
steps:
  - {id: a, input: {last: {"var": "steps.b.output.x"}, own: {"var": "steps.a.output.x"}}}
  - {id: b, depends_on: a, input: {later: {"var": ["steps.c.status", "none"]}}}
  - id: c
    depends_on: b
    branch: [{condition: {"var": "again"}, action: {set: a}}, {action: complete}]
""",
    "a loop whose target is computed": """
name: x
steps:
  - {id: a, input: {last: {"var": "steps.b.output.x"}}}
  - {id: b, depends_on: a, branch: [{condition: {"var": "to"}, action: {set: {"var": "to"}}}, {action: complete}]}
""",
    "a step that sets one beside it": """
name: x
steps:
  - {id: a}
  - {id: b, depends_on: a}
  - {id: c, depends_on: b, branch: [{condition: {"var": "no"}, action: {set: b}}, {action: complete}]}
""",
    "reads of steps far upstream": """
name: x
steps:
  - id: a
  - {id: b, depends_on: a}
  - {id: c, depends_on: b, input: {v: {"var": "steps.a.output.v"}, all: {"vars": "steps[*].output.v"}}}
  - {id: d, depends_on: [c], branch: [{condition: {"var": "steps.d.output.v"}, action: complete}]}
""",
    "reads of everything": """
name: x
steps: [{id: a, input: {v: {"var": ""}, s: {"var": "steps"}, w: {"var": "workflow.id"}}}]
outputs: {started: {"var": "workflow.started_at"}, s: {"var": "steps.a.attempts"}}
""",
    "output keys by their bare names": """
name: x
steps:
  - id: a
    branch:
      - condition: {"and": [{"var": "anything.at.all"}, {"var": "ok"}, {"<": [{"var": "attempt"}, 3]}]}
        action: complete
outputs: {ok: {"var": "steps.a.output.ok"}}
""",
    "data of one key": """
name: x
steps: [{id: a, input: {a: {name: x}, b: {path: p}, c: {bar: 5}, d: {list: [1]}, e: {key: input}, f: {n: 1}}}]
""",
    "items in a loop": """
name: x
steps: [{id: a, input: {v: {map: [{"var": "input.items"}, {"*": [{"var": ""}, 2]}]}, w: {"missing": ["input.a"]}}}]
""",
    "whole numbers with a point": "{name: x, steps: [{id: a, max_attempts: 3.0}]}",
    "the longest id": f"{{name: x, steps: [{{id: {'a' * 64}}}]}}",
}


@pytest.mark.parametrize("name", GOOD)
def test_a_sound_workflow_has_no_problem_and_no_warning(name: str) -> None:
    assert [str(problem) for problem in check_text(GOOD[name])] == []
    assert isinstance(load(GOOD[name]), Spec)


def test_a_whole_number_with_a_point_becomes_an_int() -> None:
    (policy,) = load(GOOD["whole numbers with a point"]).steps[0].retries
    assert policy.max_attempts == 3
    assert type(policy.max_attempts) is int


def test_a_version_is_kept_as_text() -> None:
    assert load("{name: x, version: '1.10', steps: [{id: a}]}").version == "1.10"


def test_the_collector_is_as_it_was_before() -> None:
    assert gc.isenabled()
    load(ALL_KEYS)
    assert gc.isenabled()
    gc.disable()
    try:
        load(ALL_KEYS)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_nothing_of_yaml_is_imported_before_a_text_is_read() -> None:
    program = (
        "import sys; import runfox.spec; runfox.spec.from_data({'name': 'x', 'steps': [{'id': 'a'}]});"
        "assert 'yaml' not in sys.modules; runfox.spec.load('{name: x, steps: [{id: a}]}');"
        "assert 'yaml' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
