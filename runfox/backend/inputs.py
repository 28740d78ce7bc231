"""What an execution is created with: checked, and with what its schema fills in."""

from typing import Any

from runfox.backend.protocols import Limits
from runfox.errors import InputsInvalid
from runfox.spec import Spec
from runfox.values import Json, NotJson, TooBig, checked


def checked_inputs(spec: Spec, inputs: Any, limits: Limits) -> dict[str, Json]:
    """Return a copy of inputs that can be stored, defaults filled in. Raises ``InputsInvalid``."""
    if inputs is not None and type(inputs) is not dict:
        raise InputsInvalid(f"inputs must be a dict of JSON values, not {type(inputs).__name__}")
    try:
        kept: dict[str, Json] = checked(inputs or {}, limit=limits.max_inputs)
        if spec.inputs is not None:
            kept = checked(spec.inputs.filled(kept), limit=limits.max_inputs)
    except NotJson as error:
        raise InputsInvalid(f"inputs{error}") from None
    except TooBig as error:
        raise InputsInvalid(
            f"inputs are over the limit max_inputs ({error.limit} bytes); pass a reference instead"
        ) from None
    problems = spec.inputs.problems(kept) if spec.inputs is not None else []
    if problems:
        raise InputsInvalid(f"inputs do not fit the schema of {spec.name!r}: {'; '.join(problems)}")
    return kept
