"""The small print of a box: what is special about it, and where its loops lead."""

from collections.abc import Mapping
from typing import NamedTuple

from runfox.cli.drawing.diagram import Diagram, Loop, MarkKind

SYMBOLS: Mapping[MarkKind, str] = {
    "join": "◇",
    "when": "◇",
    "each": "×",
    "limit": "≤",
    "halt": "■",
    "fail": "✗",
    "finish": "⚑",
    "complete": "✓",
    "set": "↺",
    "cancel": "⊘",
    "rollback": "↶",
    "undo": "↶",
}


class Note(NamedTuple):
    """One line of small print: ``■ halts if score > 0.5``."""

    kind: MarkKind
    text: str


def notes(diagram: Diagram) -> dict[str, list[Note]]:
    """Return the notes of every node: its marks, then its loops."""
    titles = {node.id: node.title for node in diagram.nodes}
    found = {
        node.id: [Note(mark.kind, f"{SYMBOLS[mark.kind]} {mark.text}") for mark in node.marks]
        for node in diagram.nodes
    }
    for loop in diagram.loops:
        found[loop.source].append(Note("set", f"{SYMBOLS['set']} {_back(loop, titles)}"))
    return found


def _back(loop: Loop, titles: Mapping[str, str]) -> str:
    again = "again" if loop.source == loop.target else f"back to {titles[loop.target]}"
    return f"{again} if {loop.text}" if loop.text else again
