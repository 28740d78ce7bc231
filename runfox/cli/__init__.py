"""The command line. What a person touches, over ``Backend`` and ``Workflow``: no rule of workflows is here.

Importing this needs neither click nor rich; ``main`` does, and says how to install them.
"""

import sys
from collections.abc import Sequence
from importlib.util import find_spec

from runfox.errors import MissingExtra

__all__ = ["main"]

NEEDS = ("click", "rich")


def main(arguments: Sequence[str] | None = None, *, program: str = "runfox") -> int:
    """Do what the arguments say, by default those of this process, and return the exit code.

    0 complete, 1 failed, 2 usage or a bad workflow, 3 halted, 4 still pending, 130 interrupted.
    """
    if any(find_spec(name) is None for name in NEEDS):
        print(f"runfox: {MissingExtra('the command line', 'cli')}", file=sys.stderr)
        return 2
    from runfox.cli.app import invoke

    return invoke(list(sys.argv[1:] if arguments is None else arguments), program)
