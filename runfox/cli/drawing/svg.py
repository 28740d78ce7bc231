"""A diagram as one SVG file that needs nothing else: no font, no script, no network.

It follows the reader's light or dark preference by itself. Boxes carry ``data-step`` and lines
``data-from`` and ``data-to``, so that a page around it can find them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from runfox.cli.drawing.cells import LANE
from runfox.cli.drawing.colours import ROOT, STYLE
from runfox.cli.drawing.diagram import Diagram, Node, Statuses
from runfox.cli.drawing.labels import cut, one_line, width
from runfox.cli.drawing.layout import TIP, Arrow, Back, Box, Layout, Size, lay_out
from runfox.cli.drawing.notes import Note, notes
from runfox.cli.drawing.standing import GLYPHS, Standing, standing

MOST_CHARACTERS = 38
LEAST_WIDTH = 104.0
PADDING = 16.0
HEADER = 50.0


class Line(NamedTuple):
    """One line of text in a box: its class, its width per character and its height."""

    kind: str
    text: str
    character: float
    height: float


def draw(diagram: Diagram, *, statuses: Statuses | None = None) -> str:
    """Return the SVG text of a diagram, coloured by status where one is known."""
    sheet = _sheet(diagram, statuses)
    last = None if diagram.last is None else _sheet(diagram.last, statuses)
    heading = cut(one_line(diagram.name), 60)
    wide = max(sheet.layout.width, 10.0 * width(heading) + 2 * PADDING, 220.0)
    high = sheet.layout.height + HEADER
    parts = [*_header(heading, diagram, wide), *_placed(sheet, wide, HEADER)]
    if last is not None:
        wide = max(wide, last.layout.width)
        parts.append(f'<text class="count" x="{_n(wide / 2)}" y="{_n(high + 8)}">finally</text>')
        parts += _placed(last, wide, high)
        high += last.layout.height
    return "\n".join((_open(one_line(diagram.name), wide, high), *parts, "</svg>\n"))


class Sheet(NamedTuple):
    """A diagram that is laid out: what its boxes say, and the sheets inside of them, by the ids of nodes."""

    diagram: Diagram
    layout: Layout
    lines: Mapping[str, Sequence[Line]]
    standings: Mapping[str, Standing | None]
    inner: "Mapping[str, Sheet]"


def _sheet(diagram: Diagram, statuses: Statuses | None) -> Sheet:
    standings = {node.id: standing(node, statuses) for node in diagram.nodes}
    small_print = notes(diagram)
    lines = {
        node.id: list(_lines(node, standings[node.id], small_print[node.id]))
        for node in diagram.nodes
    }
    inner = {
        node.id: _sheet(node.inner, statuses) for node in diagram.nodes if node.inner is not None
    }
    sizes = {name: _size(texts, inner.get(name)) for name, texts in lines.items()}
    return Sheet(diagram, lay_out(diagram, sizes), lines, standings, inner)


def _placed(sheet: Sheet, wide: float, top: float) -> Iterator[str]:
    left = (wide - sheet.layout.width) / 2
    yield f'<g transform="translate({_n(left)} {_n(top)})">'
    yield from _drawn(sheet)
    yield "</g>"


def _drawn(sheet: Sheet) -> Iterator[str]:
    layout = sheet.layout
    yield from (_arrow(arrow) for arrow in layout.arrows)
    yield from (_box(node, layout.boxes[node.id], sheet) for node in sheet.diagram.nodes)
    yield from (_back(back, layout.boxes) for back in layout.backs)


def _lines(node: Node, state: Standing | None, small_print: Sequence[Note]) -> Iterator[Line]:
    glyph = f"{GLYPHS.get(state.status, '·')} " if state else ""
    yield _line("title", glyph + node.title, 7.6, 17.0)
    if node.label:
        yield _line("label", node.label, 6.3, 15.0)
    if len(node.members) == 1 and node.fn != node.title:
        yield _line("fn", node.fn, 6.7, 15.0)
    if state and len(node.members) > 1:
        yield _line("label", state.text, 6.3, 15.0)
    for note in small_print:
        yield _line(f"mark {note.kind}", note.text, 6.1, 15.0)


def _line(kind: str, text: str, character: float, height: float) -> Line:
    return Line(kind, cut(one_line(text), MOST_CHARACTERS), character, height)


def _size(lines: Sequence[Line], inner: Sheet | None) -> Size:
    wide = max(width(line.text) * line.character for line in lines) + 2 * PADDING
    high = sum(line.height for line in lines) + 17.0
    if inner is not None:
        wide, high = max(wide, inner.layout.width), high + inner.layout.height
    return Size(max(LEAST_WIDTH, wide), high)


def _open(name: str, wide: float, high: float) -> str:
    label = quoteattr(f"Workflow {name}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{ROOT}" '
        f'width="{_n(wide)}" height="{_n(high)}" '
        f'viewBox="0 0 {_n(wide)} {_n(high)}" role="img" aria-label={label}>\n'
        f"<style>{STYLE}</style>\n"
        "<defs>"
        '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        'markerUnits="userSpaceOnUse" orient="auto">'
        '<path class="tip" d="M0 .6 8 4 0 7.4Z"/></marker>'
        '<marker id="back" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        'markerUnits="userSpaceOnUse" orient="auto">'
        '<path class="back-tip" d="M0 .6 8 4 0 7.4Z"/></marker>'
        "</defs>\n"
        '<rect class="paper" width="100%" height="100%"/>'
    )


def _header(heading: str, diagram: Diagram, wide: float) -> Iterator[str]:
    steps, boxes = diagram.steps, diagram.boxes
    count = f"{steps} step{'' if steps == 1 else 's'}"
    if boxes != steps:
        count += f" in {boxes} boxes"
    yield f'<text class="name" x="{_n(wide / 2)}" y="30">{escape(heading)}</text>'
    yield f'<text class="count" x="{_n(wide / 2)}" y="48">{count}</text>'


def _arrow(arrow: Arrow) -> str:
    wanted = arrow.edge.wanted
    kind = "edge many" if arrow.edge.times > 1 else "edge"
    if wanted != "complete":
        kind += " other"
    first, *rest = arrow.bends
    path = f"M{_n(first.x)} {_n(first.top)}V{_n(first.bottom)}"
    y, x = first.bottom, first.x
    for bend in rest:
        path += _curve(x, y, bend.x, bend.top) + f"V{_n(bend.bottom)}"
        x, y = bend.x, bend.bottom
    line = (
        f'<path class="{kind}" data-from="{arrow.edge.source}" data-to="{arrow.edge.target}" '
        f'd="{path}" marker-end="url(#tip)"/>'
    )
    if wanted == "complete":
        return line
    # Above the head, where the line is its own again.
    return f'{line}<text class="end" x="{_n(x + 5)}" y="{_n(y - TIP - 4)}">{wanted}</text>'


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    if abs(x - to_x) < 0.5:
        return f"L{_n(to_x)} {_n(to_y)}"
    half = (y + to_y) / 2
    return f"C{_n(x)} {_n(half)} {_n(to_x)} {_n(half)} {_n(to_x)} {_n(to_y)}"


def _back(back: Back, boxes: Mapping[str, Box]) -> str:
    source, target = boxes[back.loop.source], boxes[back.loop.target]
    first, last = back.bends[0], back.bends[-1]
    if back.loop.source == back.loop.target:
        path, label = _round(source, last.x)
    else:
        path = _way_back(back, source, target)
        # Lines that leave side by side have their labels one above the other.
        stagger = 12.0 * round((first.x - source.x - source.width) / LANE - 1)
        up = first.top >= last.top
        label = (first.x + 5, first.top - 5 - stagger if up else first.bottom + 14 + stagger)
    why = f"set {back.loop.target}{f' if {back.loop.text}' if back.loop.text else ''}"
    text = "set" if back.loop.times == 1 else f"set ×{back.loop.times}"
    return (
        f'<g class="loop" data-from="{back.loop.source}" data-to="{back.loop.target}">'
        f"<title>{escape(one_line(why))}</title>"
        f'<path class="back" d="{path}" marker-end="url(#back)"/>'
        f'<text class="why" x="{_n(label[0])}" y="{_n(label[1])}">{text}</text></g>'
    )


def _round(box: Box, lane: float) -> tuple[str, tuple[float, float]]:
    """A step that sets itself: out of its right side and in again."""
    right, y, out = box.x + box.width, box.centre, lane - 4
    path = (
        f"M{_n(right)} {_n(y + 10)}C{_n(out)} {_n(y + 22)} {_n(out)} {_n(y - 22)} "
        f"{_n(right + 1)} {_n(y - 10)}"
    )
    return path, (right + 0.75 * (out - right) + 4, y + 4)


def _way_back(back: Back, source: Box, target: Box) -> str:
    """Out of the side of one box, along its lane, through the layers, into the other's side."""
    first, *between, last = back.bends
    beside = first.top == last.top
    up = first.top >= last.top
    bow = 12.0 if up else -12.0
    leave = first.top if up else first.bottom
    path = (
        f"M{_n(source.x + source.width)} {_n(back.leaves)}H{_n(first.x - 12)}"
        f"Q{_n(first.x)} {_n(back.leaves)} {_n(first.x)} {_n(back.leaves - bow)}V{_n(leave)}"
    )
    x, y = first.x, leave
    for bend in between:
        begin, end = (bend.bottom, bend.top) if up else (bend.top, bend.bottom)
        path += _curve(x, y, bend.x, begin) + f"V{_n(end)}"
        x, y = bend.x, end
    if beside:
        path += f"C{_n(x)} {_n(y - 30)} {_n(last.x)} {_n(y - 30)} {_n(last.x)} {_n(last.top)}"
        bow = -12.0
    else:
        path += _curve(x, y, last.x, last.bottom if up else last.top)
    return path + (
        f"V{_n(back.enters + bow)}Q{_n(last.x)} {_n(back.enters)} "
        f"{_n(last.x - 12)} {_n(back.enters)}H{_n(target.x + target.width + 1)}"
    )


