"""Telling others what was committed: after the commit, in the committing process, and never to its harm."""

import logging
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from runfox.graph import Transition, WorkflowRecord, evolve
from runfox.values import Json

logger = logging.getLogger("runfox")

OnStateChange: TypeAlias = Callable[[str, dict[str, Json], dict[str, Json]], Any]
"""Called with the workflow execution id, the previous ``state`` and the new one."""

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


def observer_of(on_state_change: OnStateChange) -> Observer:
    """Return an observer that tells of every change of ``state``."""

    def observe(before: WorkflowRecord, transition: Transition) -> None:
        for previous, state in state_changes(before, transition):
            on_state_change(before.origin.key, previous, state)

    return observe


def tell(observers: list[Observer], before: WorkflowRecord, transition: Transition) -> None:
    """Call the observers. What one raises is logged: the commit is made, and nothing may undo it."""
    for observer in observers:
        try:
            observer(before, transition)
        except Exception:
            logger.exception("an observer failed", extra={"execution": before.origin.key})
