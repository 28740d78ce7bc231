"""Which moves of a step are legal, as data: fact, from, to. The diagram in NOTES.md is drawn from this table."""

from runfox.status import StepStatus as S

MOVES: dict[str, tuple[frozenset[S], S]] = {
    "StepDispatched": (frozenset({S.READY, S.RETRY}), S.IN_PROGRESS),
    # A late success of an earlier attempt is as good as one of the current attempt.
    "StepSucceeded": (frozenset({S.IN_PROGRESS, S.RETRY}), S.COMPLETE),
    "StepRetrying": (frozenset({S.IN_PROGRESS}), S.RETRY),
    # From ready: its input could not be resolved. From complete: a branch judged its success a failure.
    "StepFailed": (frozenset({S.READY, S.IN_PROGRESS, S.RETRY, S.COMPLETE}), S.FAILED),
    # A branch completes a step whose turn failed.
    "StepHandled": (frozenset({S.READY, S.IN_PROGRESS, S.RETRY}), S.COMPLETE),
    "StepHalted": (frozenset({S.READY, S.IN_PROGRESS, S.RETRY, S.COMPLETE}), S.HALTED),
    "StepSkipped": (frozenset({S.READY}), S.SKIPPED),
    "StepWithdrawn": (frozenset({S.IN_PROGRESS, S.RETRY, S.WAITING}), S.CANCELLED),
    "StepsReset": (frozenset(S), S.READY),
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
