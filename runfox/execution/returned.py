"""From what an executor returned, or raised, to a result that can be stored."""

from collections.abc import Callable

from runfox.graph import StepResult
from runfox.values import NotJson, TooBig, checked, shown

MAX_OUTPUT = 1_000_000
MAX_MESSAGE = 4_000
MAX_KIND = 200


def result_from(
    step_id: str, run_id: int | None, output: object, *, delivery: int | None = None
) -> StepResult:
    """Return the result of a run that answered ``output``: a failure if that cannot be stored."""
    if type(output) is not dict:
        kind = "None" if output is None else f"a {type(output).__name__}"
        message = f"an executor must return a dict, and this one returned {kind}"
        return failure(step_id, run_id, "OutputInvalid", message, delivery=delivery)
    try:
        return StepResult(step_id, run_id, checked(output, limit=MAX_OUTPUT), None, delivery)
    except NotJson as error:
        return failure(step_id, run_id, "OutputInvalid", f"output{error}", delivery=delivery)
    except TooBig:
        message = f"the output is over the limit max_output ({MAX_OUTPUT} bytes); return a reference to it"
        return failure(step_id, run_id, "TooLarge", message, delivery=delivery)


def failure(
    step_id: str, run_id: int | None, kind: str, message: str, *, delivery: int | None = None
) -> StepResult:
    """Return the result of a run that failed. The message is cut to 4,000 characters, and is text for sure."""
    error = {"type": _text(kind, MAX_KIND), "message": _text(message, MAX_MESSAGE)}
    return StepResult(step_id, run_id, None, error, delivery)


def _text(value: str, most: int) -> str:
    return value[:most].encode("utf-8", "replace").decode()


def raised(
    step_id: str,
    run_id: int,
    error: BaseException,
    delivery: int,
    *,
    hide: Callable[[str], str] = str,
) -> StepResult:
    """Return the result of a run that ended in an exception: its class and its text, never the object.

    ``hide`` takes out of the text what nobody must see, before it is cut: the half of a secret is one too.
    """
    try:
        message = str(error)
    except KeyboardInterrupt:
        raise
    except BaseException as broken:  # noqa: BLE001 - a hostile __str__ must not lose the failure
        message = f"(its message cannot be read: {type(broken).__name__})"
    if isinstance(error, SystemExit):
        message = f"the executor called sys.exit({shown(error.code)})"
    return failure(step_id, run_id, type(error).__name__, hide(message), delivery=delivery)
