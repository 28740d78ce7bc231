"""Ending with whoever has started a process, so that nothing outlives a storm whose master is killed."""

import ctypes
import multiprocessing
from signal import SIGKILL

PR_SET_PDEATHSIG = 1
"""Of Linux, see prctl(2)."""

FORKS = multiprocessing.get_context("forkserver")
"""A process of a storm is forked from one that has imported runfox and done nothing: it is there at once."""

FORKS.set_forkserver_preload(["tests.storms.ancestor"])


def end_with_parent():
    """Have this process killed when its parent is gone. One that is stopped is killed, too."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGKILL)
