"""Ending the process, and its streams, when others have left first."""

import os
import sys
from typing import TextIO

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
