"""Steps that are named, and what a step does next."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from runfox.errors import did_you_mean
from runfox.spec.forms import STEP_ID, TARGET
from runfox.spec.kinds.faults import FINE, Check, Fault, described, mistyped, within
from runfox.spec.kinds.plain import outside, quoted, unknown_word, word
from runfox.spec.limits import MAX_STEPS
from runfox.spec.problem import Path
from runfox.values import Json

WANTED: Final = ("complete", "failed", "skipped", "ended")
JOINS: Final = ("all", "any")
WORDS: Final = ("halt", "complete", "fail", "finish")
FORMS: Final = ("set", "cancel", "rollback")
ACTIONS: Final = (*WORDS, *FORMS)

_step_id = re.compile(STEP_ID)
_target = re.compile(TARGET)


def step_id(value: Json) -> Sequence[Fault]:
    if type(value) is not str:
        return mistyped("a step's id", value, hint=quoted(value))
    if _step_id.fullmatch(value):
        return FINE
    hint = "Start with a letter; go on with letters, digits, _ and -; 64 characters at most."
    return (Fault("bad-id", f"{value!r:.80} cannot be a step's id", hint),)


def depends_on(value: Json) -> Sequence[Fault]:
    """A list of ids and of mappings like ``{id: failed}``, or one id."""
    if type(value) is not list:
        if type(value) is str:
            return step_id(value)
        hint = "Write it as a list: [a, {b: failed}]." if type(value) is dict else None
        return mistyped("a step's id or a list of them", value, hint=hint)
    if len(value) == 1 and type(value[0]) is str and _step_id.fullmatch(value[0]):
        return FINE
    faults: list[Fault] = []
    seen: set[str] = set()
    for position, entry in enumerate(value):
        faults += within(_dependency(entry), position)
        faults += within(_repeated(entry, seen), position)
    return faults


_wanted = word(*WANTED)


def _dependency(entry: Json) -> Sequence[Fault]:
    if type(entry) is not dict:
        return step_id(entry)
    if not entry:
        return (Fault("empty", "a step and how it must have ended are expected here"),)
    return [
        fault
        for name, wanted in entry.items()
        for fault in (
            *(fault._replace(path=(name,), at="key") for fault in step_id(name)),
            *within(_wanted(wanted), name),
        )
    ]


def _repeated(entry: Json, seen: set[str]) -> Iterator[Fault]:
    for name in entry if type(entry) is dict else [entry] if type(entry) is str else []:
        if name in seen:
            message = f"{name!r:.80} is listed twice"
            if type(entry) is dict:
                yield Fault("duplicate-dependency", message, None, (name,), "key")
            else:
                yield Fault("duplicate-dependency", message)
        seen.add(name)


def join(value: Json) -> Sequence[Fault]:
    """``all``, ``any``, how many, or a mapping that says more."""
    if type(value) is dict:
        return FINE
    if type(value) is str:
        return FINE if value in JOINS else unknown_word(value, JOINS)
    if type(value) is int or (type(value) is float and value.is_integer()):
        return FINE if 1 <= value <= MAX_STEPS else outside(value, 1, MAX_STEPS)
    return mistyped("all, any, a number or a mapping", value)


def action(value: Json) -> Sequence[Fault]:
    if type(value) is dict:
        form = next((form for form in FORMS if form in value), None)
        return _form(form, value) if form else _unknown_action(next(iter(value), None))
    if type(value) is not str:
        return mistyped("an action", value, hint=f"Actions: {', '.join(ACTIONS)}.")
    if value in _WAYS:
        return (Fault("wrong-type", f"{value} is written as a mapping", _WAYS[value]),)
    return FINE if value in WORDS else _unknown_action(value)


_WAYS = {
    "set": "Write {set: step_id}.",
    "cancel": "Write {cancel: [step_id]}.",
    "rollback": "Write {rollback: true}.",
}


def _unknown_action(name: str | None) -> tuple[Fault]:
    if name in WORDS:
        return (
            Fault("wrong-type", f"{name} is written without a mapping", f"Write: action: {name}."),
        )
    return (
        Fault(
            "unknown-action",
            f"no action {name or ''!r:.80}",
            did_you_mean((name or "")[:80], ACTIONS, label="Actions"),
        ),
    )


def _form(form: str, value: dict[str, Json]) -> Sequence[Fault]:
    known = ("set", "value") if form == "set" else (form,)
    faults = [
        Fault(
            "unknown-key",
            f"unknown key {key!r:.80} in a {form} action",
            did_you_mean(key[:80], known, label="Keys here"),
            (key,),
            "key",
        )
        for key in value
        if key not in known
    ]
    return [*faults, *_FORM_CHECKS[form](value)]


def _set(value: dict[str, Json]) -> Sequence[Fault]:
    faults = within(FINE if type(value["set"]) is dict else _targets(value["set"]), "set")
    if value.get("value", "ready") != "ready":
        message = "a step can only be set to ready"
        faults.append(Fault("wrong-type", message, "Leave value out.", ("value",)))
    return faults


def _cancel(value: dict[str, Json]) -> Sequence[Fault]:
    if type(value["cancel"]) is dict:
        return mistyped("a step or a list of steps", value["cancel"], ("cancel",))
    return within(_targets(value["cancel"]), "cancel")


def _rollback(value: dict[str, Json]) -> Sequence[Fault]:
    if value["rollback"] is True:
        return FINE
    return mistyped("true", value["rollback"], ("rollback",), "Write {rollback: true}.")


_FORM_CHECKS: dict[str, Check] = {"set": _set, "cancel": _cancel, "rollback": _rollback}


def _targets(value: Json) -> Sequence[Fault]:
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
        f"{described(value)} names no step",
        "Name a step: X, or steps.X.status.",
        path,
    )
