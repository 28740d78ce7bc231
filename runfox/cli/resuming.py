"""The command that goes on with an execution."""

import shlex
from typing import NamedTuple

import click

from runfox.cli.databases import Place
from runfox.cli.handlers import Handlers

CONCURRENCY = 8
"""How many steps ``run`` and ``resume`` execute at a time, unless told otherwise."""


class Setting(NamedTuple):
    """What a person chose, and has to choose again."""

    place: Place
    handlers: Handlers | None
    concurrency: int
    mode: str | None


def resume_command(key: str, setting: Setting) -> str:
    """Return the command, ready for a shell in the same folder."""
    words = ["resume", key.rpartition("#")[2], *setting.place.words]
    if setting.handlers is None:
        words.append("--external")
    else:
        words += ["--executor", str(setting.handlers)]
        if setting.concurrency != CONCURRENCY:
            words += ["--concurrency", str(setting.concurrency)]
        if setting.mode is not None:
            words += ["--mode", setting.mode]
    return _command(words)


def going_on(key: str, place: Place) -> str:
    """Return the command that drives an execution, as somebody types it who chose nothing else."""
    return _command(["resume", key.rpartition("#")[2], *place.words])


def _command(words: list[str]) -> str:
    program = click.get_current_context().find_root().info_name or "runfox"
    return f"{program} {shlex.join(words)}"
