"""Ending the process, and its streams, when others have left first."""

import os
import sys
from typing import NoReturn, TextIO

import click


def mute(*streams: TextIO) -> None:
    """Send what streams still hold, and what comes, to nowhere: nobody reads them any more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def remark(text: str) -> None:
    """Print a line on stderr. That nobody reads it any more is no reason to stop working."""
    try:
        click.echo(text, err=True)
    except BrokenPipeError:
        mute(sys.stderr)


def leave_now(code: int) -> NoReturn:
    """End the process although threads of it are at work: Python would wait for them, maybe for ever."""
    mute(sys.stdout, sys.stderr)
    os._exit(code)
