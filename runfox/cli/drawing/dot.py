"""A diagram in the DOT language of Graphviz."""

from collections.abc import Iterator, Sequence

from runfox.cli.drawing.colours import ACCENTS, LIGHT
from runfox.cli.drawing.diagram import Diagram, Edge, Node, Statuses
from runfox.cli.drawing.labels import cut, one_line
from runfox.cli.drawing.notes import Note, notes
from runfox.cli.drawing.standing import GLYPHS, Standing, standing

MOST_CHARACTERS = 60


def draw(diagram: Diagram, *, statuses: Statuses | None = None) -> str:
    """Return the digraph; loops are dashed and do not pull their target down."""
    lines = [
        f"digraph {_quoted(diagram.name)} {{",
        '  node [shape=box, style="rounded", fontname="Helvetica", fontsize=11];',
        f'  edge [color="{LIGHT["line"]}", fontname="Helvetica", fontsize=10];',
    ]
    if any(node.inner is not None for node in diagram.all_nodes()):
        lines.append("  compound=true;")
    lines.extend(_body(diagram, statuses, "  "))
    if diagram.last is not None:
        lines += ['  subgraph "cluster/finally" {', '    label="finally";']
        lines += [*_body(diagram.last, statuses, "    "), "  }"]
    return "\n".join(lines) + "\n}\n"


def _body(diagram: Diagram, statuses: Statuses | None, lead: str) -> Iterator[str]:
    small_print = notes(diagram)
    nodes = {node.id: node for node in diagram.nodes}
    for node in diagram.nodes:
        state = standing(node, statuses)
        label = "\\n".join(_escaped(line) for line in _lines(node, state, small_print[node.id]))
        if node.inner is None:
            shape = ", peripheries=2" if len(node.members) > 1 else ""
            yield f'{lead}{_named(node.id)} [label="{label}"{_colour(node, state)}{shape}];'
        else:
            yield f"{lead}subgraph {_cluster(node)} {{"
            yield f'{lead}  graph [label="{label}"{_colour(node, state)}, style="rounded"];'
            yield from _body(node.inner, statuses, f"{lead}  ")
            yield f"{lead}}}"
    for edge in diagram.edges:
        yield lead + _line(nodes[edge.source], nodes[edge.target], _edge_style(edge))
    colour = LIGHT["loop"]
    for loop in diagram.loops:
        style = f'style=dashed, constraint=false, color="{colour}", fontcolor="{colour}"'
        yield lead + _line(nodes[loop.source], nodes[loop.target], ['label="set"', style])


def _edge_style(edge: Edge) -> list[str]:
    if edge.wanted != "complete":
        return [f'label="{edge.wanted}"', "style=dashed"]
    return [] if edge.times == 1 else ["penwidth=2"]


def _line(source: Node, target: Node, style: list[str]) -> str:
    """A line between nodes. Those that hold others are clusters, which only nodes inside can stand for."""
    if source.inner is not None:
        style = [*style, f"ltail={_cluster(source)}"]
    if target.inner is not None:
        style = [*style, f"lhead={_cluster(target)}"]
    end = f" [{', '.join(style)}]" if style else ""
    return f"{_named(_inmost(source, -1))} -> {_named(_inmost(target, 0))}{end};"


def _cluster(node: Node) -> str:
    return _named(f"cluster {node.id}")


def _inmost(node: Node, which: int) -> str:
    while node.inner is not None and node.inner.nodes:
        node = node.inner.nodes[which]
    return node.id


def _lines(node: Node, state: Standing | None, small_print: Sequence[Note]) -> list[str]:
    glyph = f"{GLYPHS.get(state.status, '·')} " if state else ""
    lines = [glyph + node.title, node.label or ""]
    if len(node.members) == 1:
        lines.append(node.fn if node.fn != node.title else "")
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


def _named(path: str) -> str:
    """A node's id, whole: cut to size, two might become one."""
    return f'"{path}"'


def _escaped(text: str) -> str:
    return cut(one_line(text), MOST_CHARACTERS).replace("\\", "\\\\").replace('"', '\\"')
