"""What is wrong with a workflow, and where: found by path, reported by line and column or by pointer."""

import re
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
Severity: TypeAlias = Literal["error", "warning"]

EXCERPT_WIDTH = 110
_LINE = re.compile("[^\n\r\x85\u2028\u2029]*")


class Mark(NamedTuple):
    """A place in a text: line and column, from 1, and the number of characters before it."""

    line: int
    column: int
    offset: int


START = Mark(1, 1, 0)


class Finding(NamedTuple):
    """A problem as a rule sees it: a path into the data, which may come from a text or from a dict.

    ``at`` says whether the key or the value at the end of the path is at fault. ``earlier`` is the path of
    the first of two places that clash; the message names it with ``{earlier}``. ``mark`` is set where the
    reader knows the place already.
    """

    path: Path
    code: str
    message: str
    hint: str | None = None
    severity: Severity = "error"
    at: Literal["key", "value"] = "value"
    earlier: Path | None = None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with a workflow. ``str()`` shows it the way compilers do.

    ``line`` and ``column`` count from 1 and are None for a workflow given as a dict; ``pointer`` (RFC 6901)
    is always there. ``excerpt`` is the offending line with a caret under the place.
    """

    source: str
    line: int | None
    column: int | None
    pointer: str
    code: str
    message: str
    hint: str | None
    severity: Severity
    excerpt: str | None

    @property
    def place(self) -> str:
        """``file:line:col``, or ``source:pointer`` for a dict."""
        if self.line is None:
            return f"{self.source}:{self.pointer}"
        return f"{self.source}:{self.line}:{self.column}"

    def __str__(self) -> str:
        mild = " (warning)" if self.severity == "warning" else ""
        lines = [f"{self.place}: {self.code}: {self.message}{mild}"]
        if self.excerpt is not None:
            lines.append(self.excerpt)
        if self.hint is not None:
            lines.append(f"    hint: {self.hint}")
        return "\n".join(lines)


def pointer(path: Path) -> str:
    """Return the JSON Pointer (RFC 6901) of a path."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def excerpt(text: str, mark: Mark) -> str:
    """Return the line of a place and a caret under it; of a very long line, the part around the place."""
    start = max(mark.offset - mark.column + 1, mark.offset - EXCERPT_WIDTH // 2)
    line = _LINE.match(text, start, start + EXCERPT_WIDTH)
    shown = line.group() if line else ""
    visible = "".join(c if c.isprintable() else " " for c in shown)
    return f"    {visible.rstrip()}\n    {' ' * (mark.offset - start)}^"


def mark_at(text: str, index: int) -> Mark:
    """Return the line and column of a character."""
    return Mark(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index), index)


def marked(mark: Any) -> Mark:
    """Return the place that a parser marked, counting from 0."""
    return Mark(mark.line + 1, mark.column + 1, mark.index)
