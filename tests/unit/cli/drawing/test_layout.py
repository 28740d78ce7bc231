from itertools import combinations

import pytest
from hypothesis import given

from runfox.cli.drawing.diagram import Diagram, Edge
from runfox.cli.drawing.layers import layers
from runfox.cli.drawing.layout import Layout, Size, lay_out
from runfox.cli.drawing.placing import spread
from tests.unit.cli.drawing.dags import dags, of


def laid_out(diagram: Diagram) -> Layout:
    sizes = {node.id: Size(60 + 7 * number % 90, 30) for number, node in enumerate(diagram.nodes)}
    return lay_out(diagram, sizes)


@given(dags())
def test_every_step_stands_below_its_dependencies_and_no_lower_than_it_must(diagram):
    layer = layers(diagram)
    for node in diagram.nodes:
        above = [layer[edge.source] for edge in diagram.edges if edge.target == node.id]
        assert layer[node.id] == max(above, default=-1) + 1


@given(dags())
def test_layers_come_in_an_order_that_has_dependencies_first(diagram):
    order = list(layers(diagram))
    assert sorted(order) == sorted(node.id for node in diagram.nodes)
    assert all(order.index(edge.source) < order.index(edge.target) for edge in diagram.edges)


def test_a_cycle_is_refused_by_name():
    circle = of({"a": "c", "b": "a", "c": "b", "d": ""})
    with pytest.raises(ValueError, match="a, b, c lead round in a circle"):
        layers(circle)


@given(dags())
def test_boxes_never_overlap_and_all_stand_on_the_paper(diagram):
    layout = laid_out(diagram)
    for one, other in combinations(layout.boxes.values(), 2):
        beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        below = one.y + one.height <= other.y or other.y + other.height <= one.y
        assert beside or below
    for box in layout.boxes.values():
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= layout.width
        assert box.y + box.height <= layout.height


@given(dags())
def test_arrows_lead_down_from_one_box_to_the_other_and_pass_no_box_between(diagram):
    layout = laid_out(diagram)
    assert [arrow.edge for arrow in layout.arrows] == list(diagram.edges)
    for arrow in layout.arrows:
        start, end = layout.boxes[arrow.edge.source], layout.boxes[arrow.edge.target]
        assert (arrow.bends[0].x, arrow.bends[0].top) == (start.middle, start.y + start.height)
        assert (arrow.bends[-1].x, arrow.bends[-1].bottom) == (end.middle, end.y)
        heights = [height for bend in arrow.bends for height in (bend.top, bend.bottom)]
        assert heights == sorted(heights)
        for bend in arrow.bends[1:-1]:
            assert not any(
                box.x < bend.x < box.x + box.width and bend.top <= box.centre <= bend.bottom
                for box in layout.boxes.values()
            )


@given(dags())
def test_loops_leave_and_enter_boxes_at_their_right_sides(diagram):
    layout = laid_out(diagram)
    assert [back.loop for back in layout.backs] == list(diagram.loops)
    for back in layout.backs:
        start, end = layout.boxes[back.loop.source], layout.boxes[back.loop.target]
        assert back.bends[0].x > start.x + start.width
        assert back.bends[-1].x > end.x + end.width
        assert start.y <= back.leaves <= start.y + start.height
        assert end.y <= back.enters <= end.y + end.height


def test_lines_of_several_loops_at_one_box_are_told_apart():
    layout = laid_out(of({"a": "", "b": "a", "c": "b"}, loops=[("c", "a"), ("c", "b"), ("b", "a")]))
    at_c = {(back.bends[0].x, back.leaves) for back in layout.backs if back.loop.source == "c"}
    at_a = {(back.bends[-1].x, back.enters) for back in layout.backs if back.loop.target == "a"}
    assert len(at_c) == 2
    assert len(at_a) == 2


def test_arrows_that_need_not_cross_do_not():
    layout = laid_out(of({"a": "", "b": "", "under_b": "b", "under_a": "a"}))
    boxes = layout.boxes
    assert (boxes["a"].x < boxes["b"].x) == (boxes["under_a"].x < boxes["under_b"].x)


def test_a_chain_is_drawn_as_one_straight_line():
    layout = laid_out(of({"a": "", "b": "a", "c": "b", "d": "c"}))
    assert len({round(box.middle, 3) for box in layout.boxes.values()}) == 1


def test_spread_moves_what_is_too_near_apart_and_leaves_the_rest_where_it_wants_to_be():
    assert spread([0, 0, 100], [1, 1, 1], [10, 10]) == [-5, 5, 100]
    assert spread([0, 0], [9, 1], [10]) == [-1, 9]


def test_lines_of_waypoints_stay_within_bounds_however_long_the_arrows():
    chain = of({f"s{n}": [f"s{n - 1}"] if n else [] for n in range(1_000)})
    shortcuts = tuple(Edge("s0", f"s{n}") for n in range(2, 1_000))
    layout = laid_out(Diagram(name="x", nodes=chain.nodes, edges=(*chain.edges, *shortcuts)))
    bends = sum(len(arrow.bends) for arrow in layout.arrows)
    assert bends <= 7 * (len(layout.arrows) + 100)
