import re
from collections import Counter
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfox.cli.drawing import FORMATS, dot, group, mermaid, svg, text
from runfox.cli.drawing.diagram import Diagram, Edge, Loop, Mark
from runfox.cli.drawing.labels import width
from tests.unit.cli.drawing.dags import dags, node, of

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    "<script>alert('1')</script> \"]]> & \\ --> `x` %% \x1b[31m \u202e \n end; #quot; $x {{y}} 漢字"
)


def expected(diagram: Diagram):
    return (
        sorted(node.id for node in diagram.nodes),
        sorted((edge.source, edge.target) for edge in diagram.edges),
        sorted((loop.source, loop.target) for loop in diagram.loops),
    )


def of_svg(picture: str):
    root = ET.fromstring(picture)
    lines = {"edge": [], "loop": []}
    for part in root.iter():
        kind = part.get("class", "").split(" ")[0]
        if kind in lines:
            lines[kind].append((part.get("data-from"), part.get("data-to")))
    steps = [part.get("data-step") for part in root.iter() if part.get("data-step")]
    return sorted(steps), sorted(lines["edge"]), sorted(lines["loop"])


def of_mermaid(picture: str):
    names = dict(re.findall(r'^  (n\d+)\["<b>(?:. )?(\w+)</b>', picture, re.MULTILINE))
    edges = re.findall(r"^  (n\d+) -->(?:) (n\d+)$", picture, re.MULTILINE)
    loops = re.findall(r"^  (n\d+) -\. set \.-> (n\d+)$", picture, re.MULTILINE)
    pairs = [sorted((names[a], names[b]) for a, b in found) for found in (edges, loops)]
    return sorted(names.values()), *pairs


def of_dot(picture: str):
    steps = re.findall(r'^  "(\w+)" \[label', picture, re.MULTILINE)
    edges = re.findall(r'^  "(\w+)" -> "(\w+)";$', picture, re.MULTILINE)
    loops = re.findall(r'^  "(\w+)" -> "(\w+)" \[label="set"', picture, re.MULTILINE)
    return sorted(steps), sorted(edges), sorted(loops)


def of_text(picture: str):
    """Read the tree as a person would: what stands above, and what ``←`` names."""
    at: dict[int, str] = {}
    steps, edges, loops = [], [], []
    listing = ""
    for line in picture.splitlines()[2:]:
        bullet = re.match(r"^([│├╰╭─ ]*)● (\w+)(?:.*?← (.*)|[^←]*)$", line)
        if bullet is None:
            loops += [(steps[-1], name) for name in re.findall(r"↺ back to (\w+)", line)]
            loops += [(steps[-1], steps[-1])] * line.count("↺ again")
            goes_on = "←" in line or listing.endswith(",")
            listing = re.sub(r"^[│ ]*(← )?", "", line) if goes_on else ""
            edges += [(name, steps[-1]) for name in re.findall(r"\w+", listing)]
            continue
        rail, name, after = bullet.groups()
        column = len(rail)
        above = at.get(column - 2 if rail.endswith("─") else column)
        steps.append(name)
        at = {place: known for place, known in at.items() if place < column} | {column: name}
        edges += [(above, name, "place")] if above else []
        if after:
            listing = after
            edges += [(known, name) for known in re.findall(r"\w+", after)]
    named = {edge[1] for edge in edges if len(edge) == 2}
    shown = [edge[:2] for edge in edges if len(edge) == 2 or edge[1] not in named]
    return sorted(steps), sorted(shown), sorted(loops)


READERS = {"svg": of_svg, "mermaid": of_mermaid, "dot": of_dot, "text": of_text}


@pytest.mark.parametrize("form", FORMATS)
@given(diagram=dags())
def test_every_step_arrow_and_loop_is_drawn_exactly_once(form, diagram):
    assert READERS[form](FORMATS[form](diagram)) == expected(diagram)


def hostile(text_: str) -> Diagram:
    return Diagram(
        name=text_,
        nodes=(node("a", text_, Mark("halt", text_), label=text_), node("end", "fn")),
        edges=(Edge("a", "end"),),
        loops=(Loop("end", "a", text_),),
    )


@given(st.text() | st.just(HOSTILE))
def test_an_svg_is_well_formed_whatever_labels_say_and_holds_nothing_that_runs(label):
    root = ET.fromstring(svg.draw(hostile(label)))
    known = {"svg", "style", "defs", "marker", "path", "rect", "g", "title", "text"}
    assert {part.tag.removeprefix(SVG) for part in root.iter()} == known
    names = {name for part in root.iter() for name in part.attrib}
    assert not any(name.startswith("on") or "href" in name for name in names)


