"""The inputs of an execution, from ``-i key=value`` and ``-i @file.json``."""

from collections.abc import Iterable
from pathlib import Path

import click

from runfox import values
from runfox.values import Json


def read_inputs(given: Iterable[str]) -> dict[str, Json]:
    """Return what all ``-i`` say together; of two that set the same key, the later one wins."""
    inputs: dict[str, Json] = {}
    for word in given:
        if word.startswith("@"):
            inputs.update(_of_file(word[1:]))
        else:
            key, value = _of_pair(word)
            inputs[key] = value
    return inputs


def read_json(word: str, option: str) -> Json:
    """Return the value that an option was given: JSON, or ``@FILE.json``."""
    if word.startswith("@"):
        return _parsed_file(word[1:], option)
    try:
        return values.parse(word)
    except ValueError as error:
        raise click.BadParameter(
            f"{word!r:.60} is not JSON: {error}. Text stands in quotes of its own: '\"text\"'.",
            param_hint=f"'{option}'",
        ) from error


def read_object(word: str, option: str) -> dict[str, Json]:
    """Return the JSON object that an option was given."""
    found = read_json(word, option)
    if type(found) is not dict:
        raise click.BadParameter(
            f"a JSON object is expected, keys and values, not {values.text(found)[:40]}",
            param_hint=f"'{option}'",
        )
    return found


def _of_pair(word: str) -> tuple[str, Json]:
    key, mark, value = word.partition("=")
    if not mark or not key:
        raise click.BadParameter(f"{word!r} is neither key=value nor @file.json", param_hint="'-i'")
    try:
        return key, values.parse(value)
    except ValueError:
        return key, value


def _parsed_file(name: str, option: str) -> Json:
    hint = f"'{option}'"
    try:
        return values.parse(Path(name).read_bytes())
    except OSError as error:
        raise click.BadParameter(
            f"cannot read {name}: {error.strerror}", param_hint=hint
        ) from error
    except ValueError as error:
        raise click.BadParameter(f"{name} is not JSON: {error}", param_hint=hint) from error


def _of_file(name: str) -> dict[str, Json]:
    found = _parsed_file(name, "-i")
    if type(found) is not dict:
        raise click.BadParameter(
            f"{name} must hold a JSON object, keys and values, not {values.text(found)[:40]}",
            param_hint="'-i'",
        )
    return found
