"""Free text on its way into a picture: one line that no terminal and no XML reader acts on."""

from unicodedata import category, east_asian_width

_REPLACED = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def one_line(text: str) -> str:
    """Return the text without control characters, line breaks and marks of direction."""
    return " ".join("".join(_seen(character) for character in text).split())


def _seen(character: str) -> str:
    return character if " " <= character <= "~" or category(character) not in _REPLACED else " "


def cut(text: str, most: int) -> str:
    """Return at most ``most`` terminal cells of a text, with an ellipsis for what is missing."""
    if width(text) <= most:
        return text
    taken, left = [], most - 1
    for character in text:
        left -= _cells(character)
        if left < 0:
            break
        taken.append(character)
    return "".join(taken).rstrip() + "…"


def width(text: str) -> int:
    """Return how many cells of a terminal the text takes: East Asian wide characters take two."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    return 2 if east_asian_width(character) in "WF" else 0 if category(character) == "Mn" else 1
