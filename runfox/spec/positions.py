"""Where in a text the places that problems name are: a second reading, for just those places."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from runfox.spec.problem import START, Mark, Path, marked


class Place(NamedTuple):
    """A value of the text and, inside a mapping, its key."""

    value: Mark
    key: Mark


class _Wanted:
    """A node of the tree of wanted paths; ``place`` is filled in when the text comes to it."""

    __slots__ = ("children", "place")

    def __init__(self) -> None:
        self.children: dict[str | int, _Wanted] = {}
        self.place: Place | None = None


class Positions:
    """The places of some paths. A path that is not in the text (it came by an alias) has its parent's."""

    def __init__(self, events: Iterable[Event], paths: Iterable[Path]) -> None:
        self._root = _Wanted()
        for path in paths:
            node = self._root
            for part in path:
                node = node.children.setdefault(part, _Wanted())
        _walk(iter(events), self._root)

    def place(self, path: Path) -> Place:
        """Return the place of one of the paths asked for, or of its nearest parent in the text."""
        node = self._root
        found = node.place or Place(START, START)
        for part in path:
            node = node.children[part]
            if node.place is None:
                break
            found = node.place
        return found


class _Frame:
    """An open container: the wanted node it is, if any, and what comes next in it."""

    __slots__ = ("index", "key", "key_mark", "wanted")

    def __init__(self, wanted: _Wanted | None, index: int | None) -> None:
        self.wanted = wanted
        self.index = index  # None: a mapping
        self.key: str | None = None
        self.key_mark: Mark | None = None

    def next(self, event: Any) -> _Wanted | None:
        """Return the wanted node of the value that ``event`` starts, and move on."""
        name: str | int | None = self.key
        if self.index is None:
            self.key = None
        else:
            name, self.index = self.index, self.index + 1
        if self.wanted is None or name is None:
            return None
        child = self.wanted.children.get(name)
        if child is None or child.place is not None:  # of two equal keys the first counts
            return None
        mark = marked(event.start_mark)
        child.place = Place(mark, self.key_mark if self.index is None and self.key_mark else mark)
        return child


def _walk(events: Iterator[Any], root: _Wanted) -> None:
    top = _Frame(None, None)
    stack = [top]
    for event in events:
        kind = type(event)
        frame = stack[-1]
        if kind is MappingEndEvent or kind is SequenceEndEvent:
            stack.pop()
        elif kind is ScalarEvent or kind is AliasEvent:
            if (
                kind is ScalarEvent
                and frame.index is None
                and frame.key is None
                and frame is not top
            ):
                frame.key = event.value
                frame.key_mark = marked(event.start_mark)
            else:
                frame.next(event)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            wanted = frame.next(event)
            if frame is top:
                wanted = root
                root.place = Place(marked(event.start_mark), marked(event.start_mark))
            stack.append(_Frame(wanted, None if kind is MappingStartEvent else 0))
