"""JSON as the events that a YAML parser gives, so that one builder makes data of both.

YAML is nearly a superset of JSON. Surrogate pairs in escapes, tabs before the first bracket and very long keys
are not in it, which is why a text that is JSON is read as JSON.
"""

import re
from collections.abc import Iterator
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

_SPACE = re.compile(r"[ \t\r\n]*")
_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null")

_QUOTED = (False, True)
_UNQUOTED = (True, False)


class JsonFault(ValueError):
    """The text is not JSON; ``index`` is the character at which that shows."""

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.index = index


class LazyMark:
    """A place, as a YAML parser marks it, whose line is only counted when somebody asks."""

    __slots__ = ("_text", "index")

    def __init__(self, text: str, index: int) -> None:
        self._text = text
        self.index = index

    @property
    def line(self) -> int:
        return self._text.count("\n", 0, self.index)

    @property
    def column(self) -> int:
        return self.index - self._text.rfind("\n", 0, self.index) - 1


def json_events(text: str) -> Iterator[Event]:
    """Give the events of a JSON text. Raises ``JsonFault`` where it stops being JSON."""
    closers: list[str] = []
    position = _skip(text, 0)
    fresh = True  # at the start of a document or container: no comma is due
    while True:
        char = text[position : position + 1]
        if closers and char == closers[-1]:
            yield _closing(closers.pop(), text, position)
            position += 1
        else:
            if not fresh:
                position = _after(",", text, position)
            if closers and closers[-1] == "}":
                key, end = _key(text, position)
                yield key
                position = _after(":", text, end)
            event, position = _value(text, position, closers)
            yield event
            if type(event) is not ScalarEvent:
                fresh = True
                position = _skip(text, position)
                continue
        fresh = False
        position = _skip(text, position)
        if not closers:
            if position < len(text):
                raise JsonFault("nothing may follow the first JSON value", position)
            yield StreamEndEvent()
            return


def _key(text: str, position: int) -> tuple[Event, int]:
    if text[position : position + 1] != '"':
        raise JsonFault('a key in double quotes or "}" is expected here', position)
    return _string(text, position)


def _value(text: str, position: int, closers: list[str]) -> tuple[Event, int]:
    char = text[position : position + 1]
    if char == '"':
        return _string(text, position)
    mark: Any = LazyMark(text, position)
    if char == "{":
        closers.append("}")
        return MappingStartEvent(None, None, True, mark, mark), position + 1
    if char == "[":
        closers.append("]")
        return SequenceStartEvent(None, None, True, mark, mark), position + 1
    found = _PLAIN.match(text, position)
    if found is None:
        raise JsonFault("a JSON value is expected here", position)
    return ScalarEvent(None, None, _UNQUOTED, found.group(), mark, mark), found.end()


def _string(text: str, position: int) -> tuple[Event, int]:
    try:
        value, end = scanstring(text, position + 1, True)
    except JSONDecodeError as error:
        raise JsonFault(error.msg, error.pos) from None
    mark: Any = LazyMark(text, position)
    return ScalarEvent(None, None, _QUOTED, value, mark, mark, '"'), end


def _closing(closer: str, text: str, position: int) -> Event:
    mark: Any = LazyMark(text, position)
    return MappingEndEvent(mark, mark) if closer == "}" else SequenceEndEvent(mark, mark)


def _after(char: str, text: str, position: int) -> int:
    position = _skip(text, position)
    if text[position : position + 1] != char:
        raise JsonFault(f"{char!r} is expected here", position)
    return _skip(text, position + 1)


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position
