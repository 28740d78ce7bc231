"""A diagram in Mermaid's flowchart language, which GitHub and many editors draw."""

from collections.abc import Iterator, Mapping, Sequence

from runfox.cli.drawing.colours import ACCENTS, LIGHT
from runfox.cli.drawing.diagram import Diagram, Node, Statuses
from runfox.cli.drawing.labels import cut, one_line
from runfox.cli.drawing.notes import Note, notes
from runfox.cli.drawing.standing import GLYPHS, Standing, standing

MOST_CHARACTERS = 60


def draw(diagram: Diagram, *, statuses: Statuses | None = None) -> str:
    """Return the flowchart. Nodes are numbered: ids such as ``end`` are Mermaid's own words."""
    numbers = {node.id: f"n{number}" for number, node in enumerate(diagram.nodes)}
    small_print = notes(diagram)
    standings = {node.id: standing(node, statuses) for node in diagram.nodes}
    lines = ["---", f"title: {_quoted(diagram.name)}", "---", "flowchart TD"]
    for node in diagram.nodes:
        label = _label(node, standings[node.id], small_print[node.id])
        lines.append(f'  {numbers[node.id]}["{label}"]')
    for edge in diagram.edges:
        arrow = "-->" if edge.times == 1 else "==>"
        lines.append(f"  {numbers[edge.source]} {arrow} {numbers[edge.target]}")
    lines.extend(
        f"  {numbers[loop.source]} -. set .-> {numbers[loop.target]}" for loop in diagram.loops
    )
    lines.extend(_classes(diagram, numbers, standings))
    return "\n".join(lines) + "\n"


def _label(node: Node, state: Standing | None, small_print: Sequence[Note]) -> str:
    glyph = f"{GLYPHS.get(state.status, '·')} " if state else ""
    lines = [f"<b>{_escaped(glyph + node.title)}</b>"]
    if node.label:
        lines.append(_escaped(node.label))
    if len(node.members) == 1 and node.fn != node.id:
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


def _classes(
    diagram: Diagram, numbers: Mapping[str, str], standings: Mapping[str, Standing | None]
) -> Iterator[str]:
    members: dict[str, list[str]] = {}
    for node in diagram.nodes:
        kind = _kind(node, standings[node.id])
        if kind in ACCENTS:
            members.setdefault(kind, []).append(numbers[node.id])
    for kind, names in members.items():
        yield f"  classDef {kind} stroke:{LIGHT[ACCENTS[kind]]},stroke-width:2px"
        yield f"  class {','.join(names)} {kind}"


def _kind(node: Node, state: Standing | None) -> str:
    if state:
        return f"is-{state.status}"
    kinds = {mark.kind for mark in node.marks}
    return "may-fail" if "fail" in kinds else "may-halt" if "halt" in kinds else ""
