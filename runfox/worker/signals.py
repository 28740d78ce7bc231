"""Ending a worker as operators do."""

import signal
from types import FrameType
from typing import Protocol


class Stoppable(Protocol):
    def stop(self) -> None:
        """Begin to stop; again: stop now."""


def install_signals(worker: Stoppable) -> None:
    """Let SIGTERM and SIGINT stop a worker: once to drain it, twice to give its jobs back at once."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
