"""How a running execution is shown: live on a terminal, as lines elsewhere, or not at all."""

import os
import sys
from typing import Protocol

from runfox.cli.feed import Moved
from runfox.graph import WorkflowRecord
from runfox.results import DispatchJob
from runfox.values import Json

__all__ = ["Silent", "View", "open_view"]


class View(Protocol):
    """Shows one execution while it is entered."""

    def __enter__(self) -> object: ...

    def __exit__(self, *_: object) -> None: ...

    def told(self, moved: Moved) -> None:
        """Take note of a commit. Called once for each, in order."""

    def progressed(self, job: DispatchJob, value: Json) -> None:
        """Take note of what an executor yielded. Called from any thread."""


class Silent:
    """Shows nothing."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...

    def told(self, moved: Moved) -> None: ...

    def progressed(self, job: DispatchJob, value: Json) -> None: ...


def open_view(record: WorkflowRecord, *, places: int) -> View:
    """Return the view that suits: live on stdout or stderr, if one of them is a terminal.

    ``places`` is how many steps are executed at a time.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown"):
            from runfox.cli.view.live import Live

            return Live(record, stream, places)
    from runfox.cli.view.lines import Lines

    return Lines(record, sys.stderr)
