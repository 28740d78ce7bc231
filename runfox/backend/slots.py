"""Whether slots are free: the rule that all stores share. Where holders and starts are kept is theirs."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from runfox.backend.protocols import Claim, Full

SHOWN = 10
"""How many holders are named to who finds no slot."""


class Standing(NamedTuple):
    """How a key stands: how many hold a slot, and when slots of it were given, oldest first."""

    held: int
    starts: Sequence[datetime]


def longest(claims: Iterable[Claim]) -> timedelta | None:
    """Return how far back starts count for any of these claims; None if their key has no rate."""
    return max((claim.per for claim in claims if claim.per is not None), default=None)


def full(claims: Iterable[Claim], standing: Standing, at: datetime) -> Full | None:
    """Return why not all of these new claims of one key can be met, one after the other; None if they can.

    The holders are for the caller to name.
    """
    held, starts = standing.held, list(standing.starts)
    for met, claim in enumerate(claims):
        if claim.max is not None and held >= claim.max:
            return Full((), None, met)
        if claim.count is not None and claim.per is not None:
            counted = [start for start in starts if start > at - claim.per]
            if len(counted) >= claim.count:
                return Full((), counted[-claim.count] + claim.per, met)
        held += 1
        starts.append(at)
    return None


def told(free: int, left: int) -> range:
    """Return the ranks of the waiters of a key to tell, now that some of its slots are free.

    ``left`` slots were freed, or told waiters gone, just now: those of lower rank know already.
    """
    return range(max(0, free - left), max(0, free))
