"""Exit codes: how an execution ended, in one number."""

from typing import Final, assert_never

from runfox.results import Cancelled, Complete, Ended, Failed, Halt

COMPLETE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
HALTED: Final = 3
PENDING: Final = 4
INTERRUPTED: Final = 130
TERMINATED: Final = 143
PIPE_CLOSED: Final = 141


def code_of(ended: Ended) -> int:
    """Return the exit code of a command that saw an execution end like this."""
    match ended:
        case Complete():
            return COMPLETE
        case Failed() | Cancelled():
            return FAILED
        case Halt():
            return HALTED
        case _:
            assert_never(ended)
