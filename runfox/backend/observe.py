"""Telling others what was committed: after the commit, in the committing process, and never to its harm."""

import logging
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from runfox.graph import Transition, WorkflowRecord, ended, evolve
from runfox.graph.facts import WorkflowEnded
from runfox.results import Ended
from runfox.values import Json

logger = logging.getLogger("runfox")

OnStateChange: TypeAlias = Callable[[str, dict[str, Json], dict[str, Json]], Any]
"""Called with the workflow execution id, the previous ``state`` and the new one."""

OnEnd: TypeAlias = Callable[[str, Ended], Any]
"""Called with the workflow execution id, and how it ended."""

Observer: TypeAlias = Callable[[WorkflowRecord, Transition], Any]
"""Called with the record before, and the transition that was committed."""


def state_changes(
    before: WorkflowRecord, transition: Transition
) -> Iterator[tuple[dict[str, Json], dict[str, Json]]]:
    """Yield ``state`` before and after each fact that changed it. Costs O(facts * state): only who asks pays."""
    record, previous = before, dict(before.state)
    for fact in transition.facts:
        record = evolve(record, fact)
        state = dict(record.state)
        if state != previous:
            yield previous, state
            previous = state


def observers_of(on_state_change: OnStateChange | None, on_end: OnEnd | None) -> list[Observer]:
    """Return the observers that tell what somebody wants to be told, in this order."""
    found = []
    if on_state_change is not None:
        found.append(_of_state(on_state_change))
    if on_end is not None:
        found.append(_of_end(on_end))
    return found


def _of_state(on_state_change: OnStateChange) -> Observer:

    def observe(before: WorkflowRecord, transition: Transition) -> None:
        for previous, state in state_changes(before, transition):
            on_state_change(before.origin.key, previous, state)

    return observe


def _of_end(on_end: OnEnd) -> Observer:
    def observe(_: WorkflowRecord, transition: Transition) -> None:
        # Commits come after the end, too, of late results and signals that nobody waits for.
        after, facts = transition.record, transition.facts
        if after.status.ended and any(isinstance(fact, WorkflowEnded) for fact in facts):
            on_end(after.origin.key, ended(after))

    return observe


def tell(observers: list[Observer], before: WorkflowRecord, transition: Transition) -> None:
    """Call the observers. What one raises is logged: the commit is made, and nothing may undo it."""
    for observer in observers:
        try:
            observer(before, transition)
        except Exception:
            logger.exception("an observer failed", extra={"execution": before.origin.key})
