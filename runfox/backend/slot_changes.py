"""The order in which a transaction changes slots. The rows, and their locks, are the database's own."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from runfox.backend import keys
from runfox.backend.messages import slot_message
from runfox.backend.protocols import Claim, Commit, Full, Message
from runfox.backend.slots import Standing, full
from runfox.errors import SlotsFull
from runfox.status import WorkflowStatus

Holder = tuple[str, str, int]
"""Who holds, or waits: (execution_id, step, run_id)."""


class SlotOrder(ABC):
    """What a transaction does to slots: that of a commit, and of the executions that it starts.

    Keys are as the database stores them, but for those of who is told, which are ``keys.written``.
    """

    def __init__(self) -> None:
        self._left: Counter[str] = Counter()
        self._told: list[tuple[str, str]] = []

    def change(self, commit: Commit) -> None:
        """Free, give, and note who waits. Raises ``SlotsFull``: the transaction has to be undone."""
        status = commit.record.status
        if status.ended:
            self._end(commit.execution_id)
            return
        for run in commit.freed:
            self._free((commit.execution_id, *run))
        if commit.claims:
            self._claim(commit)
        for claim in commit.waits:
            self._wait(commit, claim)
        if status is WorkflowStatus.PAUSED:
            self._pass_on(commit.execution_id)
        if commit.claims or commit.waits:
            self._mark(commit.execution_id)

    def messages(self, token: str) -> list[Message]:
        """Return what those who wait are told of the slots that are free now."""
        for key, left in self._left.items():
            self._told += self._next(key, left)
        return [
            slot_message(execution_id, keys.read(key), token, number)
            for number, (execution_id, key) in enumerate(self._told)
        ]

    def _claim(self, commit: Commit) -> None:
        self._forget(commit.at)
        by_key: dict[str, list[Claim]] = {}
        for claim in commit.claims:
            by_key.setdefault(claim.key, []).append(claim)
        missing = {}
        for key, claims in by_key.items():
            lacking = self._give(commit, self._stored(key), claims)
            if lacking is not None:
                missing[key] = lacking
        if missing:
            raise SlotsFull(missing)

    def _give(self, commit: Commit, key: str, claims: list[Claim]) -> Full | None:
        """Give out the slots of a key, as if there were enough; return why there are not."""
        standing = self._standing(key, claims, commit.at)
        before = self._holders(key)
        new = [claim for claim in claims if self._take(commit, key, claim)]
        lacking = full(new, standing, commit.at)
        return None if lacking is None else lacking._replace(holders=tuple(before))

    # What the database does -------------------------------------------------------------------------

    @abstractmethod
    def _stored(self, key: str) -> str:
        """Return a key as it is stored."""

    @abstractmethod
    def _end(self, execution_id: str) -> None:
        """Free all that an execution holds, and end its waits."""

    @abstractmethod
    def _free(self, holder: Holder) -> None:
        """Free what a run holds, and end its waits."""

    @abstractmethod
    def _pass_on(self, execution_id: str) -> None:
        """Have the next in line told in place of a paused execution."""

    @abstractmethod
    def _mark(self, execution_id: str) -> None:
        """Note that an execution has to do with slots."""

    @abstractmethod
    def _forget(self, at: datetime) -> None:
        """Forget starts that count no longer then."""

    @abstractmethod
    def _standing(self, key: str, claims: Iterable[Claim], at: datetime) -> Standing:
        """Return how a key stands, as far as these claims ask."""

    @abstractmethod
    def _holders(self, key: str) -> Sequence[Holder]:
        """Return the first holders of a key, ``SHOWN`` at most."""

    @abstractmethod
    def _take(self, commit: Commit, key: str, claim: Claim) -> bool:
        """Give a slot; return whether its run had none."""

    @abstractmethod
    def _wait(self, commit: Commit, claim: Claim) -> None:
        """Note who waits, and tell them at once if a slot is free."""

    @abstractmethod
    def _next(self, key: str, left: int) -> list[tuple[str, str]]:
        """Return who in the line has to be told, with the key."""
