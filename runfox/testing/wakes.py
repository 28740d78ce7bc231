"""What a store promises that can tell when something was written."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

import pytest

from runfox.backend.protocols import Store, Wakes
from runfox.testing.builders import a_commit, created, loaded

AT_ONCE = 20.0
"""Seconds after which a wait that should have returned at once is said to have failed."""
MUCH_LONGER = 60.0


class WakesContract:
    """``Wakes``, of a store. Checked where the store implements it.

    No test here asks how fast: a wait that is told of nothing would last three times as long as it may.
    """

    @pytest.fixture
    def waiter(self, store: Store) -> Iterator["Waiter"]:
        if not isinstance(store, Wakes):
            pytest.skip(f"{type(store).__name__} cannot tell when something was written")
        with Waiter(store) as waiter:
            yield waiter

    def test_a_wait_ends_when_something_is_written(self, store: Store, waiter: "Waiter") -> None:
        record = created(store)
        waiter.wait_out()
        waiting = waiter.begin(MUCH_LONGER)
        commit = a_commit(record)
        store.commit(commit)
        waiting.result(AT_ONCE)

    def test_what_was_written_since_the_last_wait_ends_the_next(
        self, store: Store, waiter: "Waiter"
    ) -> None:
        record = created(store)
        waiter.wait_out()
        store.commit(a_commit(record))
        waiter.begin(MUCH_LONGER).result(AT_ONCE)

    def test_every_waiting_thread_is_told(self, store: Store, waiter: "Waiter") -> None:
        record = created(store)
        with Waiter(waiter.wakes) as other:
            for one in (waiter, other):
                one.wait_out()
            waiting = [one.begin(MUCH_LONGER) for one in (waiter, other)]
            store.commit(a_commit(record))
            for told in waiting:
                told.result(AT_ONCE)

    def test_a_wait_ends_after_its_time(self, store: Store, waiter: "Waiter") -> None:
        record = created(store)
        waiter.wait_out()
        waiter.begin(0.01).result(AT_ONCE)
        waiter.begin(0.0).result(AT_ONCE)
        assert loaded(store, "x1").revision == record.revision


class Waiter:
    """A thread of its own that waits: stores may remember for each thread what it saw last."""

    def __init__(self, wakes: Wakes) -> None:
        self.wakes = wakes
        self._thread = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def begin(self, timeout: float) -> "Future[None]":
        """Wait in the thread."""
        return self._thread.submit(self.wakes.wait, timeout)

    def wait_out(self) -> None:
        """Let the thread see all that was written until now."""
        for _ in range(2):
            self.begin(0.01).result(AT_ONCE)
