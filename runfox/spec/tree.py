"""Parser events into plain data: one loop, its own stack, and a bound on everything that grows."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from runfox.spec.aliases import Expansion, TooLong
from runfox.spec.limits import MAX_DEPTH, MAX_EVENTS, MAX_PROBLEMS
from runfox.spec.problem import START, Finding, Path, marked
from runfox.spec.scalars import SUSPECT, NotANumber, resolve
from runfox.values import Json


class Stop(Exception):
    """The file is refused as a whole: nothing after this place is read."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


class Builder:
    """Builds the data of one text. ``findings`` are what was refused without giving the text up."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.data: Json = None
        self._node: Any = None  # the open container, and the key whose value is due in it
        self._key: str | None = None
        self._stack: list[tuple[Any, str | int | None]] = []  # its parents, and its name in each
        self._anchors: dict[str, Json] = {}
        self._expansion = Expansion()
        self._documents = 0
        self._firsts: list[tuple[dict[str, Json], str, Json]] = []

    def build(self, events: Iterable[Any]) -> None:
        """Read all events. Raises ``Stop``, and what the events raise."""
        # One loop over locals, without calls for what nearly all events are: it is most of the cost of a file
        # beside the parser itself. What is rare is handed to methods, with the place kept where they see it.
        node: Any = None
        key: str | None = None  # None in a mapping: a key comes next
        stack = self._stack
        for event in islice(events, MAX_EVENTS):
            kind = type(event)
            if kind is ScalarEvent:
                value: Any = event.value
                if (
                    event.tag is not None
                    or not event.implicit[0]
                    or not value
                    or value[0] in SUSPECT
                    or event.anchor is not None
                ):
                    self._node, self._key = node, key
                    value = self._unusual(event)
                if key is not None:
                    node[key] = value
                    key = None
                elif type(node) is list:
                    node.append(value)
                elif node is None:
                    self.data = value
                elif type(value) is str and value not in node and value != "<<":
                    key = value
                else:
                    self._node, self._key = node, None
                    key = self._doubtful_key(event, value)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                node = stack.pop()[0]
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._node, self._key = node, key
                node, key = self._opened(event, {} if kind is MappingStartEvent else []), None
            else:
                self._node, self._key = node, key
                if self._other(event):
                    break
                key = None
        else:
            message = f"the file has more than {MAX_EVENTS:,} parts"
            raise Stop(Finding((), "too-large", message, mark=START))
        for mapping, name, first in reversed(self._firsts):
            mapping[name] = first

    def _other(self, event: Any) -> bool:
        """Take an alias or the start of a document, and say whether the text ends here."""
        kind = type(event)
        if kind is AliasEvent:
            self._put(self._aliased(event))
        elif kind is DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                message = "a second document starts here; a file holds one workflow"
                raise self._stop(
                    event, "two-documents", message, "Put each workflow into a file of its own."
                )
        return kind is StreamEndEvent

    def _unusual(self, event: Any) -> Json:
        """Return the value of a scalar that may be more, or less, than plain text."""
        value: Json = event.value
        if event.tag is not None:
            self._refuse_tag(event, "Quote what is a text; leave other values plain.")
        elif event.implicit[0]:
            value = self._resolved(event)
        elif "\0" in value or not value.isascii():
            self._check_text(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = value
        return value

    def _put(self, value: Json) -> str | int | None:
        """Add a value where one is due, and return its key or index there."""
        node, key = self._node, self._key
        if type(node) is list:
            node.append(value)
            return len(node) - 1
        if node is None:
            self.data = value
        else:
            node[key] = value
        return key

    def _opened(self, event: Any, child: Json) -> Json:
        """Add an empty container and return it; what follows goes into it."""
        node = self._node
        if type(node) is dict and self._key is None:
            raise self._stop(event, "key-not-text", "a key must be a text, not a mapping or a list")
        if len(self._stack) >= MAX_DEPTH:
            raise self._stop(event, "too-deep", f"nested deeper than {MAX_DEPTH} levels")
        if event.tag is not None:
            self._refuse_tag(event, "Leave it out.")
        self._stack.append((node, self._put(child)))
        if event.anchor is not None:
            self._anchors[event.anchor] = child
        return child

    def _aliased(self, event: Any) -> Json:
        name = event.anchor
        if name not in self._anchors:
            raise self._stop(event, "bad-alias", f"no anchor &{name} before this alias")
        value = self._anchors[name]
        if type(self._node) is dict and self._key is None:
            raise self._stop(event, "bad-alias", "an alias cannot be a key")
        if type(value) in (dict, list) and self._is_open(value):
            raise self._stop(
                event, "bad-alias", f"*{name} stands inside &{name}: it would contain itself"
            )
        try:
            return self._expansion.copy(value, MAX_DEPTH - len(self._stack))
        except TooLong as reason:
            raise self._stop(event, "bad-alias", f"*{name} {reason}") from None

    def _is_open(self, value: Json) -> bool:
        return value is self._node or any(value is node for node, _ in self._stack)

    def _resolved(self, event: Any) -> Json:
        try:
            return resolve(event.value)
        except NotANumber as reason:
            self._note(event, "bad-number", str(reason), "Quote it if it is a text.")
            return event.value

    def _check_text(self, event: Any) -> None:
        if "\0" in event.value:
            self._note(event, "bad-character", "a text cannot hold the character U+0000")
        try:
            event.value.encode()
        except UnicodeEncodeError as fault:
            code = ord(event.value[fault.start])
            self._note(
                event, "bad-character", f"U+{code:04X} is half of a surrogate pair, not a character"
            )

    def _doubtful_key(self, event: Any, value: Json) -> str:
        key: str = event.value
        if type(value) is not str:
            self._note(
                event,
                "key-not-text",
                f"the key {key or 'null'} is not a text",
                f"Quote it: '{key}'.",
            )
        elif key == "<<" and event.implicit[0]:
            hint = "Write the keys out, or give the whole mapping an anchor and use *name."
            self._note(event, "merge-key", "merging with << is not supported", hint)
        if key in self._node:
            path = (*self._path(), key)
            self._add(
                Finding(
                    path,
                    "duplicate-key",
                    f"duplicate key {key!r}, first at {{earlier}}",
                    earlier=path,
                    mark=marked(event.start_mark),
                )
            )
            # Of two equal keys the first counts: its value comes back when all is read.
            self._firsts.append((self._node, key, self._node[key]))
        return key

    def _refuse_tag(self, event: Any, hint: str) -> None:
        self._note(
            event, "tag", f"the tag {event.tag!r} is not allowed: YAML here is plain data", hint
        )

    def _path(self) -> Path:
        """The path of the container that is open."""
        return tuple(name for _, name in self._stack if name is not None)

    def _place(self) -> Path:
        node = self._node
        if type(node) is list:
            return (*self._path(), len(node))
        return self._path() if self._key is None else (*self._path(), self._key)

    def _note(self, event: Any, code: str, message: str, hint: str | None = None) -> None:
        self._add(Finding(self._place(), code, message, hint, mark=marked(event.start_mark)))

    def _add(self, finding: Finding) -> None:
        if len(self.findings) >= MAX_PROBLEMS:
            raise Stop(finding)
        self.findings.append(finding)

    def _stop(self, event: Any, code: str, message: str, hint: str | None = None) -> Stop:
        return Stop(Finding(self._place(), code, message, hint, mark=marked(event.start_mark)))
