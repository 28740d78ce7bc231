"""A diagram as a tree for the terminal.

    ● fetch          download
    ├─● score_a      score
    │ │ ■ halts if output.score > 0.5
    │ ● polish
    ├─● score_b      score
    ● merge          ← polish, score_b
    ● publish        do
      ┊ ● print
      ┊ ● ship
    ● apologize      ← publish failed

A step right below another runs after it; steps at ``├─`` run beside each other. Where several have
to end first, or one in another way than complete, ``←`` names them all. What is inside of a step
stands below it behind ``┊``.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from runfox.cli.drawing.diagram import Diagram, Statuses
from runfox.cli.drawing.labels import cut, one_line, width
from runfox.cli.drawing.notes import notes
from runfox.cli.drawing.standing import GLYPHS, Standing, standing
from runfox.cli.drawing.tree import Place, places

LEAST_COLUMNS = 40
BULLET = "●"

Style: TypeAlias = Literal["tree", "name", "bullet", "title", "fn", "label", "after", "note"]


class Span(NamedTuple):
    """A piece of a line. ``detail`` is the status of a step, or the kind of a note."""

    text: str
    style: Style
    detail: str = ""


Row: TypeAlias = list[Span]


def draw(diagram: Diagram, *, statuses: Statuses | None = None, columns: int = 100) -> str:
    """Return the tree as plain text of at most ``columns`` cells per line, 40 or more."""
    lines = ("".join(span.text for span in row) for row in rows(diagram, statuses, columns=columns))
    return "".join(f"{line.rstrip()}\n" for line in lines)


def rows(
    diagram: Diagram, statuses: Statuses | None = None, *, columns: int = 100
) -> Iterator[Row]:
    """Yield the lines of the tree, in pieces that can be styled. O(nodes + edges log nodes)."""
    columns = max(columns, LEAST_COLUMNS)
    yield from _heading(diagram, columns)
    yield from _tree(diagram, statuses, columns)
    if diagram.last is not None:
        yield []
        yield [Span("finally", "name")]
        yield from _tree(diagram.last, statuses, columns)


def _tree(diagram: Diagram, statuses: Statuses | None, columns: int) -> Iterator[Row]:
    placed = list(places(diagram, deepest=columns // 3))
    small_print = notes(diagram)
    before = _named_before(diagram)
    longest = max((width(place.lead + place.node.title) for place in placed), default=0)
    column = min(longest + 5, columns // 2)
    for place in placed:
        node, under = place.node, place.under
        row = _line(place, standing(node, statuses), column=column, columns=columns)
        after = before.get(node.id, ())
        yield from _with_after(row, after, under, column=column, columns=columns)
        for note in small_print[node.id]:
            text = cut(one_line(note.text), columns - width(under))
            yield [Span(under, "tree"), Span(text, "note", note.kind)]
        if node.inner is not None:
            room = max(LEAST_COLUMNS // 2, columns - width(under) - 2)
            for inside in _tree(node.inner, statuses, room):
                yield [Span(f"{under}┊ ", "tree"), *inside]


def _named_before(diagram: Diagram) -> dict[str, list[str]]:
    """What nodes run after, of those whose place does not show it already."""
    titles = {node.id: node.title for node in diagram.nodes}
    before: dict[str, list[str]] = {}
    special = {edge.target for edge in diagram.edges if edge.wanted != "complete"}
    for edge in diagram.edges:
        end = "" if edge.wanted == "complete" else f" {edge.wanted}"
        before.setdefault(edge.target, []).append(titles[edge.source] + end)
    return {name: found for name, found in before.items() if len(found) > 1 or name in special}


def _heading(diagram: Diagram, columns: int) -> Iterator[Row]:
    steps, boxes = diagram.steps, diagram.boxes
    count = f" · {steps} step{'' if steps == 1 else 's'}"
    if boxes != steps:
        count += f", alike ones as one: {boxes}"
    name = cut(one_line(diagram.name), columns - len(count))
    yield [Span(name, "name"), Span(count, "label")]
    yield []


def _line(place: Place, state: Standing | None, *, column: int, columns: int) -> Row:
    node, status = place.node, state.status if state else ""
    title = cut(one_line(node.title), columns - width(place.lead) - 2)
    row = [
        Span(place.lead, "tree"),
        Span(f"{GLYPHS.get(status, BULLET)} ", "bullet", status),
        Span(title, "title", status),
    ]
    more: list[tuple[str, Style]] = []
    if len(node.members) > 1:
        more.append((state.text if state else "", "label"))
    elif node.fn != node.title:
        more.append((node.fn, "fn"))
    more.append((node.label or "", "label"))
    for text, style in more:
        gap = max(2, column - _width(row))
        shown = cut(one_line(text), max(0, columns - _width(row) - gap))
        if text and width(shown) > 1:
            row += [Span(" " * gap, "tree"), Span(shown, style)]
    return row


def _width(row: Row) -> int:
    return sum(width(span.text) for span in row)


def _with_after(
    row: Row, names: Sequence[str], under: str, *, column: int, columns: int
) -> Iterator[Row]:
    """The line of a step and what it runs after: beside it where there is room, else below."""
    if not names:
        yield row
        return
    gap = max(2, column - _width(row))
    beside = f"← {', '.join(names)}"
    if _width(row) + gap + width(beside) <= columns:
        yield [*row, Span(" " * gap, "tree"), Span(beside, "after")]
        return
    yield row
    lead = "← "
    for line in _wrapped(names, columns - width(under) - 2):
        yield [Span(under, "tree"), Span(f"{lead}{line}", "after")]
        lead = "  "


def _wrapped(names: Sequence[str], room: int) -> Iterator[str]:
    line = ""
    for position, name in enumerate(names):
        word = cut(name, room - 1) + ("," if position < len(names) - 1 else "")
        if line and len(line) + 1 + len(word) > room:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line
