"""A diagram in Mermaid's flowchart language, which GitHub and many editors draw."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from runfox.cli.drawing.colours import ACCENTS, LIGHT
from runfox.cli.drawing.diagram import Diagram, Edge, Node, Statuses
from runfox.cli.drawing.labels import cut, one_line
from runfox.cli.drawing.notes import Note, notes
from runfox.cli.drawing.standing import GLYPHS, Standing, standing

MOST_CHARACTERS = 60


def draw(diagram: Diagram, *, statuses: Statuses | None = None) -> str:
    """Return the flowchart. Nodes are numbered: ids such as ``end`` are Mermaid's own words."""
    known = {
        node.id: _Known(f"n{number}", standing(node, statuses))
        for number, node in enumerate(diagram.all_nodes())
    }
    lines = ["---", f"title: {_quoted(diagram.name)}", "---", "flowchart TD"]
    lines.extend(_body(diagram, known, "  "))
    if diagram.last is not None:
        lines.append('  subgraph last["<b>finally</b>"]')
        lines.extend(_body(diagram.last, known, "    "))
        lines.append("  end")
    lines.extend(_classes(diagram, known))
    return "\n".join(lines) + "\n"


class _Known(NamedTuple):
    """What a node is called in the flowchart, and how far it is."""

    number: str
    standing: Standing | None


def _body(diagram: Diagram, known: Mapping[str, _Known], lead: str) -> Iterator[str]:
    small_print = notes(diagram)
    for node in diagram.nodes:
        number, state = known[node.id]
        label = _label(node, state, small_print[node.id])
        if node.inner is None:
            yield f'{lead}{number}["{label}"]'
        else:
            yield f'{lead}subgraph {number}["{label}"]'
            yield from _body(node.inner, known, f"{lead}  ")
            yield f"{lead}end"
    for edge in diagram.edges:
        yield f"{lead}{known[edge.source].number} {_arrow(edge)} {known[edge.target].number}"
    for loop in diagram.loops:
        yield f"{lead}{known[loop.source].number} -. set .-> {known[loop.target].number}"


def _arrow(edge: Edge) -> str:
    if edge.wanted != "complete":
        return f"-. {edge.wanted} .->"
    return "-->" if edge.times == 1 else "==>"


def _label(node: Node, state: Standing | None, small_print: Sequence[Note]) -> str:
    glyph = f"{GLYPHS.get(state.status, '·')} " if state else ""
    lines = [f"<b>{_escaped(glyph + node.title)}</b>"]
    if node.label:
        lines.append(_escaped(node.label))
    if len(node.members) == 1 and node.fn != node.title:
        lines.append(_escaped(node.fn))
    if state and len(node.members) > 1:
        lines.append(_escaped(state.text))
    lines.extend(f"<small>{_escaped(note.text)}</small>" for note in small_print)
    return "<br/>".join(lines)


def _escaped(text: str) -> str:
    """Write what could mean something to Mermaid, to Markdown or to HTML as a character code."""
    return "".join(
        character if character.isalnum() or character in " .,:…×" else f"#{ord(character)};"
        for character in cut(one_line(text), MOST_CHARACTERS)
    )


def _quoted(text: str) -> str:
    safe = one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{safe}"'


def _classes(diagram: Diagram, known: Mapping[str, _Known]) -> Iterator[str]:
    members: dict[str, list[str]] = {}
    for node in diagram.all_nodes():
        kind = _kind(node, known[node.id].standing)
        if kind in ACCENTS:
            members.setdefault(kind, []).append(known[node.id].number)
    for kind, names in members.items():
        yield f"  classDef {kind} stroke:{LIGHT[ACCENTS[kind]]},stroke-width:2px"
        yield f"  class {','.join(names)} {kind}"


def _kind(node: Node, state: Standing | None) -> str:
    if state:
        return f"is-{state.status}"
    kinds = {mark.kind for mark in node.marks}
    return "may-fail" if "fail" in kinds else "may-halt" if "halt" in kinds else ""
