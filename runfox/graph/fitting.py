"""Whether an output can be taken: it fits its schema, the declared keys of ``state``, and the limit of that."""

from typing import Any

from runfox.graph.draft import Draft
from runfox.graph.facts import Error
from runfox.graph.frames import FrameDraft
from runfox.graph.merging import merged, unfit
from runfox.spec.model import Step
from runfox.values import size

MAX_STATE = 1_000_000

STATE_TOO_LARGE = f"state would be over the limit max_state ({MAX_STATE} bytes)"


def refusal(draft: Draft, frame: FrameDraft, step: Step, output: Any) -> Error | None:
    """Return why an output cannot be taken, as the error of its attempt; None if it can."""
    if step.output is not None:
        problems = step.output.problems(output)
        if problems:
            message = f"the output does not fit its schema: {'; '.join(problems)}"
            return {"type": "OutputInvalid", "message": message}
    if not output or type(output) is not dict or not frame.merges:
        return None
    declared = draft.plan.spec.state
    if declared:
        misfit = unfit(declared, draft.state, output)
        if misfit is not None:
            return {"type": "OutputInvalid", "message": misfit}
    if _state_too_large(draft, output):
        return {"type": "TooLarge", "message": STATE_TOO_LARGE}
    return None


def _state_too_large(draft: Draft, output: dict[str, Any]) -> bool:
    draft.state_bytes += size(output)
    if draft.state_bytes <= MAX_STATE:
        return False
    # The running sum counts overwritten values too, so it only says that it is time to measure.
    declared = draft.plan.spec.state
    after = merged(declared, draft.state, output) if declared else output
    draft.state_bytes = size({**draft.state, **after})
    if draft.state_bytes <= MAX_STATE:
        return False
    draft.state_bytes = size(dict(draft.state))
    return True
