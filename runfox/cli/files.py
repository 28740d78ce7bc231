"""Reading the workflow file that a command names."""

from runfox import spec
from runfox.cli.refusal import Refused
from runfox.spec import Spec


def load_spec(file: str) -> Spec:
    """Return the workflow of a file. Raises ``SpecError`` with every problem, and a usage error without a file."""
    try:
        return spec.load_file(file)
    except OSError as error:
        raise Refused(f"cannot read {file}: {error.strerror}") from error