@given(st.text() | st.just(HOSTILE))
def test_labels_cannot_end_a_line_or_a_quotation_of_mermaid(label):
    quiet, loud = mermaid.draw(hostile("x")), mermaid.draw(hostile(label))
    body = loud.splitlines()[3:]
    assert len(body) == len(quiet.splitlines()[3:])
    for line in body:
        assert line.count('"') in (0, 2)
        inside = re.sub(r"</?(b|small)>|<br/>|#\d+;", "", "".join(line.split('"')[1:2]))
        assert all(character.isalnum() or character in " .,:…×" for character in inside)


@given(st.text() | st.just(HOSTILE))
def test_labels_cannot_end_a_line_or_a_string_of_dot(label):
    lines = dot.draw(hostile(label)).splitlines()
    assert len(lines) == len(dot.draw(hostile("x")).splitlines())
    for line in lines:
        assert re.sub(r"\\.", "", line).count('"') % 2 == 0


@given(st.text() | st.just(HOSTILE))
def test_a_tree_sends_no_control_character_to_the_terminal(label):
    tree = text.draw(hostile(label))
    assert tree.count("\n") == text.draw(hostile("x")).count("\n")
    assert all(character.isprintable() for character in tree.replace("\n", ""))


@pytest.mark.parametrize("columns", [40, 64, 100])
@given(diagram=dags(), label=st.text() | st.just("漢" * 90))
def test_a_tree_is_never_wider_than_it_may_be(columns, diagram, label):
    many = of({**{f"part_{n}": [] for n in range(30)}, "join": [f"part_{n}" for n in range(30)]})
    for drawn in (diagram, many, hostile(label)):
        assert max(map(width, text.draw(drawn, columns=columns).splitlines())) <= columns


def test_a_tree_shows_parallel_steps_joins_and_loops():
    diagram = of(
        {
            "fetch": [],
            "a": ["fetch"],
            "b": ["fetch"],
            "b2": ["b"],
            "sum": ["a", "b2"],
            "end": ["sum"],
        },
        loops=[("sum", "fetch"), ("end", "end")],
    )
    assert text.draw(diagram).splitlines() == [
        "test · 6 steps",
        "",
        "● fetch   work",
        "├─● a     work",
        "├─● b     work",
        "│ ● b2    work",
        "● sum     work  ← a, b2",
        "│ ↺ back to fetch",
        "● end     work",
        "  ↺ again",
    ]


def test_statuses_colour_steps_and_sum_up_groups():
    parts = [f"p{n}" for n in range(200)]
    diagram = group(of({"root": [], **{part: ["root"] for part in parts}}, fns={"root": "plan"}))
    statuses = {"root": "complete", **dict.fromkeys(parts[:150], "complete"), parts[7]: "failed"}
    tree = text.draw(diagram, statuses=statuses)
    assert "✓ root" in tree
    assert "✗ work ×200" in tree
    assert "1 failed, 149 complete" in tree
    assert 'class="step is-failed" data-step="p0"' in svg.draw(diagram, statuses=statuses)
    assert "class n1 is-failed" in mermaid.draw(diagram, statuses=statuses)
    assert "✗ work ×200" in dot.draw(diagram, statuses=statuses)


def test_steps_that_may_halt_or_fail_are_marked():
    diagram = hostile("x")
    assert "■ x" in text.draw(diagram)
    assert 'class="step may-halt" data-step="a"' in svg.draw(diagram)
    assert "class n0 may-halt" in mermaid.draw(diagram)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("size", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_large_workflows_are_drawn_whole(form, size):
    needs = {f"s{n}": {f"s{n * 7 // 8}", f"s{n - 1}"} if n % 5 else {"s0"} for n in range(1, size)}
    diagram = of({"s0": [], **needs}, loops=[(f"s{size - 1}", "s0")])
    picture = FORMATS[form](diagram)
    drawn = Counter(re.findall(r"\bs\d+\b", picture)) if form != "mermaid" else None
    assert drawn is None or len(drawn) == size


def test_a_chain_of_forks_does_not_indent_for_ever():
    needs: dict[str, list[str]] = {"f0": []}
    for n in range(1, 2_000):
        needs[f"f{n}"] = needs[f"g{n}"] = [f"f{n - 1}"]
    assert len(text.draw(of(needs))) < 2 * 2_000 * 101
