"""What the rest of the language looks like in a picture: gates, bodies, steps inside of others, finally."""

import re
from xml.etree import ElementTree as ET

import pytest

from runfox.cli.drawing import FORMATS, diagram, dot, group, mermaid, svg, text
from runfox.cli.drawing.diagram import Diagram, Mark
from runfox.spec import load

ORDER = """
name: order
steps:
  - id: reserve
    undo: {fn: release}
  - id: prepare
    depends_on: [reserve]
    do:
      - id: fetch
      - id: unpack
        depends_on: [fetch]
        branch: [{condition: {var: again}, action: {set: fetch}}, {action: complete}]
  - id: resize
    foreach: {items: {var: input.files}, max: 2}
    fn: shrink
    depends_on: [prepare]
    limit: {max: 3, key: disk}
  - id: approve
    depends_on: [prepare]
    wait: {signal: approval, for: 2h}
  - id: sorry
    depends_on: [{prepare: failed}]
  - id: pack
    depends_on: [resize, approve, sorry]
    join: {need: 2, rest: cancel}
    when: {"!=": [{var: input.files}, []]}
  - id: fraud
    depends_on: [pack]
    call: fraud_check
workflows: {fraud_check: {steps: [{id: look_up}]}}
finally: [{id: cleanup}]
"""


@pytest.fixture(scope="module")
def order() -> Diagram:
    return diagram(load(ORDER))


def marks(drawn: Diagram, step: str) -> list[str]:
    return [mark.text for node in drawn.all_nodes() if node.id == step for mark in node.marks]


def test_a_step_says_what_its_body_is(order: Diagram) -> None:
    fns = {node.id: node.fn for node in order.nodes}
    assert fns == {
        "reserve": "reserve",
        "prepare": "do",
        "resize": "× shrink",
        "approve": "wait 2h or signal approval",
        "sorry": "sorry",
        "pack": "pack",
        "fraud": "call fraud_check",
    }


def test_gates_limits_and_undos_are_marks(order: Diagram) -> None:
    assert marks(order, "pack") == ["2 of 3, cancels the rest", "when input.files != []"]
    assert marks(order, "resize") == [
        "for each of input.files, 2 at a time",
        "at most 3 at a time of disk",
    ]
    assert marks(order, "reserve") == ["undone by release"]


def test_any_is_said_in_a_word_and_a_rollback_and_a_cancel_are_told() -> None:
    drawn = diagram(
        load("""
name: x
steps:
  - {id: a}
  - {id: b}
  - id: c
    depends_on: [a, b]
    join: any
    branch: [{condition: {var: bad}, action: {rollback: true}}, {action: {cancel: [a, b]}}]
""")
    )
    assert drawn.nodes[2].marks == (
        Mark("join", "any of 2"),
        Mark("rollback", "rolls back if bad"),
        Mark("cancel", "cancels a, b"),
    )


def test_steps_inside_of_others_and_of_finally_are_drawn_and_counted(order: Diagram) -> None:
    assert [node.id for node in order.all_nodes()] == [
        "reserve", "prepare", "prepare.fetch", "prepare.unpack", "resize", "approve", "sorry",
        "pack", "fraud", "cleanup",
    ]  # fmt: skip
    assert order.steps == order.boxes == 10


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_shows_all_steps_at_any_depth(form: str, order: Diagram) -> None:
    picture = FORMATS[form](order, statuses={"prepare.fetch": "failed", "cleanup": "complete"})
    for node in order.all_nodes():
        assert node.title in picture
    assert "finally" in picture
    assert "✗" in picture or "is-failed" in picture


def test_an_outcome_other_than_complete_is_a_dashed_arrow_with_its_name(order: Diagram) -> None:
    assert re.search(r"n\d+ -\. failed \.-> n\d+", mermaid.draw(order))
    assert re.search(r'-> "sorry" \[label="failed", style=dashed', dot.draw(order))
    assert 'class="edge other" data-from="prepare" data-to="sorry"' in svg.draw(order)
    assert "← prepare failed" in text.draw(order)


def test_what_is_inside_of_a_step_is_inside_of_its_box(order: Diagram) -> None:
    root = ET.fromstring(svg.draw(order))
    outer = next(part for part in root.iter() if part.get("data-step") == "prepare")
    inside = [part.get("data-step") for part in outer.iter() if part.get("data-step")]
    assert inside == ["prepare", "prepare.fetch", "prepare.unpack"]
    assert re.search(r"subgraph n1\[.*?\n(    .*\n)+  end", mermaid.draw(order))
    cluster = re.search(r'subgraph "cluster prepare" {\n(.*?)\n  }', dot.draw(order), re.DOTALL)
    assert cluster is not None
    assert '"prepare.unpack" -> "prepare.fetch" [label="set"' in cluster[1]
    lines = text.draw(order).splitlines()
    assert next(line for line in lines if "┊" in line) == "│ ┊ ● fetch"


def test_an_arrow_to_a_step_with_others_inside_ends_at_the_border_of_it(order: Diagram) -> None:
    picture = dot.draw(order)
    assert "compound=true" in picture
    assert '"reserve" -> "prepare.fetch" [lhead="cluster prepare"];' in picture


def test_a_foreach_of_a_block_shows_the_block() -> None:
    drawn = diagram(
        load("name: x\nsteps: [{id: e, foreach: {items: {var: input.l}}, do: [{id: a}, {id: b}]}]")
    )
    assert drawn.nodes[0].fn == "× do"
    assert drawn.nodes[0].inner is not None
    assert [node.id for node in drawn.nodes[0].inner.nodes] == ["e[].a", "e[].b"]


def test_grouping_makes_the_inside_smaller_too_and_keeps_finally() -> None:
    steps = ", ".join(f"{{id: s{n}, fn: work}}" for n in range(300))
    drawn = group(
        diagram(load(f"name: x\nsteps: [{{id: b, do: [{steps}]}}]\nfinally: [{{id: z}}]"))
    )
    assert drawn.nodes[0].inner is not None
    assert [node.title for node in drawn.nodes[0].inner.nodes] == ["work ×300"]
    assert drawn.last is not None
