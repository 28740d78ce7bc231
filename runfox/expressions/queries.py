"""``vars`` paths: one path, many values. ``steps[*].output.score``, ``$.a['b c'][0]``, ``a.*``.

``[*]`` and ``.*`` mean every child, of lists and of mappings alike. What a path does not lead to is
left out. Recursive descent, slices and filters are not part of the grammar: ``filter`` is an
operator.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, TypeAlias

from runfox.expressions.coercion import is_list, is_mapping
from runfox.expressions.limits import MAX_PATH
from runfox.expressions.model import Path
from runfox.expressions.paths import MISSING, child, find
from runfox.values import Json

Query: TypeAlias = Callable[[Json], list[Json]]


class _Every:
    """The wildcard among the parsed segments, where ``"*"`` could be a quoted key."""


EVERY: Final = _Every()
Segments: TypeAlias = tuple[str | int | _Every, ...]

_TOKEN = re.compile(
    r"""(?P<every>\[\*\])|\[(?P<at>\d{1,9})\]|\['(?P<one>(?:[^'\\]|\\.)*)'\]|\["(?P<two>(?:[^"\\]|\\.)*)"\]"""
    r"""|(?P<dot>\.?)(?P<name>\*|[^\s.\[\]*'"$@?(),:]+)"""
)
_WAYS_OUT = (
    ("..", "'..' is not supported: write out the levels, '[*]' for each."),
    ("[?", 'Filters are an operator: {"filter": [{"vars": "..."}, condition]}.'),
    ("[-", "Positions count from 0; there are no negative ones."),
)


class BadPath(ValueError):
    """A ``vars`` path is outside the grammar. ``hint`` is the way out."""

    def __init__(self, path: str, position: int) -> None:
        rest = path[position : position + 20]
        super().__init__(
            f'path "{path[:60]}" cannot be read from character {position + 1} on: "{rest}"'
            if path
            else "the path is empty"
        )
        ways = (way for mark, way in _WAYS_OUT if rest.startswith(mark))
        self.hint = next(ways, "Paths look like a.b, a[*].b, a.*, a[0], a['b c'].")


def parse(path: str) -> Segments:
    """Split into keys, positions and EVERY. A leading ``$`` is optional. Raises ``BadPath``."""
    position = 1 if path.startswith("$") else 0
    segments: list[str | int | _Every] = []
    if not path or len(path) > MAX_PATH:
        raise BadPath(path, 0)
    while position < len(path):
        match = _TOKEN.match(path, position)
        # A name needs its dot, except at the very start, where it must have none.
        if match is None or (match["name"] and bool(match["dot"]) is (position == 0)):
            raise BadPath(path, position)
        segments.append(_segment(match))
        position = match.end()
    return tuple(segments)


def _segment(match: re.Match[str]) -> str | int | _Every:
    if match["every"] or match["name"] == "*":
        return EVERY
    if match["at"]:
        return int(match["at"])
    if match["name"]:
        return match["name"]
    quoted = match["one"] if match["one"] is not None else match["two"]
    return re.sub(r"\\(.)", r"\1", quoted)


def read_path(segments: Segments) -> Path:
    """The path as ``Expression.reads`` shows it, with ``"*"`` for every child."""
    return tuple("*" if isinstance(segment, _Every) else segment for segment in segments)


@lru_cache(maxsize=512)
def query(path: str) -> tuple[Query, Path]:
    """Compile a path to a function and to the path it reads. Raises ``BadPath``."""
    segments = parse(path)
    first = next((i for i, segment in enumerate(segments) if segment is EVERY), len(segments))
    head, tail = read_path(segments[:first]), segments[first:]

    def run(scope: Json) -> list[Json]:
        value = find(scope, head)
        return [] if value is MISSING else _spread(value, tail)

    return run, read_path(segments)


def _spread(value: Json, segments: Segments) -> list[Json]:
    values: list[Json] = [value]
    position = 0
    while position < len(segments):
        segment = segments[position]
        position += 1
        if isinstance(segment, _Every):
            name = segments[position] if position < len(segments) else None
            if type(name) is str:
                values = [found for parent in values for found in _pluck(parent, name)]
                position += 1
            else:
                values = [found for parent in values for found in _children(parent)]
        else:
            values = _select(values, segment)
    return values


def _children(parent: Json) -> Iterable[Json]:
    if type(parent) is list:
        return parent
    if type(parent) is dict:
        return parent.values()
    if is_mapping(parent):
        return [parent[key] for key in parent]
    return parent if is_list(parent) else ()


def _pluck(parent: Json, name: str) -> list[Json]:
    """What every child has under ``name``. A view may offer a shorter way to that: ``pluck``."""
    if type(parent) is not dict and type(parent) is not list:
        shortcut = getattr(parent, "pluck", None)
        if shortcut is not None:
            return shortcut(name)  # type: ignore[no-any-return]
    return _select(_children(parent), name)


def _select(values: Iterable[Json], segment: str | int) -> list[Json]:
    if type(segment) is str:
        try:
            return [value[segment] for value in values]
        except (LookupError, TypeError):
            pass  # some lack it, or are no mappings: look at each
    return [found for value in values if (found := child(value, segment)) is not MISSING]
