"""A line for every event, for logs and pipes."""

from datetime import timedelta
from typing import TextIO

from runfox.backend.clock import utc_now
from runfox.cli.drawing.labels import cut
from runfox.cli.feed import Moved
from runfox.cli.texts import harmless, seconds
from runfox.cli.view.entries import name_width
from runfox.cli.view.wording import Line, lines
from runfox.graph import WorkflowCreated, WorkflowRecord
from runfox.graph.facts import UndoRecorded, WorkflowEnded
from runfox.results import DispatchJob
from runfox.values import Json

_SECOND = timedelta(seconds=1)
_WIDEST = 28
# What the outcome tells, and what is of interest only once it happens.
_FRAMING = (WorkflowCreated, WorkflowEnded, UndoRecorded)


class Lines:
    """Prints what happens, with the seconds since the command began."""

    def __init__(self, record: WorkflowRecord, stream: TextIO) -> None:
        self._began = utc_now()
        self._stream: TextIO | None = stream
        self._width = name_width(record.plan, _WIDEST)

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...

    def told(self, moved: Moved) -> None:
        for fact, line in zip(moved.facts, lines(*moved), strict=True):
            if type(fact) not in _FRAMING:
                at = fact.at
                self._print((at - self._began) / _SECOND, line)
        self._flush()

    def progressed(self, job: DispatchJob, value: Json) -> None: ...

    def _print(self, elapsed: float, line: Line) -> None:
        name = cut(line.step, self._width).ljust(self._width)
        self._write(f"{seconds(elapsed):>8}  {name}  {harmless(line.text)}\n")

    def _write(self, text: str) -> None:
        if self._stream is not None:
            try:
                self._stream.write(text)
            except BrokenPipeError:
                self._stream = None  # nobody reads: the work goes on

    def _flush(self) -> None:
        self._write("")
        if self._stream is not None:
            try:
                self._stream.flush()
            except BrokenPipeError:
                self._stream = None
