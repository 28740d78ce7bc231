"""What the value of a key may be. Each check returns what is wrong, with the path inside the value; or nothing.

``schema.json`` says the same for editors; a test holds the two together.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias

from runfox.errors import did_you_mean
from runfox.spec import durations
from runfox.spec.limits import MAX_NAME, MAX_STEPS
from runfox.spec.problem import Path
from runfox.values import Json

STEP_ID: Final = "[A-Za-z][A-Za-z0-9_-]{0,63}"
TARGET: Final = rf"(?:steps\.({STEP_ID})\.status|({STEP_ID}))"
ACTIONS: Final = ("halt", "complete", "fail", "finish", "set")

_step_id = re.compile(STEP_ID)
_target = re.compile(TARGET)


class Fault(NamedTuple):
    """What is wrong with a value. ``path`` leads inside it."""

    code: str
    message: str
    hint: str | None = None
    path: Path = ()


Check: TypeAlias = Callable[[Json], Sequence[Fault]]
FINE: Final[tuple[Fault, ...]] = ()


def described(value: Json) -> str:
    """Return what a value is, in the words of the people who write YAML."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value:.20}" if type(value) is float else f"the number {value}"
        case str():
            return f"the text {value!r:.40}" if value else "an empty text"
        case dict():
            return "a mapping"
        case _:
            return "a list"


def mistyped(wanted: str, value: Json, path: Path = (), hint: str | None = None) -> tuple[Fault]:
    return (Fault("wrong-type", f"{wanted} is expected here, not {described(value)}", hint, path),)


def text(value: Json) -> Sequence[Fault]:
    return FINE if type(value) is str else mistyped("a text", value, hint=_quoted(value))


def name(value: Json) -> Sequence[Fault]:
    if type(value) is not str:
        return mistyped("a text", value, hint=_quoted(value))
    if not value:
        return (Fault("empty", "a text is expected here, not an empty one"),)
    if len(value) > MAX_NAME:
        return (Fault("too-large", f"longer than {MAX_NAME} characters"),)
    return FINE


def _quoted(value: Json) -> str | None:
    return f'Quote it: "{value}".' if type(value) in (int, float) else None


def version(value: Json) -> Sequence[Fault]:
    if type(value) in (int, float):
        return FINE
    return name(value) if type(value) is str else mistyped("a text or a number", value)


def labels(value: Json) -> Sequence[Fault]:
    if type(value) is not dict:
        return mistyped("a mapping of texts", value)
    faults = [
        fault._replace(path=(key,))
        for key, item in value.items()
        for fault in (*name(key), *name(item))
    ]
    return faults or FINE


def step_id(value: Json) -> Sequence[Fault]:
    if type(value) is not str:
        return mistyped("a step's id", value, hint=_quoted(value))
    if _step_id.fullmatch(value):
        return FINE
    hint = "Start with a letter; go on with letters, digits, _ and -; 64 characters at most."
    return (Fault("bad-id", f"{value!r:.80} cannot be a step's id", hint),)


def step_ids(value: Json) -> Sequence[Fault]:
    """A list of ids, or one id."""
    if type(value) is not list:
        return (
            step_id(value)
            if type(value) is str
            else mistyped("a step's id or a list of them", value)
        )
    if len(value) == 1 and type(value[0]) is str and _step_id.fullmatch(value[0]):
        return FINE
    faults = [fault._replace(path=(i,)) for i, item in enumerate(value) for fault in step_id(item)]
    seen: set[str] = set()
    for position, item in enumerate(value):
        if type(item) is str and item in seen:
            faults.append(
                Fault("duplicate-dependency", f"{item!r} is listed twice", None, (position,))
            )
        elif type(item) is str:
            seen.add(item)
    return faults


def whole(least: int, most: int) -> Check:
    """A whole number in a range; ``3.0`` is one, as JSON has it."""

    def check(value: Json) -> Sequence[Fault]:
        if type(value) is int or (type(value) is float and value.is_integer()):
            return FINE if least <= value <= most else _outside(value, least, most)
        return mistyped("a whole number", value)

    return check


