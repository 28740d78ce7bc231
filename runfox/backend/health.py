"""Whether anybody looks after a store, and whether what it keeps moves: facts, and what they mean."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from runfox.backend.protocols import Depth, Finding, Limits, WorkerRow
from runfox.backend.stalling import Kind, Stalled

SKEW = timedelta(seconds=5)
"""How far the clock of this host may be from that of the store."""

LATELY = timedelta(minutes=5)
"""How long ago somebody has to have swept: who is idle notes it once a minute."""


def schema_finding(found: int, made: int) -> Finding:
    """Whether the tables are those that this runfox makes, by their versions."""
    what = f"schema version {found}"
    if found == made:
        return Finding("ok", "schema", what)
    return Finding("problem", "schema", f"{what}, and this runfox makes {made}", "'runfox migrate'")


class Facts(NamedTuple):
    """How a store and its queue stand. ``host`` is the time here when the store said ``now``."""

    now: datetime
    host: datetime
    workers: Collection[WorkerRow]
    depths: Collection[Depth]
    swept: datetime | None
    open: int
    stalled: Collection[Stalled]
    limits: Limits


def findings(facts: Facts) -> list[Finding]:
    """Return what the facts mean."""
    return [clocks(facts), drivers(facts), queues(facts), standing_still(facts), limits(facts)]


def clocks(facts: Facts) -> Finding:
    """Whether the clock of this host is that of the store, by which leases and timers are judged."""
    skew = facts.host - facts.now
    what = f"this host is {abs(skew).total_seconds():.1f} s {'ahead of' if skew > timedelta(0) else 'behind'}"
    if abs(skew) <= SKEW:
        return Finding("ok", "clock", f"{what} the store")
    out = "leases and timers go by the store's clock, so nothing is lost; what people see here is off. Use NTP"
    return Finding("warning", "clock", f"{what} the store", out)


def drivers(facts: Facts) -> Finding:
    """Whether somebody moves executions on: a worker or a driver at work, or a sweep lately."""
    alive = [
        row for row in facts.workers if row.alive and (row.until is None or row.until > facts.now)
    ]
    counts = Counter(row.role for row in alive)
    if alive:
        told = ", ".join(
            f"{counts[role]} {role}{'s' if counts[role] > 1 else ''}" for role in sorted(counts)
        )
        return Finding("ok", "drivers", f"{told} at work")
    swept = "never" if facts.swept is None else f"last at {facts.swept:%Y-%m-%d %H:%M:%S} UTC"
    what = f"no worker or driver is at work; swept {swept}"
    if facts.swept is not None and facts.now - facts.swept <= LATELY:
        return Finding("ok", "drivers", what)
    if not facts.open:
        return Finding("ok", "drivers", f"{what}; nothing is open")
    return Finding(
        "warning",
        "drivers",
        f"{what}; {facts.open:,} executions are open",
        "start 'runfox worker', 'runfox drive', or 'runfox sweep --once' from cron",
    )


def queues(facts: Facts) -> Finding:
    """How many steps wait, and are at work."""
    counts = Counter[str]()
    for row in facts.depths:
        counts[row.status] += row.jobs
    return Finding(
        "ok", "queue", f"{counts['queued']:,} steps wait, {counts['taken']:,} are with workers"
    )


def standing_still(facts: Facts) -> Finding:
    """Whether something does not move that should."""
    counts = Counter(one.kind for one in facts.stalled)
    if not counts:
        return Finding("ok", "stale", "everything moves")
    told: dict[Kind, str] = {
        "lost": "steps are with workers that are gone",
        "waiting": "steps wait for a worker for long",
        "due": "executions are due, and nobody moves them on",
        "quiet": "executions have not moved for long",
        "newer": "executions are left to a newer runfox, which does not move them on",
    }
    what = "; ".join(f"{counts[kind]:,} {words}" for kind, words in told.items() if counts[kind])
    return Finding("warning", "stale", what, "'runfox stale' names them, each with the way out")


def limits(facts: Facts) -> Finding:
    """What the store takes at most."""
    told = ", ".join(f"{name} {value:,}" for name, value in facts.limits._asdict().items())
    return Finding("ok", "limits", f"{told} bytes")