def _box(node: Node, box: Box, sheet: Sheet) -> str:
    state, inner = sheet.standings[node.id], sheet.inner.get(node.id)
    kinds = ["step", f"is-{state.status}" if state and state.status in GLYPHS else _accent(node)]
    place = f'transform="translate({_n(box.x)} {_n(box.y)})"'
    parts = [
        f'<g class="{" ".join(kinds)}" data-step="{node.id}" {place}>',
        f"<title>{escape(_whole(node, state))}</title>",
    ]
    shape = f'width="{_n(box.width)}" height="{_n(box.height)}" rx="9"'
    if len(node.members) > 1:
        parts += [f'<rect class="card" x="{d}" y="{d}" {shape}/>' for d in (7, 3.5)]
    parts.append(f'<rect class="card" {shape}/>')
    parts.append(
        f'<rect class="stripe" x="5" y="8" width="3.5" height="{_n(box.height - 16)}" rx="1.75"/>'
    )
    y = 6.0
    for line in sheet.lines[node.id]:
        y += line.height
        parts.append(
            f'<text class="{line.kind}" x="{_n(PADDING)}" y="{_n(y)}">{escape(line.text)}</text>'
        )
    if inner is not None:
        parts += _placed(inner, box.width, box.height - inner.layout.height)
    return "".join((*parts, "</g>"))


def _accent(node: Node) -> str:
    kinds = {mark.kind for mark in node.marks}
    return "may-fail" if "fail" in kinds else "may-halt" if "halt" in kinds else "plain"


def _whole(node: Node, state: Standing | None) -> str:
    """Everything about a node, for the pointer that rests on it."""
    lines = [node.title, node.label or "", f"fn: {node.fn}", *(mark.text for mark in node.marks)]
    if state:
        lines.append(state.text)
    return "\n".join(one_line(line) for line in lines if line)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
