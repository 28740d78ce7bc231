"""How far a node is: the status of its step, or what the statuses of a group amount to."""

from collections import Counter
from typing import NamedTuple

from runfox.cli.drawing.diagram import Node, Statuses

# The first of these that a group holds is the one that a reader has to know about.
GLYPHS = {
    "failed": "✗",
    "halted": "■",
    "in_progress": "▶",
    "retry": "↻",
    "waiting": "◷",
    "ready": "○",
    "cancelled": "⊘",
    "undone": "↶",
    "skipped": "–",
    "complete": "✓",
}


class Standing(NamedTuple):
    """The status that a node is coloured by, and the same in words: ``80 complete, 40 ready``."""

    status: str
    text: str


def standing(node: Node, statuses: Statuses | None) -> Standing | None:
    """Return how far a node is, None where nothing is known of its steps."""
    if statuses is None:
        return None
    counts = Counter(str(statuses[step]) for step in node.members if step in statuses)
    if not counts:
        return None
    known = [status for status in GLYPHS if status in counts]
    found = [*known, *(status for status in counts if status not in GLYPHS)]
    if len(node.members) == 1:
        return Standing(found[0], found[0])
    return Standing(found[0], ", ".join(f"{counts[name]} {name}" for name in found))
