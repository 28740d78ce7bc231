"""A file of cases says what steps answer and what must come of it; what it gets wrong is told with its place."""

import json
from textwrap import dedent, indent

import pytest
from click.testing import CliRunner

from runfox.cli.commands.test import command
from runfox.errors import RunfoxError
from runfox.testing.mocks import MocksInvalid, judge, load_mocks

FLOW = """
name: order
steps:
  - {id: charge, input: {n: {var: input.n}}, retry: {max_attempts: 3, delay: 10s}, timeout: 1m}
  - {id: agree, depends_on: [charge], wait: {signal: agreed, for: 1d}}
  - {id: ship, depends_on: [agree], call: delivery}
  - {id: thank, depends_on: [ship], foreach: {items: [1, 2]}}
outputs: {total: {var: state.total}, list: [1, {a: true}]}
"""
DELIVERY = "{name: delivery, steps: [{id: label}]}"
HEAD = """
workflow: flow.yaml
children: [delivery.yaml]
steps: {label: {}, thank: {}, charge: {total: 40}}
cases:
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "flow.yaml").write_text(FLOW)
    (tmp_path / "delivery.yaml").write_text(DELIVERY)
    return tmp_path


@pytest.fixture
def told(folder):
    """Judge one case, and return the differences as texts."""

    def judged(case: str) -> list[str]:
        file = folder / "mocks.yaml"
        file.write_text(HEAD + indent(f"- name: one\n{indent(dedent(case), '  ')}", "  "))
        mocks = load_mocks(file)
        return [str(one) for one in judge(mocks, mocks.cases[0]).differences]

    return judged


@pytest.fixture
def refused(folder):
    """Read a file of cases that cannot be used, and return what is told."""

    def read(text: str) -> str:
        file = folder / "mocks.yaml"
        file.write_text(text)
        with pytest.raises(MocksInvalid) as caught:
            load_mocks(file)
        return str(caught.value).replace(str(folder), "")

    return read


def test_all_that_can_be_expected_holds_of_a_good_run(told):
    case = """
    inputs: {n: 7}
    start: 2026-03-01T00:00:00Z
    steps:
      charge:
        - error: {type: Declined, message: no}
        - timeout: true
        - {takes: 5s, output: {total: 41}}
    signals: [{signal: agreed, data: {by: me}, at: 2h}]
    expect:
      status: complete
      outcome: {total: 41, list: [1, {a: true}]}
      state: {total: 41}
      steps: {charge: complete, "thank[1]": complete, ship/label: complete}
      calls: {charge: 3, thank: 2, "thank[0]": 1, label: 1}
      order: [charge, charge, charge, ship/label, thank, thank]
      elapsed: 2h
    """
    assert told(case) == []


@pytest.mark.parametrize(
    ("expect", "difference"),
    [
        ("status: halted", "status: expected halted, found complete"),
        ("outcome: {total: 41, list: [1, {a: true}]}", "outcome.total: expected 41, found 40"),
        ("outcome: {total: 40, list: [1, {a: 1}]}", "outcome.list[1].a: expected 1, found true"),
        ("outcome: {total: 40, list: [1]}", 'outcome.list: expected [1], found [1,{"a":true}]'),
        ("outcome: {list: [1, {a: true}]}", "outcome.total: expected nothing, found 40"),
        ("state: {totals: 40}", "state.totals: expected 40, found nothing"),
        ("steps: {ship: skipped}", 'steps.ship: expected "skipped", found "complete"'),
        ("steps: {'thank[2]': failed}", 'steps.thank[2]: expected "failed", found nothing'),
        ("calls: {charge: 2}", "calls.charge: expected 2, found 1"),
        ("order: [label, charge]", 'order: expected ["label","charge"], found ["charge","label"]'),
        ("elapsed: 1h", 'elapsed: expected "1h", found "1d"'),
    ],
)
def test_each_difference_says_where_it_is_and_both_values(told, expect, difference):
    assert told(f"expect: {{{expect}}}") == [difference]


def test_a_run_must_be_complete_unless_something_else_is_expected(told):
    fails = "steps: {charge: {error: {type: Declined, message: no money}}}"
    why = "status: expected complete, found failed (step 'charge': Declined: no money)"
    assert told(fails) == [why]
    assert told(f"{fails}\nexpect: {{error: {{type: Declined}}}}") == []
    assert told(f"{fails}\nexpect: {{error: {{type: Refused, step: charge}}}}") == [
        'error.type: expected "Refused", found "Declined"'
    ]


def test_a_run_that_cannot_be_brought_to_its_end_is_a_difference_too(told):
    assert told("steps: {charge: {timeout: true}}\nsignals: {agreed: 1}") == [
        "status: expected complete, found failed (step 'charge': Timeout: it took longer than 60 s)",
        "signals.agreed: never sent: no step waited for it",
    ]


def test_an_output_may_have_the_keys_of_an_answer(told):
    case = """
    steps: {charge: {output: {error: 5}}, label: {error: 5, x: 1}}
    expect: {state: {error: 5, total: null}, outcome: {total: null, list: [1, {a: true}]}}
    """
    assert told(case) == ["state.total: expected null, found nothing"]


def test_a_case_without_answers_says_which_step_has_none(folder):
    (folder / "m.yaml").write_text("{workflow: flow.yaml, cases: [{name: one}]}")
    mocks = load_mocks(folder / "m.yaml")
    verdict = judge(mocks, mocks.cases[0])
    assert verdict.simulation is None
    assert "run: the script has no answer for step 'charge'" in str(verdict.differences[0])


@pytest.mark.parametrize(
    ("case", "place", "problem"),
    [
        ("steps: {chrage: {}}", "chrage", "unknown-step: no step or fn is called 'chrage'"),
        ("step: {}", "step:", "unknown-key: no key 'step' here"),
        ("steps: {charge: 5}", "5}", "wrong-type: what a step answers must be a mapping"),
        ("steps: {charge: []}", "[]}", "empty: a list of answers needs one at least"),
        ("steps: {charge: {output: 5}}", "5}", "wrong-type: an output must be a mapping"),
        ("steps: {charge: {timeout: 5}}", "5}", "wrong-type: timeout can only be true"),
        ("steps: {charge: {error: {}}}", "{}}", "missing-key: 'type' is missing here"),
        ("steps: {charge: {takes: soon}}", "soon", "bad-duration: 'soon' is no duration"),
        (
            "steps: {charge: {timeout: true, output: {}}}",
            "timeout",
            "clashing-keys: a step answers with one of output and timeout",
        ),
        ("signals: [{signal: agreed, when: 1}]", "when", "unknown-key: no key 'when' here"),
        ("signals: [{signal: agreed, after: x}]", "x}]", "unknown-step: no step or fn is"),
        ("signals: [{signal: a, at: 1m, after: ship}]", "after", "clashing-keys: a signal comes"),
        ("signals: 5", "5}", "wrong-type: this must be a mapping of signals"),
        ("start: tomorrow", "tomorrow", "bad-instant: 'tomorrow' is no instant"),
        ("expect: {status: done}", "done", "unknown-word: no status is called 'done'"),
        ("expect: {steps: {ship: done}}", "done", "unknown-word: no status is called 'done'"),
        ("expect: {calls: {ship: many}}", "many", "wrong-type: this must be a whole number"),
        ("expect: {calls: {ship: -1}}", "-1", "out-of-range: this cannot be negative"),
        ("expect: {calls: {ship: 0}}", "ship", "unknown-step: step 'ship' is not executed"),
        ("expect: {order: [agree]}", "agree", "unknown-step: step 'agree' is not executed"),
        ("expect: {order: ship}", "ship", "wrong-type: this must be a list"),
        ("expect: {elapsed: later}", "later", "bad-duration: 'later' is no duration"),
        ("expect: {error: {typ: X}}", "typ", "unknown-key: no key 'typ' here"),
        ("}, {name: x", "x}]", "duplicate-id: a second case is called 'x', the first is at line 3"),
    ],
)
def test_what_a_file_gets_wrong_is_told_with_its_place(refused, case, place, problem):
    line = f"cases: [{{name: x, {case}}}]"
    text = f"workflow: flow.yaml\nchildren: [delivery.yaml]\n{line}\n"
    assert f"mocks.yaml:3:{line.index(place) + 1}: {problem}" in refused(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("cases: []", "'workflow' is missing here"),
        ("workflow: flow.yaml", "'cases' is missing here"),
        ("{workflow: flow.yaml, cases: []}", "there must be one case at least"),
        ("{workflow: flow.yaml, cases: [5]}", "this must be a mapping"),
        ("{workflow: 5, cases: [{name: a}]}", "this must be a text"),
        ("{workflow: flow.yaml, children: 5, cases: [{name: a}]}", "this must be a list"),
        ("- 5", "this must be a mapping"),
        ("a: {", "yaml-syntax"),
    ],
)
def test_a_file_that_is_no_file_of_cases_says_what_is_missing(refused, text, problem):
    assert problem in refused(text)


def test_all_problems_are_told_at_once_and_the_nearest_word_with_each(refused):
    told = refused("workflow: flow.yaml\ncases: [{name: a, steps: {chrage: 5}, inptus: {}}]\n")
    assert told.count("/mocks.yaml:2:") == 3
    assert "Did you mean 'charge'?" in told
    assert "Did you mean 'inputs'?" in told


# The command ------------------------------------------------------------------------------------------


def run(*words):
    found = CliRunner().invoke(command, [str(word) for word in words], standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found.return_value, found.output


GOOD = HEAD + "  - {name: good, expect: {state: {total: 40}}}\n"
BAD = GOOD + "  - {name: bad, expect: {state: {total: 41}}}\n"


def test_the_command_tells_of_every_case_and_how_many_failed(folder):
    (folder / "mocks.yaml").write_text(BAD)
    code, out = run(folder / "flow.yaml")
    assert code == 1
    assert out.splitlines() == [
        "✓ good  (1d of virtual time)",
        "✗ bad  (1d of virtual time)",
        "    state.total: expected 41, found 40",
        "2 cases, 1 failed",
    ]
    assert run(folder / "flow.yaml", "--case", "good") == (
        0,
        "✓ good  (1d of virtual time)\n1 case passed\n",
    )


def test_the_command_finds_the_cases_beside_the_workflow(folder):
    with pytest.raises(RunfoxError, match=r"neither .*flow\.mocks\.yaml nor .*mocks\.yaml"):
        run(folder / "flow.yaml")
    (folder / "mocks.yaml").write_text(BAD)
    (folder / "flow.mocks.yaml").write_text(GOOD)
    assert run(folder / "flow.yaml")[0] == 0
    assert run(folder / "flow.yaml", "--mocks", folder / "mocks.yaml")[0] == 1


def test_the_command_answers_programs_in_json(folder):
    (folder / "mocks.yaml").write_text(BAD)
    code, out = run(folder / "flow.yaml", "--format", "json")
    good, bad = json.loads(out)
    assert code == 1
    assert good == {
        "name": "good",
        "passed": True,
        "status": "complete",
        "elapsed": 86400.0,
        "differences": [],
    }
    assert bad["differences"] == [
        {
            "place": "state.total",
            "message": "state.total: expected 41, found 40",
            "expected": 41,
            "found": 40,
        }
    ]


def test_the_command_says_what_it_cannot_find(folder):
    (folder / "mocks.yaml").write_text(GOOD)
    with pytest.raises(RunfoxError, match="Did you mean 'good'"):
        run(folder / "flow.yaml", "--case", "god")
    with pytest.raises(RunfoxError, match=r"cannot read .*other\.yaml"):
        run(folder / "other.yaml", "--mocks", folder / "mocks.yaml")
