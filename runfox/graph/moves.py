"""Which moves of a step are legal, as data: fact, from, to. The diagram in NOTES.md is drawn from this table."""

from runfox.status import StepStatus as S

_BEGIN = frozenset({S.READY, S.RETRY, S.WAITING})
_UNDER_WAY = frozenset({S.IN_PROGRESS, S.RETRY, S.WAITING})
_OPEN = _UNDER_WAY | {S.READY}

MOVES: dict[str, tuple[frozenset[S], S]] = {
    # Each kind of body begins with a fact of its own. From waiting: a place in its limit became free.
    "StepDispatched": (_BEGIN, S.IN_PROGRESS),
    "ChildStarted": (_BEGIN, S.IN_PROGRESS),
    "BlockStarted": (_BEGIN, S.IN_PROGRESS),
    "ItemsStarted": (_BEGIN, S.IN_PROGRESS),
    "StepWaiting": (_BEGIN, S.WAITING),
    "StepBlocked": (_BEGIN, S.WAITING),
    # A late success of an earlier attempt is as good as one of the current attempt.
    "StepSucceeded": (_UNDER_WAY, S.COMPLETE),
    "ItemsSucceeded": (frozenset({S.IN_PROGRESS}), S.COMPLETE),
    # Its output was known, so it did not have to run; or an operator gave it.
    "StepRecalled": (_OPEN | {S.FAILED}, S.COMPLETE),
    "StepRetrying": (frozenset({S.IN_PROGRESS, S.WAITING}), S.RETRY),
    # From ready: its input could not be resolved. From complete: a branch judged its success a failure.
    "StepFailed": (_OPEN | {S.COMPLETE}, S.FAILED),
    # A branch completes a step whose turn failed.
    "StepHandled": (_OPEN, S.COMPLETE),
    "StepHalted": (_OPEN | {S.COMPLETE}, S.HALTED),
    "StepSkipped": (_OPEN | {S.FAILED}, S.SKIPPED),
    "StepWithdrawn": (_OPEN, S.CANCELLED),
    "StepUndone": (frozenset({S.COMPLETE, S.FAILED, S.CANCELLED}), S.UNDONE),
    "StepsReset": (frozenset(S), S.READY),
    # An operator lets what ended without success be tried again, in the same turn.
    "StepsReopened": (frozenset({S.FAILED, S.CANCELLED, S.SKIPPED, S.HALTED}), S.READY),
    "BlockReopened": (frozenset({S.FAILED, S.CANCELLED}), S.IN_PROGRESS),
}
"""What each fact about a step may move it from, and to."""


def diagram() -> str:
    """Return the table as a Mermaid state diagram, one line for each move."""
    lines = ["stateDiagram-v2", "    [*] --> ready"]
    for fact, (allowed, after) in MOVES.items():
        if len(allowed) == len(S):
            lines.append(f"    %% {fact}: from every status to {after}")
        else:
            befores = [status for status in S if status in allowed]
            lines += [f"    {before} --> {after}: {fact}" for before in befores]
    return "\n".join(lines)
