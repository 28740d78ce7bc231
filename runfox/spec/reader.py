"""From a text to plain data, bounded at every step: what is hostile is refused before anything grows from it.

Places are not kept beside the data. Only a text with problems is read a second time, for just the places that
its problems name (``positions``), so a good workflow does not pay for them.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple, TypeAlias

from yaml.events import Event

from runfox.spec.json_data import NotPlain, plain_json
from runfox.spec.json_events import JsonFault, json_events
from runfox.spec.limits import MAX_BYTES, MAX_DEPTH
from runfox.spec.positions import Positions
from runfox.spec.problem import EXCERPT_WIDTH, START, Finding, Mark, Path, mark_at
from runfox.spec.tree import Builder, Stop
from runfox.spec.yaml_events import YamlFault, explained, yaml_events
from runfox.values import Json

_OPENING = re.compile(r"\s*\{")

Syntax: TypeAlias = Callable[[str], Iterator[Event]]


class Reading(NamedTuple):
    """What was read. Where ``whole`` is false the text was given up and the data says nothing."""

    text: str
    data: Json
    findings: list[Finding]
    whole: bool
    syntax: Syntax

    def positions(self, paths: Iterable[Path]) -> Positions:
        """Find places in the text. Costs a second reading of it."""
        events = self.syntax(self.text) if self.text else iter(())
        return Positions(_up_to_the_fault(events), paths)


def read(text: str | bytes, source: str) -> Reading:
    """Read a YAML or JSON text; a source that ends in .json is JSON and nothing else.

    Never raises for what the text holds: see ``findings``.
    """
    decoded, refusal = _decoded(text)
    if refusal is not None:
        return Reading(decoded, None, [refusal], False, yaml_events)
    is_json = source.endswith(".json")
    if is_json or _OPENING.match(decoded):
        with suppress(NotPlain):
            return Reading(decoded, plain_json(decoded), [], True, json_events)
    if is_json:
        return _read_json(decoded)
    if _OPENING.match(decoded):
        # A YAML flow mapping starts this way too, and soon stops being JSON: little is read twice.
        with suppress(JsonFault):
            return _build(decoded, json_events)
    return _read_yaml(decoded)


def _read_json(text: str) -> Reading:
    try:
        return _build(text, json_events)
    except JsonFault as fault:
        finding = Finding((), "json-syntax", str(fault), mark=mark_at(text, fault.index))
        return Reading(text, None, [finding], False, json_events)


def _read_yaml(text: str) -> Reading:
    try:
        return _build(text, yaml_events)
    except YamlFault as fault:
        message, mark = explained(fault, text)
        if "nesting depth" in message:
            # libyaml looks ahead for a key, so its own bound may be met before ours.
            finding = Finding((), "too-deep", f"nested deeper than {MAX_DEPTH} levels", mark=mark)
        else:
            finding = Finding((), "yaml-syntax", message, _way_out(text, mark), mark=mark)
        return Reading(text, None, [finding], False, yaml_events)


def _build(text: str, syntax: Syntax) -> Reading:
    builder = Builder()
    try:
        builder.build(syntax(text))
    except Stop as stop:
        return Reading(text, None, [*builder.findings, stop.finding], False, syntax)
    return Reading(text, builder.data, builder.findings, True, syntax)


def _decoded(text: str | bytes) -> tuple[str, Finding | None]:
    if len(text) > MAX_BYTES:
        return "", _too_large()
    if isinstance(text, bytes):
        return _from_bytes(text)
    try:
        size = len(text.encode())
    except UnicodeEncodeError as fault:
        message = f"U+{ord(text[fault.start]):04X} is half of a surrogate pair, not a character"
        return text, Finding((), "bad-character", message, mark=mark_at(text, fault.start))
    if size > MAX_BYTES:
        return "", _too_large()
    return _without_nul(text.removeprefix("\ufeff"))


def _from_bytes(text: bytes) -> tuple[str, Finding | None]:
    try:
        return _without_nul(text.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        before = text[: fault.start].decode("utf-8-sig")
        message = f"the byte 0x{text[fault.start]:02X} is not UTF-8"
        shown = text.decode("utf-8-sig", errors="replace")
        mark = mark_at(before, len(before))
        return shown, Finding((), "not-utf8", message, "Save the file as UTF-8.", mark=mark)


def _without_nul(text: str) -> tuple[str, Finding | None]:
    index = text.find("\0")
    if index < 0:
        return text, None
    message = "a text cannot hold the character U+0000"
    return text, Finding((), "bad-character", message, mark=mark_at(text, index))


def _too_large() -> Finding:
    message = f"the file has more than {MAX_BYTES:,} bytes"
    return Finding(
        (),
        "too-large",
        message,
        "Keep data out of the workflow: hand it in as input.",
        mark=START,
    )


def _way_out(text: str, mark: Mark) -> str | None:
    before = text[mark.offset - mark.column + 1 : mark.offset + 1]
    if "\t" in before[:EXCERPT_WIDTH] and not before.strip():
        return "Indent with spaces; YAML does not allow tabs there."
    return None


def _up_to_the_fault(events: Iterator[Event]) -> Iterator[Event]:
    with suppress(YamlFault, JsonFault):
        yield from events
