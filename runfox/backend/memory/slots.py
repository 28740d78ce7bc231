"""Slots of limits in memory: who holds them, when they were given, who waits."""

from bisect import insort
from collections.abc import Callable, Sequence
from datetime import datetime
from heapq import heappop, heappush
from itertools import islice

from runfox.backend.protocols import Claim, Commit
from runfox.backend.slots import SHOWN, Standing, full, told
from runfox.errors import SlotsFull
from runfox.status import WorkflowStatus

Holder = tuple[str, str, int]
"""Who holds, or waits: (execution_id, step, run_id)."""


class MemorySlots:
    """Holders, starts and waiters by key."""

    def __init__(self) -> None:
        self._held: dict[str, dict[Holder, None]] = {}
        self._waits: dict[str, dict[Holder, Claim]] = {}
        self._starts: dict[str, list[datetime]] = {}
        self._spent: list[tuple[datetime, str, datetime]] = []
        """When a start stops to count, its key, and when it was: a heap."""
        self._keys: dict[str, dict[Holder, set[str]]] = {}
        """What the runs of an execution hold or wait for."""

    def holders(self, key: str, limit: int) -> list[Holder]:
        """Return who holds slots of a key, oldest first."""
        return list(islice(self._held.get(key, ()), limit))

    def check(self, commits: Sequence[Commit]) -> None:
        """Raise ``SlotsFull`` unless the claims of all these commits can be met."""
        freed = {(commit.execution_id, *run) for commit in commits for run in self._freed(commit)}
        missing = {}
        for key, claims in _by_key(commits).items():
            stays = [holder for holder in self._held.get(key, ()) if holder not in freed]
            new = [claim for holder, claim in claims.items() if holder not in stays]
            standing = Standing(len(stays), self._starts.get(key, ()))
            lacking = full(new, standing, commits[0].at)
            if lacking is not None:
                missing[key] = lacking._replace(holders=tuple(stays[:SHOWN]))
        if missing:
            raise SlotsFull(missing)

    def change(self, commit: Commit, paused: Callable[[str], bool]) -> list[tuple[str, str]]:
        """Free, give, and note who waits, as a commit says that passed the check.

        Returns whom to tell of which key, as (execution_id, key). Those that are ``paused`` are not told.
        """
        left: dict[str, int] = {}
        for step, run_id in self._freed(commit):
            self._free((commit.execution_id, step, run_id), left)
        tell = []
        if not commit.record.status.ended:
            self._prune(commit.at)
            for claim in commit.claims:
                self._claim(commit, claim)
            tell = [
                (commit.execution_id, claim.key)
                for claim in commit.waits
                if self._wait(commit, claim)
            ]
        if commit.record.status is WorkflowStatus.PAUSED:
            for keys in self._keys.get(commit.execution_id, {}).values():
                for key in keys:
                    left[key] = left.get(key, 0) + 1
        for key, number in left.items():
            tell += [(execution_id, key) for execution_id in self._next(key, number, paused)]
        return tell

    def _freed(self, commit: Commit) -> Sequence[tuple[str, int]]:
        if commit.record.status.ended:
            return [(step, run) for _, step, run in self._keys.get(commit.execution_id, ())]
        return commit.freed

    def concerns(self, execution_id: str) -> bool:
        """Return whether an execution holds, or waits for, any slot."""
        return execution_id in self._keys

    def _free(self, holder: Holder, left: dict[str, int]) -> None:
        runs = self._keys.get(holder[0], {})
        for key in runs.pop(holder, ()):
            for kept in (self._held, self._waits):
                if key in kept and holder in kept[key]:
                    del kept[key][holder]
                    left[key] = left.get(key, 0) + 1
                    if not kept[key]:
                        del kept[key]
        if not runs:
            self._keys.pop(holder[0], None)

    def _prune(self, now: datetime) -> None:
        while self._spent and self._spent[0][0] <= now:
            _, key, at = heappop(self._spent)
            self._starts[key].remove(at)
            if not self._starts[key]:
                del self._starts[key]

    def _claim(self, commit: Commit, claim: Claim) -> None:
        holder = (commit.execution_id, claim.step, claim.run_id)
        held = self._held.setdefault(claim.key, {})
        if holder not in held:
            held[holder] = None
            if claim.per is not None:
                insort(self._starts.setdefault(claim.key, []), commit.at)
                heappush(self._spent, (commit.at + claim.per, claim.key, commit.at))
        waits = self._waits.get(claim.key, {})
        waits.pop(holder, None)
        if not waits:
            self._waits.pop(claim.key, None)
        self._note(holder, claim.key)

    def _wait(self, commit: Commit, claim: Claim) -> bool:
        """Note a waiter, and return whether it need not wait."""
        holder = (commit.execution_id, claim.step, claim.run_id)
        held = self._held.get(claim.key, {})
        self._waits.setdefault(claim.key, {})[holder] = claim
        self._note(holder, claim.key)
        standing = Standing(len(held), self._starts.get(claim.key, ()))
        return full([claim], standing, commit.at) is None

    def _next(self, key: str, left: int, paused: Callable[[str], bool]) -> list[str]:
        waits = self._waits.get(key, {})
        waiters = [(holder, claim) for holder, claim in waits.items() if not paused(holder[0])]
        if not waiters or waiters[0][1].max is None:
            return []
        ranks = told(waiters[0][1].max - len(self._held.get(key, ())), left)
        return [holder[0] for holder, _ in waiters[ranks.start : ranks.stop]]

    def _note(self, holder: Holder, key: str) -> None:
        self._keys.setdefault(holder[0], {}).setdefault(holder, set()).add(key)


def _by_key(commits: Sequence[Commit]) -> dict[str, dict[Holder, Claim]]:
    found: dict[str, dict[Holder, Claim]] = {}
    for commit in commits:
        for claim in commit.claims:
            holder = (commit.execution_id, claim.step, claim.run_id)
            found.setdefault(claim.key, {}).setdefault(holder, claim)
    return found
