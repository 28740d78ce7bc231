"""The modifiers of a step, from their plain data to the model. Nothing is checked here."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, NamedTuple

from runfox.spec import durations
from runfox.spec.actions import branch_of
from runfox.spec.compiled import Compiled
from runfox.spec.data_schema import DataSchema
from runfox.spec.forms import rate_parts
from runfox.spec.model import (
    Branch,
    Cache,
    Dependency,
    Join,
    Limit,
    Rate,
    Retry,
    Timeout,
    Undo,
)
from runfox.values import Json

_AT_ONCE = timedelta(0)
_USUAL = Retry()

PRESETS: Final[dict[str, tuple[Retry, ...]]] = {
    "none": (),
    "standard": (_USUAL,),
    "aggressive": (
        Retry(
            max_attempts=10,
            delay=timedelta(milliseconds=100),
            backoff=1.5,
            max_delay=timedelta(seconds=10),
        ),
    ),
}


def dependencies_of(value: Json, _compiled: Compiled) -> tuple[Dependency, ...]:
    if type(value) is not list:
        return (Dependency(step=value),)
    return tuple([dependency for entry in value for dependency in _dependencies(entry)])


def _dependencies(entry: Json) -> list[Dependency]:
    if type(entry) is str:
        return [Dependency(step=entry)]
    return [Dependency(step=step, wanted=wanted) for step, wanted in entry.items()]


def join_of(value: Json, _compiled: Compiled) -> Join | None:
    if type(value) is dict:
        return Join(need=int(value["need"]), rest=value.get("rest", "ignore"))
    if type(value) is str:
        return Join(need=1) if value == "any" else None
    return Join(need=int(value))


def retries_of(value: Json, compiled: Compiled) -> tuple[Retry, ...]:
    if type(value) is str:
        return PRESETS[value]
    policies = value if type(value) is list else (value,)
    return tuple([_retry(policy, compiled) for policy in policies])


def _retry(policy: dict[str, Json], compiled: Compiled) -> Retry:
    return Retry(
        max_attempts=int(policy.get("max_attempts", _USUAL.max_attempts)),
        delay=_duration(policy, "delay", _USUAL.delay),
        backoff=float(policy.get("backoff", _USUAL.backoff)),
        max_delay=_duration(policy, "max_delay", _USUAL.max_delay),
        jitter=float(policy.get("jitter", _USUAL.jitter)),
        within=span(policy, "within"),
        condition=compiled.expression(policy["if"]) if "if" in policy else None,
    )


def _duration(data: dict[str, Json], key: str, usual: timedelta) -> timedelta:
    return durations.parse(data[key]) if key in data else usual


def span(data: dict[str, Json], key: str) -> timedelta | None:
    return durations.parse(data[key]) if key in data else None


def attempts_of(value: Json, _compiled: Compiled) -> tuple[Retry, ...]:
    return (Retry(max_attempts=int(value), delay=_AT_ONCE),)


def timeout_of(value: Json, _compiled: Compiled) -> Timeout:
    if type(value) is not dict:
        return Timeout(attempt=durations.parse(value))
    return Timeout(**{name: durations.parse(found) for name, found in value.items()})


def limit_of(value: dict[str, Json], compiled: Compiled) -> Limit:
    return Limit(
        key=compiled.template(value["key"]) if "key" in value else None,
        max=int(value["max"]) if "max" in value else None,
        rate=_rate(value["rate"]) if "rate" in value else None,
        full=value.get("full", "wait"),
    )


def _rate(value: Json) -> Rate:
    count, per = rate_parts(value)
    return Rate(count=count, per=per)


def _cache_of(value: dict[str, Json], compiled: Compiled) -> Cache:
    return Cache(key=compiled.template(value["key"]), lifetime=span(value, "for"))


def _undo_of(value: dict[str, Json], compiled: Compiled) -> Undo:
    return Undo(
        fn=value["fn"],
        input=compiled.template(value["input"]) if "input" in value else None,
        retries=retries_of(value["retry"], compiled) if "retry" in value else (),
    )


def _branches_of(value: list[Json], compiled: Compiled) -> tuple[Branch, ...]:
    return tuple([branch_of(branch, compiled) for branch in value])


def _as_it_is(value: Json, _compiled: Compiled) -> Json:
    return value


def _whole(value: Json, _compiled: Compiled) -> int:
    return int(value)


def schema_of(value: Json, _compiled: Compiled) -> DataSchema:
    return DataSchema(value)


class Modifier(NamedTuple):
    """``field`` is that of ``Step``; ``each``: it belongs to each item of a foreach, not to the step."""

    field: str
    make: Callable[[Any, Compiled], Any]
    each: bool


MODIFIERS: Final[dict[str, Modifier]] = {
    "depends_on": Modifier("depends_on", dependencies_of, False),
    "join": Modifier("join", join_of, False),
    "when": Modifier("when", lambda value, compiled: compiled.expression(value), False),
    "branch": Modifier("branches", _branches_of, False),
    "max_iterations": Modifier("max_iterations", _whole, False),
    "label": Modifier("label", _as_it_is, False),
    "description": Modifier("description", _as_it_is, False),
    "retry": Modifier("retries", retries_of, True),
    "max_attempts": Modifier("retries", attempts_of, True),
    "output": Modifier("output", schema_of, True),
    "timeout": Modifier("timeout", timeout_of, True),
    "limit": Modifier("limit", limit_of, True),
    "priority": Modifier("priority", _whole, True),
    "queue": Modifier("queue", _as_it_is, True),
    "cache": Modifier("cache", _cache_of, True),
    "undo": Modifier("undo", _undo_of, True),
}
"""Of keys to what they become. Of ``timeout``, ``total`` is the step's all the same."""
