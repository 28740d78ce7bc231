"""Executions that claim slots, wait for them, and let them go, as a test says."""

from datetime import timedelta

import pytest

from runfox.backend.protocols import Claim, Full, Inbox, Store
from runfox.errors import SlotsFull
from runfox.graph import StepResult, WorkflowRecord
from runfox.status import WorkflowStatus
from runfox.testing.builders import NOW, a_commit, a_step, created


class Runs:
    """Executions by id, made when they are first named, and moved on by what is said here."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._records: dict[str, WorkflowRecord] = {}
        self._now = NOW

    def __getitem__(self, execution_id: str) -> WorkflowRecord:
        return self.record(execution_id)

    def record(self, execution_id: str) -> WorkflowRecord:
        """Return the record of an execution."""
        if execution_id not in self._records:
            self._records[execution_id] = created(self.store, execution_id)
        return self._records[execution_id]

    def _commit(
        self,
        execution_id: str,
        *,
        claims: tuple[Claim, ...] = (),
        waits: tuple[Claim, ...] = (),
        freed: tuple[tuple[str, int], ...] = (),
        status: WorkflowStatus | None = None,
    ) -> bool:
        commit = a_commit(self.record(execution_id), now=self._now)
        if status is not None:
            commit = commit._replace(record=commit.record._replace(status=status))
        told = self.store.commit(commit._replace(claims=claims, waits=waits, freed=freed))
        self._records[execution_id] = commit.record
        return told

    def claim(
        self,
        execution_id: str,
        *claims: Claim,
        freed: tuple[str, int] | None = None,
        after: timedelta = timedelta(0),
    ) -> None:
        """Claim slots, so long after what was said last."""
        self._now += after
        self._commit(execution_id, claims=claims, freed=() if freed is None else (freed,))

    def refused(
        self, execution_id: str, *claims: Claim, after: timedelta = timedelta(0)
    ) -> dict[str, Full]:
        """Claim slots that are not free, and return what is said of them."""
        with pytest.raises(SlotsFull) as raised:
            self.claim(execution_id, *claims, after=after)
        return raised.value.full

    def free(
        self, execution_id: str, *runs: tuple[str, int], waits: tuple[Claim, ...] = ()
    ) -> None:
        """Let go of what runs hold and wait for."""
        self._commit(execution_id, freed=runs, waits=waits)

    def stop_waiting(self, execution_id: str) -> None:
        """Let go of what the first run of step "a" waits for."""
        self.free(execution_id, ("a", 0))

    def wait(self, execution_id: str, *waits: Claim, after: timedelta = timedelta(0)) -> bool:
        """Wait for slots, and return whether there are messages."""
        self._now += after
        return self._commit(execution_id, waits=waits)

    def pause(self, execution_id: str) -> None:
        """Pause an execution."""
        self._commit(execution_id, status=WorkflowStatus.PAUSED)

    def end(self, execution_id: str) -> None:
        """Bring an execution to its end."""
        for results in ((), (StepResult("a", 0, {}),)):
            commit = a_step(self.record(execution_id), *results, now=self._now)
            self.store.commit(commit)
            self._records[execution_id] = commit.record
        assert self._records[execution_id].status.ended

    def told(self) -> dict[str, list[str]]:
        """Return the keys that waiters were told of, by execution, and forget what they were told."""
        assert isinstance(self.store, Inbox)
        found: dict[str, list[str]] = {}
        for execution_id in self._records:
            messages = self.store.read(execution_id, 100)
            for message in messages:
                assert message.kind == "slot"
                assert isinstance(message.body, dict)
                found.setdefault(execution_id, []).append(str(message.body["key"]))
            if messages:
                self.store.forget(execution_id, messages[-1].place)
        return found
