"""What must be true after a storm: nothing lost, nothing recorded twice, each repeated start explained."""

import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from itertools import pairwise
from typing import NamedTuple

from runfox.backend import codec, records
from runfox.backend.postgres.address import address_of
from runfox.backend.protocols import Query
from runfox.graph.facts import (
    SignalIgnored,
    SignalReceived,
    StepDispatched,
    StepSucceeded,
)
from tests.storms.flows import ends, said
from tests.storms.notes import SECOND, effects, lines
from tests.storms.processes import LEASE

LAPSED = 0.9 * LEASE.total_seconds() * SECOND
"""A lease of which so much is over may have run out: where most of it is left, it is not renewed."""

EMPTY = ("jobs", "inbox", "slots", "slot_waits")
"""What is empty when all runs have ended."""

ALL = 10_000_000


class Verdict(NamedTuple):
    """What was found. ``repeated`` counts starts of a run beyond its first, by what explains them."""

    runs: int
    steps: int
    lost: list[str]
    twice: list[str]
    repeated: Counter
    violations: list[str]

    @property
    def sound(self):
        return not (self.lost or self.twice or self.violations or self.repeated["unexplained"])


def judge(backend, folder, old=None):
    """Judge what is in a database, and what callers and executors noted in a folder.

    ``old`` are the outcomes of runs that were there before.
    """
    found = Finding(backend, effects(folder / "log"))
    for diary in folder.glob("caller-*"):
        found.compare(lines(diary))
    for own, told in (old or {}).items():
        found.compare_old(own, told)
    for summary in backend.executions(Query(limit=ALL)):
        found.look_at(summary, old=summary.execution_id in (old or {}))
    found.compare_starts()
    return Verdict(
        found.runs, found.steps, found.lost, found.twice, found.repeated, found.violations
    )


class Finding:
    """What was found until now."""

    def __init__(self, backend, told):
        self._backend, self._told = backend, told
        self.runs = self.steps = 0
        self.lost, self.twice, self.violations = [], [], []
        self.repeated = Counter()
        self._signals = {}

    def compare(self, diary):
        """Whatever a caller was told is true."""
        for what, own in diary:
            try:
                record = self._backend.load(own)
            except KeyError:
                self.lost.append(f"{what} {own}")
                continue
            match what:
                case "made" if not self._ended_well(own, record):
                    self.violations.append(f"{own} ended {record.status}: {said(record)}")
                case "cancelled" if record.status != "cancelled":
                    self.lost.append(f"{what} {own}: {record.status}")
                case "said" if self._heard(own) != 1:
                    self.lost.append(f"{what} {own}: heard {self._heard(own)} times")

    def _ended_well(self, own, record):
        kind, _, number = own.split("-")
        return (record.status, said(record)) in ends(kind, int(number))

    def compare_old(self, own, told):
        record = self._backend.load(own)
        kind = None if record.error is None else record.error["type"]
        if [record.status, record.outcome, kind] != told:
            self.violations.append(f"{own} ended {record.status}, {record.outcome}: {told}")

    def _heard(self, own):
        """Return how often a signal is in the history: as accepted or as ignored."""
        facts = [fact for row in self._backend.history(own) for fact in codec.facts(row)]
        kinds = (SignalReceived, SignalIgnored)
        return sum(isinstance(fact, kinds) and fact.id == "once" for fact in facts)

    def look_at(self, summary, *, old):
        """A run has ended, its history has no gap, and is what its record says."""
        own = summary.execution_id
        record, rows = self._backend.load(own), self._backend.history(own)
        told = [fact for row in rows for fact in codec.facts(row)]
        if not summary.status.ended:
            self.violations.append(f"{own} is {summary.status}: {self._backend.explain(own)}")
        if [row.revision for row in rows] != list(range(1, record.revision + 1)):
            self.violations.append(f"{own} has a gap: {[row.revision for row in rows]}")
        folded = records.folded(told, own, record.origin.plan, revision=record.revision)
        if records.record_text(folded) != records.record_text(record):
            self.violations.append(f"{own} is not what its facts say")
        if (summary.revision, summary.status, summary.wake_at) != (
            record.revision,
            record.status,
            record.wake_at,
        ):
            self.violations.append(f"{own} is not what its header says: {summary}")
        self._count(own, told, old=old)

    def _count(self, own, told, *, old):
        successes = Counter((f.step, f.run_id) for f in told if isinstance(f, StepSucceeded))
        handed_out = {(f.step, f.run_id) for f in told if isinstance(f, StepDispatched)}
        self.runs += 1
        self.steps += successes.total()
        self.twice += [f"{own} {run}" for run, count in successes.items() if count > 1]
        for step, run_id in () if old else handed_out & set(successes):
            if (own, step, run_id) not in self._told.executed:
                self.violations.append(f"{own} {step} {run_id} is recorded, and was not executed")

    def compare_starts(self):
        """Each start of a run but the last was that of a process that died, or could not keep its lease."""
        by_run = defaultdict(list)
        for start in self._told.starts:
            by_run[start.run].append(start)
        for run, starts in by_run.items():
            if len({start.key for start in starts}) > 1:
                self.violations.append(f"{run} has more than one key")
            # By delivery: the child of a killed process may begin with what others have by then.
            for earlier, later in pairwise(sorted(starts, key=lambda one: (one.delivery, one.at))):
                why = self._explained(earlier, later.at)
                self.repeated[why] += 1
                if why == "unexplained":
                    self.violations.append(f"{run} was started again: {earlier}, {later}")

    def _explained(self, start, until):
        told = self._told
        killed = told.kills.get(start.owner)
        if killed is not None and killed <= until:
            return "killed"
        beats, since = told.beats[start.owner], min(start.at, until)
        first = max((beat for beat in beats if beat[0] <= since), default=(since, since))
        points = [first, *sorted(beat for beat in beats if since < beat[0] <= until)]
        points.append((until, until))
        if any(later[1] - earlier[0] > LAPSED for earlier, later in pairwise(points)):
            return "lease ran out"
        if any(began <= until and since <= ended for began, ended in told.troubles):
            return "cut off"
        return "unexplained"


def left_over(url):
    """Return what is left in the tables that are to be empty, and what is wrong with the file."""
    if url.startswith("postgresql:"):
        return _left_in_postgres(url)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        wrong = connection.execute("PRAGMA integrity_check").fetchall()
        left = [
            (name, *row) for name in EMPTY for row in connection.execute(f"SELECT * FROM {name}")
        ]
    return [*left, *[row for row in wrong if row != ("ok",)]]


def _left_in_postgres(url):
    import psycopg

    address = address_of(url, None)
    with closing(psycopg.connect(address.conninfo)) as connection:
        return [
            (name, *row)
            for name in EMPTY
            for row in connection.execute(f"SELECT * FROM {address.schema}.{name}")
        ]
