"""The picture on a terminal, drawn anew ten times a second."""

import sys
from collections import Counter
from typing import TextIO

from rich.console import Console, RenderableType
from rich.live import Live as RichLive

from runfox.backend.clock import utc_now
from runfox.cli.feed import Moved
from runfox.cli.view.entries import entry_path
from runfox.cli.view.frame import Glance, frame
from runfox.cli.view.tally import Tally
from runfox.graph import WorkflowRecord
from runfox.results import DispatchJob
from runfox.values import Json

PER_SECOND = 10


class Live:
    """Shows the steps until it is left, and leaves the last picture on the screen."""

    def __init__(self, record: WorkflowRecord, stream: TextIO, places: int) -> None:
        self._places = places
        self._tally = Tally(record)
        self._progress: dict[tuple[str, int], int] = {}
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False)
        self._live = RichLive(
            get_renderable=self._picture,
            console=self._console,
            refresh_per_second=PER_SECOND,
            # What an executor prints goes above the picture, but never from a pipe to the terminal.
            redirect_stdout=sys.stdout.isatty(),
            redirect_stderr=sys.stderr.isatty(),
        )

    def __enter__(self) -> None:
        self._live.start(refresh=True)

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def told(self, moved: Moved) -> None:
        self._tally.told(moved)

    def progressed(self, job: DispatchJob, value: Json) -> None:
        if job.execution_id != self._tally.record.execution_id:
            return  # it is of an execution that this one called
        key = (job.step_id, job.run_id)
        self._progress[key] = self._progress.get(key, 0) + 1

    def _picture(self) -> RenderableType:
        record = self._tally.record
        heard: Counter[str] = Counter()
        for (path, run_id), number in list(self._progress.items()):
            cell = record.steps.get(path)
            if cell is not None and cell.run_id == run_id:
                heard[entry_path(path)] += number
        glance = Glance(utc_now(), self._places, heard, self._console.height)
        return frame(self._tally, glance)