def number(least: float, most: float) -> Check:
    def check(value: Json) -> Sequence[Fault]:
        if type(value) is not int and type(value) is not float:
            return mistyped("a number", value)
        return FINE if least <= value <= most else _outside(value, least, most)

    return check


def _outside(value: float, least: float, most: float) -> tuple[Fault]:
    return (Fault("out-of-range", f"{value} is not between {least:,} and {most:,}"),)


def duration(value: Json) -> Sequence[Fault]:
    try:
        durations.parse(value)
    except ValueError as fault:
        return (Fault("bad-duration", str(fault)),)
    return FINE


def anything(_value: Json) -> Sequence[Fault]:
    return FINE


def mapping(value: Json) -> Sequence[Fault]:
    return FINE if type(value) is dict else mistyped("a mapping", value)


def logic(value: Json) -> Sequence[Fault]:
    if type(value) is dict or type(value) is bool:
        return FINE
    return mistyped("logic", value, hint='Logic looks like {">=": [{"var": "score"}, 0.7]}.')


def items(value: Json) -> Sequence[Fault]:
    """A list that is not empty."""
    if type(value) is not list:
        return mistyped(
            "a list", value, hint="Start each entry with '- '." if type(value) is dict else None
        )
    if len(value) > MAX_STEPS:
        return (Fault("too-large", f"{len(value):,} entries; {MAX_STEPS:,} are allowed"),)
    return FINE if value else (Fault("empty", "at least one entry is expected here"),)


def action(value: Json) -> Sequence[Fault]:
    if type(value) is dict:
        return _set_action(value) if "set" in value else _unknown_action(next(iter(value), None))
    if type(value) is not str:
        return mistyped("an action", value, hint=f"Actions: {', '.join(ACTIONS)}.")
    if value == "set":
        return (Fault("wrong-type", "set needs the steps to set", "Write {set: step_id}."),)
    return FINE if value in ACTIONS else _unknown_action(value)


def _unknown_action(word: str | None) -> tuple[Fault]:
    if word in ACTIONS:
        return (
            Fault("wrong-type", f"{word} is written without a mapping", f"Write: action: {word}."),
        )
    return (
        Fault(
            "unknown-action",
            f"no action {word or ''!r}",
            did_you_mean(word or "", ACTIONS, label="Actions"),
        ),
    )


def _set_action(value: dict[str, Json]) -> Sequence[Fault]:
    faults = [
        Fault(
            "unknown-key",
            f"unknown key {key!r} in a set action",
            did_you_mean(key, ("set", "value")),
            (key,),
        )
        for key in value
        if key not in ("set", "value")
    ]
    if value.get("value", "ready") != "ready":
        faults.append(
            Fault("wrong-type", "a step can only be set to ready", "Leave value out.", ("value",))
        )
    faults += [fault._replace(path=("set", *fault.path)) for fault in _targets(value["set"])]
    return faults


def _targets(value: Json) -> Sequence[Fault]:
    if type(value) is dict:
        return FINE  # logic, which is compiled later
    if type(value) is str:
        return FINE if _target.fullmatch(value) else (_bad_target(value, ()),)
    if type(value) is not list:
        return mistyped("a step, a list of steps or logic", value)
    if not value:
        return (Fault("empty", "at least one step is expected here"),)
    return [
        _bad_target(item, (position,))
        for position, item in enumerate(value)
        if type(item) is not str or not _target.fullmatch(item)
    ]


def _bad_target(value: Json, path: Path) -> Fault:
    return Fault(
        "bad-target",
        f"{described(value)} cannot be set",
        "Name a step: X, or steps.X.status.",
        path,
    )


def target_step(target: str) -> str | None:
    """Return the step that a target of ``set`` names, or None for what is no target."""
    found = _target.fullmatch(target)
    return (found[1] or found[2]) if found else None
