from hypothesis import given

from runfox.cli.drawing.diagram import Diagram
from runfox.cli.drawing.grouping import group, in_a_row, side_by_side
from runfox.cli.drawing.layers import layers
from tests.unit.cli.drawing.dags import dags, of, reachable


def fan(width: int) -> Diagram:
    parts = [f"p{number}" for number in range(width)]
    needs = {"root": [], **{part: ["root"] for part in parts}, "join": parts}
    return of(needs, fns={**dict.fromkeys(parts, "project"), "root": "plan", "join": "add"})


def test_a_diagram_that_can_be_looked_at_is_left_alone():
    diagram = fan(100)
    assert group(diagram) is diagram


def test_steps_of_one_function_side_by_side_become_one_box():
    grouped = group(fan(1_000))
    assert [node.title for node in grouped.nodes] == ["root", "project ×1000", "join"]
    assert [(edge.source, edge.target, edge.times) for edge in grouped.edges] == [
        ("root", "p0", 1_000),
        ("p0", "join", 1_000),
    ]


def test_a_long_chain_of_one_function_becomes_one_box():
    chain = of({f"s{n}": [f"s{n - 1}"] if n else [] for n in range(500)}, loops=[("s7", "s3")])
    grouped = group(chain)
    assert [node.title for node in grouped.nodes] == ["work ×500 in a row"]
    assert [(loop.source, loop.target) for loop in grouped.loops] == [("s0", "s0")]


def test_groups_of_one_title_are_numbered():
    needs = {"a": "", "b": "", "x": "ab", "c": "x", "d": "x"}
    grouped = side_by_side(of(needs, fns={"x": "join"}))
    assert [node.title for node in grouped.nodes] == ["work ×2", "x", "work ×2 (2)"]


@given(dags())
def test_what_could_be_reached_before_grouping_can_be_reached_after_it(diagram):
    for grouped in (side_by_side(diagram), in_a_row(diagram), in_a_row(side_by_side(diagram))):
        assert reachable(diagram) <= reachable(grouped)
        layers(grouped)  # it raises where grouping had made a cycle


@given(dags())
def test_grouping_loses_no_step_no_dependency_and_no_loop(diagram):
    grouped = in_a_row(side_by_side(diagram))
    steps = [step for node in grouped.nodes for step in node.members]
    assert sorted(steps) == sorted(node.id for node in diagram.nodes)
    inside = sum(len(node.members) - 1 for node in grouped.nodes if "in a row" in node.title)
    assert sum(edge.times for edge in grouped.edges) == len(diagram.edges) - inside
    assert sum(loop.times for loop in grouped.loops) == len(diagram.loops)
