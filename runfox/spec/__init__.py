"""What a workflow file means and may hold: from YAML, JSON or a dict to a checked ``Spec``."""

from runfox.spec import durations, instants
from runfox.spec.codes import CODES
from runfox.spec.loading import build, check_text, from_data, load, load_file
from runfox.spec.model import (
    Action,
    Branch,
    Cancel,
    Complete,
    Fail,
    Finish,
    Halt,
    Retry,
    Rollback,
    Set,
    Spec,
    Step,
)
from runfox.spec.problem import Problem
from runfox.spec.schema import schema

__all__ = [
    "CODES",
    "Action",
    "Branch",
    "Cancel",
    "Complete",
    "Fail",
    "Finish",
    "Halt",
    "Problem",
    "Retry",
    "Rollback",
    "Set",
    "Spec",
    "Step",
    "build",
    "check_text",
    "durations",
    "from_data",
    "instants",
    "load",
    "load_file",
    "schema",
]
