"""Secrets: put into the inputs of an executor just before it is called, and hidden in all that it says."""

import os
from collections.abc import Callable, Iterable
from json.encoder import encode_basestring_ascii
from typing import TypeAlias

from runfox.errors import ExecutorError
from runfox.results import DispatchJob
from runfox.values import Json

Secrets: TypeAlias = Callable[[str], str]
"""Returns the value of a secret by its name, or raises. Asked at each call, so a new value counts at once."""

Placed: TypeAlias = tuple[tuple[str | int, ...], str]

SHORTEST = 4
"""A secret of fewer characters is not looked for in what executors say: it would be found everywhere."""

HIDDEN = "***"


class SecretMissing(ExecutorError):
    """A step needs a secret that its worker cannot get."""


def variable_of(name: str) -> str:
    """Return the environment variable that holds a secret."""
    return f"RUNFOX_SECRET_{name.upper().replace('-', '_').replace('.', '_')}"


def from_environment(name: str) -> str:
    """Return a secret from the environment: ``api.key`` is ``RUNFOX_SECRET_API_KEY``."""
    value = os.environ.get(variable_of(name))
    if value is None:
        raise SecretMissing(
            f"no secret {name!r}: set {variable_of(name)} where the step is executed,"
            " or give the worker secrets= of your own"
        )
    return value


def secrets_of(job: DispatchJob, secrets: Secrets) -> dict[str, str]:
    """Return the secrets that a job needs, by name. Raises ``SecretMissing``."""
    return {name: _asked(secrets, name) for _, name in job.terms.secrets}


def _asked(secrets: Secrets, name: str) -> str:
    try:
        value = secrets(name)
    except SecretMissing:
        raise
    except Exception as error:
        raise SecretMissing(
            f"no secret {name!r}: the secrets= of this worker raised {type(error).__name__}: {error}"
        ) from error
    if type(value) is not str:
        raise SecretMissing(
            f"no secret {name!r}: the secrets= of this worker answered {type(value).__name__}, not str"
        )
    return value


def fill(inputs: dict[str, Json], places: Iterable[Placed], known: dict[str, str]) -> None:
    """Put secrets in their places.

    An operator may have given the step another input: what is not null there stays, and a place that is gone
    is passed over.
    """
    for path, name in places:
        holder: Json = inputs
        for part in path[:-1]:
            holder = holder[part] if _has(holder, part) else None
        last = path[-1]
        if type(holder) is dict:
            if holder.get(last) is None:
                holder[last] = known[name]
        elif _has(holder, last) and holder[last] is None:
            holder[last] = known[name]


def _has(holder: Json, part: str | int) -> bool:
    if type(holder) is dict:
        return part in holder
    return type(holder) is list and part in range(len(holder))


class Veil:
    """Hides secrets in what an executor says, also as JSON or Python would write them inside a text."""

    def __init__(self, values: Iterable[str]) -> None:
        forms = {
            form
            for value in values
            if len(value) >= SHORTEST
            for form in (value, repr(value)[1:-1], encode_basestring_ascii(value)[1:-1])
        }
        # One may be part of another, of which nothing must be left to see.
        self._forms = sorted(forms, key=len, reverse=True)

    def text(self, told: str) -> str:
        """Return a text without secrets."""
        for form in self._forms:
            told = told.replace(form, HIDDEN)
        return told

    def value(self, told: Json) -> Json:
        """Return plain JSON without secrets, at any depth and in keys too."""
        if not self._forms:
            return told
        kind = type(told)
        if kind is str:
            return self.text(told)
        if kind is dict:
            return {self.text(key): self.value(item) for key, item in told.items()}
        if kind is list:
            return [self.value(item) for item in told]
        return told


NO_VEIL = Veil(())
