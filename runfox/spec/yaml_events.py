"""A YAML text as parser events, by libyaml where PyYAML has it and by PyYAML's own parser where not.

Only the events are used: what composes and constructs in PyYAML recurses, resolves YAML 1.1 and keeps no places.
"""

import re
from collections.abc import Iterator
from typing import Protocol

import yaml
from yaml.events import Event

from runfox.spec.problem import START, Mark, mark_at

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
YamlFault = yaml.YAMLError


class _Parser(Protocol):
    def get_event(self) -> Event | None: ...


def yaml_events(text: str) -> Iterator[Event]:
    """Give the events of a text. Raises ``YamlFault`` where it stops being YAML."""
    return events_of(_c_parser(text) or plain_parser(text))


def events_of(parser: _Parser) -> Iterator[Event]:
    # Both parsers answer None after the end; iter() keeps the loop in C.
    return iter(parser.get_event, None)


def _c_parser(text: str) -> _Parser | None:
    if not yaml.__with_libyaml__:
        return None
    parser: _Parser = yaml.CSafeLoader(text)
    return parser


def plain_parser(text: str) -> _Parser:
    """The parser written in Python. Raises ``YamlFault`` for characters that YAML does not allow."""
    parser: _Parser = yaml.SafeLoader(text)
    return parser


def explained(fault: yaml.YAMLError, text: str) -> tuple[str, Mark]:
    """Return what a syntax error says in one line, and its place."""
    if isinstance(fault, yaml.MarkedYAMLError):
        mark = fault.problem_mark or fault.context_mark
        start = fault.context_mark
        context = fault.context
        if context and start and mark and start.line != mark.line:
            context = f"{context} from line {start.line + 1}"
        said = ", ".join(part for part in (context, fault.problem) if part)
        # By the text itself: libyaml counts breaks that editors do not, such as U+0085.
        return said, mark_at(text, mark.index) if mark else START
    found = _FORBIDDEN.search(text)
    if found:
        return f"the character U+{ord(found.group()):04X} is not allowed", mark_at(
            text, found.start()
        )
    return str(fault).partition("\n")[0], START
