"""Pictures of workflows: ``FORMATS["svg"](group(diagram(spec)), statuses=...)``.

Pure functions from a checked spec to text. ``diagram`` makes the value that all formats draw,
``group`` makes it smaller where it is too large to be looked at.
"""

from collections.abc import Mapping
from typing import Protocol

from runfox.cli.drawing import dot, mermaid, svg, text
from runfox.cli.drawing.diagram import Diagram, Statuses
from runfox.cli.drawing.grouping import group
from runfox.cli.drawing.picture import diagram

__all__ = ["FORMATS", "Diagram", "Draw", "Statuses", "diagram", "group"]


class Draw(Protocol):
    """Draws a diagram as text, each node coloured by its status where one is given."""

    def __call__(self, diagram: Diagram, *, statuses: Statuses | None = None) -> str: ...


FORMATS: Mapping[str, Draw] = {
    "text": text.draw,
    "mermaid": mermaid.draw,
    "dot": dot.draw,
    "svg": svg.draw,
}
