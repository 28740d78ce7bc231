"""A queue in the hands of a test."""

from datetime import timedelta
from typing import NamedTuple

from runfox.backend.protocols import Inbox, Store, Taker
from runfox.backend.queue import Jobs
from runfox.testing.builders import created
from runfox.testing.clock import FakeClock

LEASE = timedelta(seconds=60)
ONE = Taker("w1", LEASE)
TWO = Taker("w2", LEASE)


class Bench(NamedTuple):
    """A queue on a bench: its ``clock`` is in the test's hand.

    ``inbox`` is where the failures of runs go that cost too many workers their lease. ``keys`` are the long
    ids of two executions that jobs can be of.
    """

    source: Jobs
    inbox: Inbox
    clock: FakeClock
    keys: tuple[str, str]


def bench_of(store: Store, clock: FakeClock) -> Bench:
    """Return the queue of a store that keeps jobs. The store has to go by that clock."""
    keys = (created(store, "x1").origin.key, created(store, "x2").origin.key)
    return Bench(store.ledger, store, clock, keys)  # type: ignore[attr-defined,arg-type]
