"""What is wrong with a file of cases, each thing with its place."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeAlias

from runfox.errors import did_you_mean
from runfox.spec import durations, instants
from runfox.spec.problem import Finding, Path
from runfox.status import StepStatus, WorkflowStatus
from runfox.testing.script_names import Names
from runfox.testing.simulate_signals import KEYS as SIGNAL_KEYS
from runfox.values import Json

Findings: TypeAlias = Iterator[Finding]
Check: TypeAlias = Callable[[Any, Path], Findings]

_KINDS: Final = {dict: "a mapping", list: "a list", str: "a text", int: "a whole number"}
_ENDS: Final = [status.value for status in WorkflowStatus if status.ended]


def problems_of(data: Json, names: Names | None, *, workflow_given: bool) -> list[Finding]:
    """Return what is wrong with the data of a file; without ``names`` steps are not looked up."""
    return list(_Checks(names).file(data, workflow_given=workflow_given))


def _is(kind: type, value: Json, path: Path) -> Findings:
    if type(value) is not kind:
        yield Finding(path, "wrong-type", f"this must be {_KINDS[kind]}")


def _text(value: Json, path: Path) -> Findings:
    yield from _is(str, value, path)
    if value == "":
        yield Finding(path, "empty", "this must not be empty")


def _mapping(value: Json, path: Path) -> Findings:
    yield from _is(dict, value, path)


def _number(value: Json, path: Path) -> Findings:
    yield from _is(int, value, path)
    if type(value) is int and value < 0:
        yield Finding(path, "out-of-range", "this cannot be negative")


def _anything(_value: Json, _path: Path) -> Findings:
    yield from ()


def _parsed(parse: Callable[[Json], object], code: str) -> Check:
    def check(value: Json, path: Path) -> Findings:
        try:
            parse(value)
        except ValueError as error:
            yield Finding(path, code, str(error))

    return check


_duration = _parsed(durations.parse, "bad-duration")
_instant = _parsed(instants.parse, "bad-instant")


def _word(words: Iterable[str]) -> Check:
    known = [str(word) for word in words]

    def check(value: Json, path: Path) -> Findings:
        if value not in known:
            hint = did_you_mean(str(value), known)
            yield Finding(path, "unknown-word", f"no status is called {value!r}", hint)

    return check


def _keys(
    value: Json, path: Path, checks: dict[str, Check], required: tuple[str, ...] = ()
) -> Findings:
    """Check a mapping of known keys, each by its own check."""
    if type(value) is not dict:
        yield from _mapping(value, path)
        return
    for key in required:
        if key not in value:
            yield Finding(path, "missing-key", f"{key!r} is missing here")
    for key, item in value.items():
        if key in checks:
            yield from checks[key](item, (*path, key))
        else:
            hint = did_you_mean(key, checks)
            yield Finding((*path, key), "unknown-key", f"no key {key!r} here", hint, at="key")


def _each(value: Json, path: Path, check: Check) -> Findings:
    yield from _is(list, value, path)
    if type(value) is list:
        for number, item in enumerate(value):
            yield from check(item, (*path, number))


class _Checks:
    """The checks of one file."""

    def __init__(self, names: Names | None) -> None:
        self._names = names

    def file(self, data: Json, *, workflow_given: bool) -> Findings:
        checks: dict[str, Check] = {
            "workflow": _text,
            "children": lambda value, path: _each(value, path, _text),
            "inputs": _mapping,
            "steps": self._steps,
            "default": _answers,
            "start": _instant,
            "cases": self._cases,
        }
        required = ("cases",) if workflow_given else ("workflow", "cases")
        yield from _keys(data, (), checks, required)

    def _cases(self, value: Json, path: Path) -> Findings:
        yield from _each(value, path, self._case)
        if value == []:
            yield Finding(path, "empty", "there must be one case at least")
        seen: dict[str, Path] = {}
        for number, case in enumerate(value if type(value) is list else ()):
            name = case.get("name") if type(case) is dict else None
            place = (*path, number, "name")
            if type(name) is str and seen.setdefault(name, place) != place:
                message = f"a second case is called {name!r}, the first is at {{earlier}}"
                yield Finding(place, "duplicate-id", message, earlier=seen[name])

    def _case(self, value: Json, path: Path) -> Findings:
        checks: dict[str, Check] = {
            "name": _text,
            "inputs": _mapping,
            "steps": self._steps,
            "default": _answers,
            "signals": self._signals,
            "start": _instant,
            "expect": self._expect,
        }
        yield from _keys(value, path, checks, ("name",))

    def _steps(self, value: Json, path: Path) -> Findings:
        yield from self._named(value, path, _answers, executed=True)

    def _expect(self, value: Json, path: Path) -> Findings:
        checks: dict[str, Check] = {
            "status": _word(_ENDS),
            "outcome": _anything,
            "error": lambda value, path: _keys(value, path, _ERROR | {"step": _text}),
            "state": _mapping,
            "steps": lambda value, path: self._named(value, path, _word(StepStatus)),
            "calls": lambda value, path: self._named(value, path, _number, executed=True),
            "order": lambda value, path: _each(value, path, self._executed),
            "elapsed": _duration,
        }
        yield from _keys(value, path, checks)

    def _signals(self, value: Json, path: Path) -> Findings:
        if type(value) is dict:
            return
        if type(value) is not list:
            yield Finding(
                path, "wrong-type", "this must be a mapping of signals, or a list of them"
            )
            return
        checks = dict.fromkeys(SIGNAL_KEYS, _anything) | {
            "signal": _text,
            "id": _text,
            "at": _duration,
            "after": self._name,
        }
        for number, one in enumerate(value):
            yield from _keys(one, (*path, number), checks, ("signal",))
            if type(one) is dict and "at" in one and "after" in one:
                message = "a signal comes either 'at' a time or 'after' a step"
                yield Finding((*path, number, "after"), "clashing-keys", message, at="key")

    def _named(self, value: Json, path: Path, check: Check, *, executed: bool = False) -> Findings:
        """Check a mapping whose keys name steps."""
        yield from _mapping(value, path)
        if type(value) is dict:
            for key, item in value.items():
                for found in self._known(key, (*path, key), executed=executed):
                    yield found._replace(at="key")
                yield from check(item, (*path, key))

    def _name(self, value: Json, path: Path, *, executed: bool = False) -> Findings:
        yield from _text(value, path)
        if type(value) is str:
            yield from self._known(value, path, executed=executed)

    def _executed(self, value: Json, path: Path) -> Findings:
        yield from self._name(value, path, executed=True)

    def _known(self, name: str, path: Path, *, executed: bool) -> Findings:
        told = None if self._names is None else self._names.fault(name, executed=executed)
        if told is not None:
            yield Finding(path, "unknown-step", told[0].removesuffix("."), told[1])


_ERROR: Final[dict[str, Check]] = {"type": _text, "message": _text}


def _answers(value: Json, path: Path) -> Findings:
    if type(value) is not list:
        yield from _answer(value, path)
        return
    if not value:
        yield Finding(path, "empty", "a list of answers needs one at least")
    yield from _each(value, path, _answer)


def _answer(value: Json, path: Path) -> Findings:
    if type(value) is not dict:
        hint = "Write an output as a mapping, a failure as {error: {type: ..., message: ...}}."
        yield Finding(path, "wrong-type", "what a step answers must be a mapping", hint)
        return
    if not value or not value.keys() <= _EXPLICIT.keys():
        return
    kinds = [key for key in ("output", "error", "timeout") if key in value]
    if len(kinds) > 1:
        message = f"a step answers with one of {' and '.join(kinds)}"
        yield Finding((*path, kinds[1]), "clashing-keys", message, at="key")
    yield from _keys(value, path, _EXPLICIT)


def _output(value: Json, path: Path) -> Findings:
    if type(value) is not dict:
        hint = "An output whose one key is 'output' is written {output: {output: ...}}."
        yield Finding(path, "wrong-type", "an output must be a mapping", hint)


def _true(value: Json, path: Path) -> Findings:
    if value is not True:
        yield Finding(path, "wrong-type", "timeout can only be true: the step never answers")


_EXPLICIT: Final[dict[str, Check]] = {
    "output": _output,
    "error": lambda value, path: _keys(value, path, _ERROR, ("type",)),
    "timeout": _true,
    "takes": _duration,
}
