"""What expressions read: names that exist, of steps that exist."""

import re
from collections.abc import Iterator
from typing import Final

from runfox.errors import did_you_mean
from runfox.spec.checks.logic import Use
from runfox.spec.checks.places import RESULT, SIGNAL
from runfox.spec.checks.words import Hints
from runfox.spec.problem import Finding, Path
from runfox.values import Json

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "steps": ("output", "status", "error", "attempts"),
    "workflow": ("id", "status", "started_at"),
    "error": ("type", "message"),
}
"""What there is below a name: of ``steps``, of each step."""

_ANY = {name: {*fields, "*"} for name, fields in FIELDS.items()}
_SEPARATORS = re.compile(r"""[.\[\]'"$]+""")


def unknown_names(uses: list[Use]) -> Iterator[Finding]:
    """A name that is nothing here. Where bare names are seen, any may be a key of the output."""
    for use in uses:
        if use.sight.bare:
            continue
        names = use.sight.names
        for read in use.expression.reads:
            name = str(read[0]) if read else "*"
            if name not in names and name != "*":
                message = f"nothing is called {name!r:.80} here"
                yield Finding(read_place(use, read), "unknown-name", message, _way_out(name, use))


def _way_out(name: str, use: Use) -> str:
    where = _ELSEWHERE.get(name)
    if where is not None and not (name == "item" and "index" in use.sight.names):
        return f"{name!r} is there in {where} only."
    known = sorted(use.sight.names, key=lambda known: (known not in RESULT, known))
    return did_you_mean(name[:80], known, label="There are")


_ELSEWHERE = {
    **dict.fromkeys(("ok", "error", "attempt"), "branches and retry policies"),
    **dict.fromkeys(SIGNAL, "the branches of a wait"),
    "output": "branches, retry policies and the input of undo",
    "results": "until and more of foreach",
    "index": "what foreach does for each item",
    "item": "what foreach does for each item",
}


def unknown_steps(uses: list[Use], hints: Hints) -> Iterator[Finding]:
    for use in uses:
        for read in use.expression.reads:
            step_id = step_read(read)
            if step_id is None or use.block.find(step_id) is not None:
                continue
            last = use.block.workflow.last
            if last is not None and step_id in last.positions:
                message = f"{step_id!r} is in finally, and runs after this"
                yield Finding(read_place(use, read), "read-too-early", message, "Read it there.")
            else:
                message = f"no step {step_id!r:.80}"
                hint = hints.nearest_seen(step_id, use.block)
                yield Finding(read_place(use, read), "unknown-step", message, hint)


def step_read(read: Path) -> str | None:
    """Return the step that a path leads into, or None where it leads elsewhere or to all steps."""
    if len(read) < 2 or read[0] != "steps" or read[1] == "*":
        return None
    return str(read[1])


def unknown_fields(uses: list[Use]) -> Iterator[Finding]:
    for use in uses:
        for read in use.expression.reads:
            if not read or read[0] not in FIELDS:
                continue
            owner, rest = _owner(read, use)
            if owner is None or not rest or rest[0] in _ANY[owner]:
                continue
            known = FIELDS[owner]
            subject = "a step" if owner == "steps" else f"{owner!r}"
            message = f"{subject} has no {str(rest[0])!r:.80}"
            hint = did_you_mean(str(rest[0]), known, label="There are")
            yield Finding(read_place(use, read), "unknown-field", message, hint)


def _owner(read: Path, use: Use) -> tuple[str | None, Path]:
    """Return the name whose fields are known, and the path below it."""
    name = str(read[0])
    if name == "workflow" or (name == "error" and name in use.sight.names):
        return name, read[1:]
    if name == "steps" and len(read) > 2:
        return ("error", read[3:]) if read[2] == "error" else ("steps", read[2:])
    return None, ()


def hidden_keys(uses: list[Use]) -> Iterator[Finding]:
    """A key of an output that somebody reads, and that the step's own branches cannot see by its bare name."""
    judging = [use for use in uses if use.sight.bare and use.step is not None]
    hiding = frozenset[str]().union(*{use.sight.names for use in judging}) - {"ok"}
    outputs = {
        (use.block.find(str(read[1])), read[3])
        for use in (uses if judging else ())
        for read in use.expression.reads
        if len(read) > 3 and read[0] == "steps" and read[2] == "output" and read[3] in hiding
    }
    for use in judging if outputs else ():
        for read in use.expression.reads:
            if not read or read[0] == "ok" or read[0] not in use.sight.names:
                continue
            if (use.step, read[0]) in outputs:
                message = f"{read[0]!r} is not the output's key here: the reserved name hides it"
                hint = f"To read the output's key, write output.{read[0]}."
                yield Finding(read_place(use, read), "hidden-key", message, hint, "warning")


def read_place(use: Use, read: Path) -> Path:
    """Return the place of the text that names a path inside an expression, else that of the expression."""
    wanted = [str(part) for part in read]
    for path, text in _texts(use.expression.source, use.path):
        if parts_of(text) == wanted:
            return path
    return use.path


def parts_of(text: str) -> list[str]:
    """Return the names and numbers in the text of a path."""
    return [part for part in _SEPARATORS.split(text) if part]


def _texts(value: Json, path: Path) -> Iterator[tuple[Path, str]]:
    if type(value) is str:
        yield path, value
    elif type(value) is list:
        for position, item in enumerate(value):
            yield from _texts(item, (*path, position))
    elif type(value) is dict:
        for name, item in value.items():
            yield from _texts(item, (*path, name))
