"""What a decision has to ask of the world, and what the world answered.

A decision is pure, so it cannot ask. It decides as if the answers that it was not given were no; the store
then refuses the commit, or the caller finds the answers first, and the decision is made again with them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from runfox.values import Json


class Claim(NamedTuple):
    """A place that a run of a step takes in a limit, with its commit.

    At most ``max`` hold one of ``key`` at once, and at most ``count`` began within ``per``.
    """

    key: str
    step: str
    run_id: int
    max: int | None
    count: int | None  # type: ignore[assignment] # hides a method of tuples
    per: timedelta | None


class Full(NamedTuple):
    """A limit without a free place. ``holders`` are (execution_id, step, run_id); ``until`` is when a rate frees.

    ``free`` is how many of the claims of the key that the commit made could have been met.
    """

    holders: tuple[tuple[str, str, int], ...]
    until: datetime | None = None
    free: int = 0


class Question(NamedTuple):
    """What a decision needs to know: the output kept for ``step`` under ``key``; or, of step "", the id of the
    workflow that is called ``key``."""

    step: str
    key: str


class Kept(NamedTuple):
    """An output to keep for whoever asks for ``step`` and ``key``, ``until`` a moment (None: for good)."""

    step: str
    key: str
    output: Json
    until: datetime | None


class Outside(NamedTuple):
    """What is known of the world.

    ``full`` are limits without a free place, by key. ``answers`` are those that there are, None for what was
    looked for in vain. ``refused`` are executions that could not be created, by the id that they would have had,
    with the error. ``most`` is how many runs one decision may hand out, None for all that may begin: the others
    are ready still, and begin with the next.
    """

    full: Mapping[str, Full] = {}
    answers: Mapping[Question, Any] = {}
    refused: Mapping[str, dict[str, Json]] = {}
    most: int | None = None


NOTHING_KNOWN = Outside()


class Wishes:
    """What a decision wants of others than the execution itself, while it is made. Nearly always it is nothing.

    Attributes:
        questions: What has to be known first.
        claims, blocked, freed: Places in limits that are taken, waited for, and left.
        replaced: Runs elsewhere that have to make way.
        kept: Outputs to keep for others.
        reported, detached: Runs whose executions have ended, or are not waited for.
        retried: Executions that go on.
    """

    __slots__ = (
        "blocked",
        "claims",
        "detached",
        "freed",
        "kept",
        "questions",
        "replaced",
        "reported",
        "retried",
    )

    def __init__(self) -> None:
        self.questions: dict[Question, None] = {}
        self.claims: list[Claim] = []
        self.blocked: list[Claim] = []
        self.freed: list[tuple[str, int]] = []
        self.replaced: list[tuple[str, str, int]] = []
        self.kept: list[Kept] = []
        self.reported: set[tuple[str, int]] = set()
        self.detached: dict[tuple[str, int], str] = {}
        self.retried: list[str] = []

    def unclaim(self, step: str, run_id: int) -> None:
        """Take back the claim of a run that this decision made: it did not begin, or is over already."""
        self.claims = [one for one in self.claims if (one.step, one.run_id) != (step, run_id)]

    def wait_no_more(self, step: str, run_id: int) -> None:
        """Take back that a run waits for a place, if this decision said so."""
        self.blocked = [one for one in self.blocked if (one.step, one.run_id) != (step, run_id)]
