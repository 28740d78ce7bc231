"""What the facts of one commit weigh, and what is left to a later one where they weigh too much."""

from collections.abc import Sequence
from typing import Any

from runfox.backend.mail import Letter
from runfox.backend.messages import rest_message, result_message
from runfox.backend.protocols import Message
from runfox.errors import TooLarge
from runfox.execution import failure
from runfox.graph import ChildEnded, Event, Fact, Outside, StepResult, Transition
from runfox.values import size

_LONG = 1_000
"""Texts of fewer characters are names and words of ours."""


def weight(facts: Sequence[Fact]) -> int:
    """Return about how many bytes of JSON facts carry: outputs, inputs, items, errors, but not their frame."""
    return sum(map(_weight, facts))


def _weight(fact: Any) -> int:
    total = 0
    for field in fact:
        kind = type(field)
        if kind is dict or kind is list:
            total += size(field)
        elif kind is tuple:
            total += size(list(field))
        elif kind is str and len(field) > _LONG:
            total += len(field)
    return total


class Portion:
    """How much one decision takes on: all that there is, until that is too much for one commit."""

    __slots__ = ("_instead", "_letters", "_limit", "_mine")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._letters: int | None = None
        self._mine: int | None = None
        self._instead: list[Event] | None = None

    def of(self, letters: list[Letter]) -> list[Letter]:
        """Return the letters that are taken on; the others stay in the inbox."""
        return letters[: self._letters]

    def told(self, letters: list[Letter], mine: Sequence[Event]) -> list[Event]:
        """Return all that the decision is told of."""
        if self._instead is not None:
            return self._instead
        mine = mine[: self._mine]
        return [*[letter.event for letter in letters], *mine] if letters else list(mine)

    def left(self, execution_id: str, mine: Sequence[Event], token: str) -> tuple[Message, ...]:
        """Return what the commit says to its own execution: what was left out of it, and that something was."""
        if self._letters is None:
            return ()
        others = mine[self._mine :] if self._mine is not None else ()
        results = [
            result_message(execution_id, one) for one in others if isinstance(one, StepResult)
        ]
        return (*results, rest_message(execution_id, token))

    def smaller(
        self, transition: Transition, letters: list[Letter], told: list[Event], outside: Outside
    ) -> Outside | None:
        """Take on less where a transition is too large, and return what the next one is to know; None if it fits.

        First fewer letters, then fewer results, then fewer runs to hand out: the others are ready still. Then the
        one output is the failure that it is too large. Raises ``TooLarge`` where that is not it either.
        """
        # One fact or two, whose parts have limits of their own, are always taken.
        weighed = weight(transition.facts) if len(transition.facts) > 2 else 0
        if weighed <= self._limit:
            return None
        self._letters = len(letters) // 2 if len(letters) > 1 else len(letters)
        if len(letters) > 1:
            return outside
        mine = len(told) - len(letters)
        if mine > 1 and all(isinstance(one, StepResult) for one in told[len(letters) :]):
            self._mine = mine // 2
            return outside
        runs = len(transition.jobs) + len(transition.elsewhere.starts)
        if runs > 1:
            # By what they weigh on the average, and surely fewer than they were.
            most = max(1, min(runs * self._limit // weighed, runs - 1))
            return outside._replace(most=most)
        self._instead = failed(told, self._limit)
        return outside


def too_large(limit: int, what: str = "what would become true at once") -> TooLarge:
    """Return the error of a commit that cannot be made smaller."""
    return TooLarge(what, limit="max_facts", allowed=limit)


def check_beginning(transition: Transition, limit: int) -> None:
    """Check the first commit of an execution: labels, and a history that is forked. Raises ``TooLarge``."""
    if weight(transition.facts) > limit:
        raise too_large(limit, "what the execution begins with")


def failed(told: Sequence[Event], limit: int) -> list[Event]:
    """Return what was told, its one output as the failure that it is too large. Raises ``TooLarge``."""
    message = f"with it a commit would be over the limit max_facts ({limit} bytes); return a reference to it"
    match told[0] if len(told) == 1 else None:
        case StepResult(step, run_id, error=None, delivery=delivery):
            return [failure(step, run_id, "TooLarge", message, delivery=delivery)]
        case ChildEnded(error=None) as event:
            error = {"type": "TooLarge", "message": message}
            return [event._replace(output=None, error=error)]
        case _:
            raise too_large(limit)
