"""Secrets: ``{secret: name}`` in a step's input, which only the worker that does the step replaces."""

import re
from collections.abc import Iterable
from typing import Final, TypeAlias

from runfox.expressions import OPERATORS, is_logic
from runfox.spec.problem import Path
from runfox.values import Json

NAME: Final = "[A-Za-z_][A-Za-z0-9_.-]{0,127}"

_name = re.compile(NAME)

Placed: TypeAlias = tuple[Path, Json]


def is_name(value: Json) -> bool:
    return type(value) is str and _name.fullmatch(value) is not None


def secrets_in(value: Json) -> list[Placed]:
    """Return each place of ``{secret: name}``, and the name as it stands there.

    Logic is not looked into: ``{literal: {secret: x}}`` is data, and no operator takes a secret.
    """
    found: list[Placed] = []
    if _holds_any(value):
        _collect(value, (), found)
    return found


def _holds_any(value: Json) -> bool:
    # Asked of every input of every step, most of which hold none; so nothing is built here.
    if type(value) is dict:
        if len(value) == 1:
            if "secret" in value:
                return True
            if next(iter(value)) in OPERATORS:
                return False
        inner: Iterable[Json] = value.values()
    elif type(value) is list:
        inner = value
    else:
        return False
    for item in inner:  # noqa: SIM110  (a generator costs more than the walk)
        if (type(item) is dict or type(item) is list) and _holds_any(item):
            return True
    return False


def _collect(value: Json, path: Path, found: list[Placed]) -> None:
    if type(value) is list:
        for position, item in enumerate(value):
            _collect(item, (*path, position), found)
    elif type(value) is dict:
        if len(value) == 1 and "secret" in value:
            found.append((path, value["secret"]))
        elif not is_logic(value):
            for name, item in value.items():
                _collect(item, (*path, name), found)


def without_secrets(value: Json) -> Json:
    """Return a copy of the containers, with null in place of each secret."""
    if type(value) is list:
        return [without_secrets(item) for item in value]
    if type(value) is not dict or is_logic(value):
        return value
    if len(value) == 1 and "secret" in value:
        return None
    return {name: without_secrets(item) for name, item in value.items()}
