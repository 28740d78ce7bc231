"""A diagram in the DOT language of Graphviz."""

from collections.abc import Sequence

from runfox.cli.drawing.colours import ACCENTS, LIGHT
from runfox.cli.drawing.diagram import Diagram, Node, Statuses
from runfox.cli.drawing.labels import cut, one_line
from runfox.cli.drawing.notes import Note, notes
from runfox.cli.drawing.standing import GLYPHS, Standing, standing

MOST_CHARACTERS = 60


def draw(diagram: Diagram, *, statuses: Statuses | None = None) -> str:
    """Return the digraph; loops are dashed and do not pull their target down."""
    small_print = notes(diagram)
    lines = [
        f"digraph {_quoted(diagram.name)} {{",
        '  node [shape=box, style="rounded", fontname="Helvetica", fontsize=11];',
        f'  edge [color="{LIGHT["line"]}", fontname="Helvetica", fontsize=10];',
    ]
    for node in diagram.nodes:
        state = standing(node, statuses)
        label = "\\n".join(_escaped(line) for line in _lines(node, state, small_print[node.id]))
        shape = ", peripheries=2" if len(node.members) > 1 else ""
        lines.append(f'  {_quoted(node.id)} [label="{label}"{_colour(node, state)}{shape}];')
    for edge in diagram.edges:
        width = "" if edge.times == 1 else " [penwidth=2]"
        lines.append(f"  {_quoted(edge.source)} -> {_quoted(edge.target)}{width};")
    colour = LIGHT["loop"]
    for loop in diagram.loops:
        style = f'style=dashed, constraint=false, color="{colour}", fontcolor="{colour}"'
        arrow = f"{_quoted(loop.source)} -> {_quoted(loop.target)}"
        lines.append(f'  {arrow} [label="set", {style}];')
    return "\n".join(lines) + "\n}\n"


def _lines(node: Node, state: Standing | None, small_print: Sequence[Note]) -> list[str]:
    glyph = f"{GLYPHS.get(state.status, '·')} " if state else ""
    lines = [glyph + node.title, node.label or ""]
    if len(node.members) == 1:
        lines.append(node.fn if node.fn != node.id else "")
    elif state:
        lines.append(state.text)
    return [line for line in lines if line] + [note.text for note in small_print]


def _colour(node: Node, state: Standing | None) -> str:
    kinds = {mark.kind for mark in node.marks}
    kind = "may-fail" if "fail" in kinds else "may-halt" if "halt" in kinds else ""
    kind = f"is-{state.status}" if state else kind
    return f', color="{LIGHT[ACCENTS[kind]]}", penwidth=1.6' if kind in ACCENTS else ""


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return cut(one_line(text), MOST_CHARACTERS).replace("\\", "\\\\").replace('"', '\\"')
