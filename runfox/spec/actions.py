"""Branches, from their plain data to the model. Nothing is checked here."""

from typing import Any, Final

from runfox.expressions import Expression
from runfox.spec.compiled import Compiled
from runfox.spec.forms import target_step
from runfox.spec.model import (
    Action,
    Branch,
    Cancel,
    Complete,
    Fail,
    Finish,
    Halt,
    Rollback,
    Set,
)
from runfox.values import Json

_NO_RESULT: Final[dict[str, Json]] = {}


def branch_of(data: dict[str, Any], compiled: Compiled) -> Branch:
    condition = compiled.expression(data["condition"]) if "condition" in data else None
    return Branch(condition=condition, action=_action(data, compiled))


def _action(data: dict[str, Any], compiled: Compiled) -> Action:
    action = data["action"]
    match action:
        case {"set": targets}:
            return Set(targets=_targets(targets, compiled))
        case {"cancel": targets}:
            return Cancel(targets=_named(targets))
        case {"rollback": _}:
            return Rollback()
        case "halt":
            return Halt(result=compiled.template(data.get("result", _NO_RESULT)))
        case "complete":
            return Complete()
        case "finish":
            return Finish()
        case "fail":
            return Fail(error=compiled.template(data["result"]) if "result" in data else None)
    raise ValueError(f"no action {action!r}")  # the checks refuse it


def _targets(value: Json, compiled: Compiled) -> tuple[str, ...] | Expression:
    return compiled.expression(value) if type(value) is dict else _named(value)


def _named(value: Json) -> tuple[str, ...]:
    targets = (value,) if type(value) is str else value
    return tuple(dict.fromkeys([step for target in targets if (step := target_step(target))]))
