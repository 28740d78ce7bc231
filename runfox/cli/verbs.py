"""Doing what an operator wants of executions, and telling what came of it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import click

from runfox.backend import Backend, driver
from runfox.cli.codes import COMPLETE, USAGE
from runfox.cli.databases import Place
from runfox.cli.leaving import remark
from runfox.cli.resuming import going_on
from runfox.cli.texts import harmless, machine
from runfox.errors import RequestError, StoreError
from runfox.graph import WorkflowRecord
from runfox.status import WorkflowStatus
from runfox.values import Json

_PHASES = {
    "draining": "what is at work is waited for, then all is undone",
    "undoing": "what was done is being undone",
    "finally": "the steps of finally run",
}


class Telling(NamedTuple):
    """How a verb tells what it did.

    ``done`` is that in a word, ``place`` the database. ``tail`` is asked afterwards what more there is to say.
    """

    done: str
    place: Place
    output: str = "text"
    tail: Callable[[], str] = str


def on_one(backend: Backend, key: str, verb: Callable[[str], object], telling: Telling) -> int:
    """Do a verb to one execution. Raises what the verb raises."""
    verb(key)
    _tell([_done(backend, key, telling)], telling)
    _tell_who_goes_on(backend, [key], telling)
    return COMPLETE


def on_all(
    backend: Backend, keys: Sequence[str], verb: Callable[[str], object], telling: Telling
) -> int:
    """Do a verb to each; one that refuses is told of, and does not keep it from the others."""
    if len(keys) == 1:
        return on_one(backend, keys[0], verb, telling)
    told: list[dict[str, Json]] = []
    good: list[str] = []
    for key in keys:
        try:
            verb(key)
        except StoreError:
            raise
        except RequestError as error:
            told.append({"id": key, "refused": str(error)})
        else:
            told.append(_done(backend, key, telling))
            good.append(key)
    _tell(told, telling)
    _tell_who_goes_on(backend, good, telling)
    return COMPLETE if len(good) == len(keys) else USAGE


def settle(backend: Backend, key: str) -> WorkflowRecord:
    """Decide all that can be decided about an execution, and those that it called, and execute nothing."""
    family = driver.Family(backend, key, None)
    family.look_around()
    family.move([])
    return backend.load(key)


def _done(backend: Backend, key: str, telling: Telling) -> dict[str, Json]:
    record = settle(backend, key)
    told: dict[str, Json] = {
        "id": key,
        "done": f"{telling.done} {telling.tail()}".strip(),
        "status": record.status.value,
    }
    if record.ending is not None:
        told["ending"] = record.ending.phase
    return told


def _tell(told: Sequence[dict[str, Json]], telling: Telling) -> None:
    if telling.output == "json":
        click.echo(machine(list(told)))
        return
    for each in told:
        name = str(each["id"]).rpartition("#")[2]
        if "refused" in each:
            remark(harmless(f"{name}: {each['refused']}"))
        else:
            state = _PHASES.get(str(each.get("ending"))) or each["status"]
            click.echo(harmless(f"{name}: {each['done']} ({state})"))


def _tell_who_goes_on(backend: Backend, keys: Sequence[str], telling: Telling) -> None:
    """Name the command that drives an execution, if it is only one and there is something left to do."""
    if telling.output == "json" or len(keys) != 1:
        return
    record = backend.load(keys[0])
    command = going_on(keys[0], telling.place)
    if record.status is WorkflowStatus.PAUSED:
        remark(f"Let it go on with: {command}")
    elif not record.status.ended:
        remark(f"Workers go on with it, or: {command}")
