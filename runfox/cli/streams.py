"""Keeping stdout for one thing."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


@contextmanager
def answer_to(output: str) -> Iterator[TextIO]:
    """Yield where the answer goes. With ``json`` nothing else gets there.

    What handlers print, and the programs that they start, then goes to stderr: the file descriptor
    itself is another for that time.
    """
    if output != "json":
        yield sys.stdout
        return
    sys.stdout.flush()
    number = sys.stdout.fileno()
    with os.fdopen(os.dup(number), "w", encoding="utf-8") as alone:
        os.dup2(sys.stderr.fileno(), number)
        try:
            yield alone
        finally:
            sys.stdout.flush()
            alone.flush()
            os.dup2(alone.fileno(), number)
