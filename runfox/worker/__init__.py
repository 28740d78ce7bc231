"""A process, or a thread, that takes jobs of any execution, executes them, and moves the executions on.

And one that moves them on alone.
"""

from runfox.worker.driving import Driver
from runfox.worker.signals import install_signals
from runfox.worker.worker import Worker

__all__ = ["Driver", "Worker", "install_signals"]
