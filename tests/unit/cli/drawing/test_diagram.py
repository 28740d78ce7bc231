import pytest

from runfox.cli.drawing import FORMATS, diagram
from runfox.cli.drawing.diagram import Mark
from runfox.cli.drawing.phrases import MOST_CHARACTERS, phrase
from runfox.spec import load

REVIEW = """
name: review
steps:
  - id: draft
    fn: write
    label: Write a draft
  - id: judge
    depends_on: [draft]
    branch:
      - condition: {">": [{"var": "unsafe"}, 0.5]}
        action: halt
        result: {reason: unsafe}
      - condition: {"==": [{"var": "broken"}, true]}
        action: fail
      - condition: {"<": [{"var": "state.turns"}, 3]}
        action: {set: draft}
      - condition: true
        action: complete
"""


def test_a_spec_is_drawn_with_its_steps_arrows_branches_and_loops():
    drawn = diagram(load(REVIEW))
    draft, judge = drawn.nodes
    assert (draft.id, draft.fn, draft.label) == ("draft", "write", "Write a draft")
    assert [(edge.source, edge.target) for edge in drawn.edges] == [("draft", "judge")]
    assert judge.marks == (
        Mark("halt", "halts if unsafe > 0.5"),
        Mark("fail", "fails if broken == true"),
        Mark("complete", "completes"),
    )
    assert [(loop.source, loop.target, loop.text) for loop in drawn.loops] == [
        ("judge", "draft", "state.turns < 3")
    ]


def test_where_logic_chooses_the_target_each_step_it_names_is_drawn():
    chosen = REVIEW.replace("{set: draft}", '{set: {"if": [{"var": "soft"}, judge, draft]}}')
    loops = diagram(load(chosen)).loops
    assert {loop.target for loop in loops} == {"judge", "draft"}


def test_a_target_that_only_the_run_knows_is_a_note():
    unknown = REVIEW.replace("{set: draft}", '{set: {"var": "next"}}')
    drawn = diagram(load(unknown))
    assert drawn.loops == ()
    assert Mark("set", "sets a step chosen by next if state.turns < 3") in drawn.nodes[1].marks


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_draws_a_spec(form):
    picture = FORMATS[form](diagram(load(REVIEW)))
    assert "draft" in picture
    assert "judge" in picture


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ({"var": "a.b"}, "a.b"),
        ({"var": ["a.b", 0]}, "a.b"),
        ({"var": ""}, "it"),
        ({"!": [{"var": "done"}]}, "not done"),
        ({"!": {"var": "done"}}, "not done"),
        ({"===": [{"var": "a"}, "x"]}, "a == 'x'"),
        ({"and": [{">": [{"var": "a"}, 1]}, {"!!": {"var": "b"}}]}, "(a > 1) and b"),
        ({"<": [0, {"var": "n"}, 9]}, "0 < n < 9"),
        ({"count": {"vars": "steps[*].output"}}, "count(steps[*].output)"),
        ({"in": [{"var": "a"}, ["x", "y"]]}, "a in ['x', 'y']"),
        ({"two": 1, "keys": 2}, "{…}"),
        (True, "true"),
        (None, "null"),
    ],
)
def test_a_condition_is_said_in_words(expression, words):
    assert phrase(expression) == words


def test_a_condition_is_cut_however_long_or_deep_it_is():
    deep = {"var": "x"}
    for _ in range(5_000):
        deep = {"+": [deep, {"and": [deep, 1]}]}
    assert len(phrase(deep)) <= MOST_CHARACTERS
    assert len(phrase({"+": [{"var": "long_name"}] * 5_000})) <= MOST_CHARACTERS
