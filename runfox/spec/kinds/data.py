"""Values handed to steps and runs, and what they may be: templates, secrets, schemas, state."""

from collections.abc import Sequence
from typing import Final

from runfox.spec.kinds.faults import FINE, Check, Fault, described, mistyped, within
from runfox.spec.kinds.plain import anything, mapping, name, operation, something, word
from runfox.spec.limits import MAX_ITEMS
from runfox.spec.problem import Path
from runfox.spec.secrets import is_name, secrets_in
from runfox.values import Json

MERGES: Final = ("add", "append", "union", "max", "min")


def given(value: Json) -> Sequence[Fault]:
    """A step's input: a mapping, in which secrets may stand."""
    if type(value) is not dict:
        return mistyped("a mapping", value)
    secrets = secrets_in(value)
    if not secrets:
        return FINE
    if secrets[0][0] == ():
        hint = "Give the secret a name: {token: {secret: ...}}."
        return (Fault("misplaced-secret", "input is a mapping, and this is one text", hint),)
    return [_bad_secret(path, found) for path, found in secrets if not is_name(found)]


def _bad_secret(path: Path, found: Json) -> Fault:
    hint = "Use letters, digits, _, . and -. If it is data, write {literal: {secret: ...}}."
    return Fault(
        "bad-name", f"{described(found)} cannot be a secret's name", hint, (*path, "secret")
    )


def without_secrets(check: Check, reason: str) -> Check:
    """What is kept, or decided on, where no worker replaces a secret."""

    def checked(value: Json) -> Sequence[Fault]:
        faults = check(value)
        found = () if faults else secrets_in(value)
        return [misplaced(path, reason) for path, _ in found] if found else faults

    return checked


def misplaced(path: Path, reason: str) -> Fault:
    hint = "A secret belongs in the input of the step that uses it."
    return Fault("misplaced-secret", f"no secret can stand here: {reason}", hint, path)


outputs = without_secrets(mapping, "outputs are kept for good")
result = without_secrets(anything, "a result is kept for good")
undo_input = without_secrets(mapping, "what undoes a step is kept with its output")
plain_input = without_secrets(mapping, "the inputs of a run are kept for good")
key = without_secrets(something, "keys are kept for good")


def listed(value: Json) -> Sequence[Fault]:
    """The items of a foreach: logic, or a list."""
    if type(value) is dict:
        return _no_secrets_among(value) or operation(value)
    if type(value) is not list:
        return mistyped("a list, or logic that gives one", value)
    if len(value) > MAX_ITEMS:
        return (Fault("too-large", f"{len(value):,} items; {MAX_ITEMS:,} are allowed"),)
    return _no_secrets_among(value)


_no_secrets_among = without_secrets(anything, "items are kept for good")


def schema(value: Json) -> Sequence[Fault]:
    """A JSON Schema."""
    if type(value) is bool:
        return FINE
    if type(value) is not dict:
        return mistyped("a JSON Schema, which is a mapping,", value)
    return _unsound(value)


def _unsound(schema: Json) -> Sequence[Fault]:
    from runfox.spec import data_schema  # a file without a schema does without it

    return [
        Fault("bad-schema", message, None, tuple(path))
        for path, message in data_schema.check(schema)
    ]


_merge = word(*MERGES)


def state(value: Json) -> Sequence[Fault]:
    """Keys of ``state``, each with a JSON Schema and two keys of ours in it: ``default`` and ``merge``."""
    if type(value) is not dict:
        return mistyped("a mapping of the keys of state", value)
    return [
        fault
        for key_name, declared in value.items()
        for fault in within((*name(key_name), *_state_key(declared)), key_name)
    ]


def _state_key(declared: Json) -> Sequence[Fault]:
    if type(declared) is not dict:
        return mistyped("what a key of state may hold, which is a mapping,", declared)
    faults = within(_merge(declared["merge"]), "merge") if "merge" in declared else []
    if not faults and "default" in declared:
        faults += _bad_default(declared["default"], declared.get("merge"))
    schema = {keyword: part for keyword, part in declared.items() if keyword != "merge"}
    return [*faults, *_unsound(schema)] if schema.keys() - {"default"} else faults


def _bad_default(default: Json, merge: str | None) -> Sequence[Fault]:
    found = secrets_in(default)
    if found:
        return [misplaced(("default", *path), "state is kept for good") for path, _ in found]
    if merge in {"append", "union"} and type(default) is not list:
        return mistyped(f"a list, which {merge} adds to,", default, ("default",))
    if merge == "add" and type(default) not in (int, float):
        return mistyped("a number, which add adds to,", default, ("default",))
    if merge in {"max", "min"} and type(default) not in (int, float, str):
        return mistyped("a number or a text", default, ("default",))
    return FINE


def workflows(value: Json) -> Sequence[Fault]:
    """Workflows by name. The names are what ``call`` names, beside ``self`` and ``name@version``."""
    if type(value) is not dict:
        return mistyped("a mapping of workflows by name", value)
    return [
        fault._replace(path=(workflow,), at="key")
        for workflow in value
        for fault in _workflow_name(workflow)
    ]


def _workflow_name(workflow: str) -> Sequence[Fault]:
    if workflow == "self":
        return (Fault("bad-name", "'self' means the workflow itself", "Call it something else."),)
    if "@" in workflow:
        return (Fault("bad-name", f"{workflow!r:.80} holds an @, which begins a version"),)
    return name(workflow)
