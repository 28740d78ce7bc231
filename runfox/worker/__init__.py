"""A process, or a thread, that takes jobs of any execution, executes them, and moves the executions on."""

from runfox.worker.signals import install_signals
from runfox.worker.worker import Worker

__all__ = ["Worker", "install_signals"]
