"""What somebody wants decided about an execution, and what its refusals have taught on its way to a commit."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from runfox.backend.mail import Letter
from runfox.backend.protocols import Taker
from runfox.backend.weighing import Portion
from runfox.errors import RevisionConflict, RunfoxError, SlotsFull, StaleDelivery
from runfox.graph import NOTHING_KNOWN, Event, Outside, StepResult, Transition, WorkflowRecord

Decide: TypeAlias = Callable[[WorkflowRecord, list[Event], Outside], Transition]


class Wish(NamedTuple):
    """What somebody wants decided about an execution: ``decide``, of its record and what it is told.

    It is told of ``mine``, after what waits in the inbox, if it takes ``mail``. With ``fresh`` the store is asked
    for what is new first. ``taker`` gets the jobs that it makes, as far as there are places. ``once``: to decide
    it again after it was committed would be to do it twice.
    """

    execution_id: str
    decide: Decide
    mine: tuple[Event, ...] = ()
    taker: Taker | None = None
    mail: bool = True
    fresh: bool = True
    once: bool = False


class Attempt:
    """A wish on its way to a commit, and what refusals have taught so far."""

    __slots__ = ("fresh", "outside", "portion", "stale", "taker", "trials", "wish")

    def __init__(self, wish: Wish, limit: int, *, most: int | None = None) -> None:
        """``most`` bounds the jobs that the commit takes."""
        self.wish = wish
        self.taker = wish.taker
        if most is not None and self.taker is not None:
            self.taker = self.taker._replace(places=min(self.taker.places, most))
        self.fresh = wish.fresh
        self.stale: set[tuple[str, int, int]] = set()
        self.outside = NOTHING_KNOWN
        self.portion = Portion(limit)
        self.trials = 0

    def told(self, letters: list[Letter]) -> list[Event]:
        """Return what is to be decided about."""
        told = self.portion.told(letters, self.wish.mine)
        if self.stale:
            told = [one for one in told if not _failure(one) or _run(one) not in self.stale]
        return told

    def fits(self, transition: Transition, letters: list[Letter], told: list[Event]) -> bool:
        """Return whether a transition is one commit; if not, less will be taken on. Raises ``TooLarge``."""
        smaller = self.portion.smaller(transition, letters, told, self.outside)
        self.outside = self.outside if smaller is None else smaller
        return smaller is None

    def learn(self, refusal: RunfoxError) -> None:
        """Note why a commit was refused, so that the next decision is another; raise what no other would mend."""
        match refusal:
            case RevisionConflict():
                self.fresh = True
            case StaleDelivery(runs=runs):
                self.stale.update(runs)
            case SlotsFull(full=full):
                self.outside = self.outside._replace(full={**self.outside.full, **full})
            case _:
                raise refusal
        self.trials += 1


def _failure(event: Event) -> bool:
    return isinstance(event, StepResult) and event.error is not None


def fences(told: list[Event]) -> tuple[tuple[str, int, int], ...]:
    """Return the deliveries whose failure is used, as ``Commit.fences``."""
    return tuple(
        [_run(one) for one in told if type(one) is StepResult and one.error and one.delivery]
    )


def _run(result: Event) -> tuple[str, int, int]:
    assert isinstance(result, StepResult)
    return (result.step_id, result.run_id or 0, result.delivery or 0)
