"""runfox interprets workflows written as YAML.

A workflow is data; so are its branches and loops. ``Workflow`` is the handle on one execution, ``Backend``
composes the store that keeps it and the runner that finds it workers.
"""

from typing import TYPE_CHECKING, Any

from runfox.backend import Backend, InMemoryStore, InProcessRunner, InProcessWorker
from runfox.errors import RunfoxError, SpecError
from runfox.results import (
    Cancelled,
    Complete,
    Decision,
    Dispatch,
    DispatchJob,
    Failed,
    Halt,
    Pending,
)
from runfox.status import StepStatus, WorkflowStatus
from runfox.workflow import Workflow

if TYPE_CHECKING:
    from runfox.backend import AsyncBackend, SqliteRunner, SqliteStore
    from runfox.tokens import Tokens

__version__ = "0.1.0"

__all__ = [
    "AsyncBackend",
    "Backend",
    "Cancelled",
    "Complete",
    "Decision",
    "Dispatch",
    "DispatchJob",
    "Failed",
    "Halt",
    "InMemoryStore",
    "InProcessRunner",
    "InProcessWorker",
    "Pending",
    "RunfoxError",
    "SpecError",
    "SqliteRunner",
    "SqliteStore",
    "StepStatus",
    "Tokens",
    "Workflow",
    "WorkflowStatus",
    "__version__",
]


def __getattr__(name: str) -> Any:
    """Import what not every program needs when it is first asked for."""
    if name in ("AsyncBackend", "SqliteRunner", "SqliteStore"):
        from runfox import backend

        return getattr(backend, name)
    if name == "Tokens":
        from runfox.tokens import Tokens

        return Tokens
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
