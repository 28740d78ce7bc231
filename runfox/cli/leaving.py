"""Ending the process, and its streams, when others have left first."""

import errno
import os
import sys
import threading
from typing import TextIO

import click

GONE = (errno.EPIPE, errno.EBADF)
"""Nobody reads a stream, or an executor has closed it."""


def mute(*streams: TextIO) -> None:
    """Send what streams still hold, and what comes, to nowhere: nobody reads them any more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        if stream.closed:
            continue
        try:
            stream.flush()
        except OSError as error:
            if error.errno not in GONE:
                raise
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def remark(text: str) -> None:
    """Print a line on stderr. That nobody reads it any more is no reason to stop working."""
    if sys.stderr is None or sys.stderr.closed:
        return
    try:
        click.echo(text, err=True)
    except OSError as error:
        if error.errno not in GONE:
            raise
        mute(sys.stderr)


def leave_threads() -> None:
    """End the process, with success, if executors left threads behind that Python would wait for, for ever."""
    main = threading.main_thread()
    if all(thread.daemon or thread is main for thread in threading.enumerate()):
        return
    mute(sys.stdout, sys.stderr)
    os._exit(0)
