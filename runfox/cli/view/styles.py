"""How statuses look in a terminal."""

from runfox.cli.drawing.standing import GLYPHS

STYLES = {
    "complete": "green",
    "failed": "bold red",
    "halted": "bold dark_orange",
    "in_progress": "bold blue",
    "retry": "yellow",
    "waiting": "magenta",
    "set": "magenta",
    "queued": "cyan",
    "ready": "dim",
    "pending": "dim",
    "paused": "magenta",
    "cancelled": "dim",
    "skipped": "dim",
    "undone": "dim",
    "ignored": "dim",
}

WORDS = {
    "in_progress": "running",
    "retry": "to be retried",
    "ready": "not begun",
    "cancelled": "withdrawn",
}
"""What a status is called in a sentence, where that is another word."""

_MORE = {"queued": "◌", "set": "↺", "pending": "○", "paused": "◷", "ignored": "·"}


def glyph(status: str) -> str:
    """Return the sign of a status."""
    return GLYPHS.get(status) or _MORE.get(status, "·")


def style(status: str) -> str:
    """Return the style of a status, in rich's words."""
    return STYLES.get(status, "")
