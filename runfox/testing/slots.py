"""What a store promises that honours limits: nobody gets a slot too many, and nobody waits for a free one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from runfox.backend.protocols import Inbox, Message, Slots, Store
from runfox.errors import SlotsFull
from runfox.testing.builders import (
    NOW,
    a_claim,
    a_commit,
    a_creation,
    a_step,
    loaded,
    told,
)
from runfox.testing.hostile import TEXTS
from runfox.testing.runs import Runs

SECOND = timedelta(seconds=1)


class SlotsContract:
    """``Slots``. Checked where the store implements it."""

    @pytest.fixture
    def slots(self, store: Store) -> Slots:
        if not isinstance(store, Slots):
            pytest.skip(f"{type(store).__name__} knows no limits")
        return store

    @pytest.fixture
    def runs(self, store: Store, slots: Slots) -> Runs:
        return Runs(store)

    # claims -----------------------------------------------------------------------------------------

    def test_a_slot_is_held_from_the_commit_that_claims_it(self, slots: Slots, runs: Runs) -> None:
        assert slots.holders("k") == []
        runs.claim("x1", a_claim(most=2))
        runs.claim("x2", a_claim(step="b", run_id=7, most=2), after=SECOND)
        assert slots.holders("k") == [("x1", "a", 0), ("x2", "b", 7)]
        assert slots.holders("k", 1) == [("x1", "a", 0)]
        assert slots.holders("K") == []

    def test_a_slot_too_many_is_refused_and_nothing_is_written(
        self, store: Store, slots: Slots, runs: Runs
    ) -> None:
        assert isinstance(store, Inbox)
        runs.claim("x1", a_claim(most=1))
        record = runs["x2"]
        store.put(Message("x2", "k", "signal", {}))
        commit = a_step(record)._replace(
            claims=(a_claim("free"), a_claim(most=1)),
            waits=(a_claim("w"),),
            starts=(a_creation("c1"),),
            messages=(Message("x1", "k", "signal", {}),),
            consumed=2**40,
        )
        with pytest.raises(SlotsFull) as raised:
            store.commit(commit)
        full = raised.value.full
        assert set(full) == {"k"}
        assert tuple(full["k"]) == ((("x1", "a", 0),), None, 0)
        assert told(loaded(store, "x2")) == told(record)
        assert slots.holders("free") == []
        assert len(store.read("x2", 10)) == 1
        assert store.read("x1", 10) == []
        assert store.create(*a_creation("c1"))
        ledger = getattr(store, "ledger", None)
        assert ledger is None or ledger.pending() == []

    def test_the_claims_of_a_commit_count_one_after_the_other(
        self, slots: Slots, runs: Runs
    ) -> None:
        runs.claim("x1", a_claim(most=5))
        many = [a_claim(step=f"s{number}", most=5) for number in range(6)]
        full = runs.refused("x2", *many)["k"]
        assert full.free == 4
        assert full.holders == (("x1", "a", 0),)
        runs.claim("x2", *many[:4])
        assert len(slots.holders("k")) == 5

    def test_claiming_again_what_one_holds_changes_nothing(self, slots: Slots, runs: Runs) -> None:
        runs.claim("x1", a_claim(most=1, rate=(1, SECOND)))
        runs.claim("x1", a_claim(most=1, rate=(1, SECOND)))
        assert slots.holders("k") == [("x1", "a", 0)]
        assert "k" in runs.refused("x1", a_claim(run_id=1, most=1))

    def test_the_same_commit_again_claims_nothing_again(
        self, store: Store, slots: Slots, runs: Runs
    ) -> None:
        commit = a_commit(runs["x1"])._replace(claims=(a_claim(most=1),), freed=(("a", 0),))
        store.commit(commit)
        store.commit(commit)
        assert slots.holders("k") == [("x1", "a", 0)]

    def test_a_freed_slot_can_be_claimed_even_in_the_same_commit(
        self, slots: Slots, runs: Runs
    ) -> None:
        runs.claim("x1", a_claim(most=1))
        runs.claim("x1", a_claim(run_id=1, most=1), freed=("a", 0))
        assert slots.holders("k") == [("x1", "a", 1)]
        runs.free("x1", ("a", 1))
        runs.claim("x2", a_claim(most=1))
        assert slots.holders("k") == [("x2", "a", 0)]

    def test_freeing_what_one_does_not_hold_changes_nothing(self, slots: Slots, runs: Runs) -> None:
        runs.claim("x1", a_claim(most=1))
        runs.free("x2", ("a", 0))
        runs.free("x1", ("a", 1))
        assert slots.holders("k") == [("x1", "a", 0)]

    def test_all_slots_of_a_run_are_freed_with_it(self, slots: Slots, runs: Runs) -> None:
        runs.claim("x1", a_claim("k1"), a_claim("k2"), a_claim("k2", "b"))
        runs.free("x1", ("a", 0))
        assert slots.holders("k1") == []
        assert slots.holders("k2") == [("x1", "b", 0)]

    def test_keys_of_any_text_are_apart(self, slots: Slots, runs: Runs) -> None:
        texts = [*dict.fromkeys(TEXTS)]
        for number, key in enumerate(texts):
            runs.claim(f"x{number}", a_claim(key, most=1))
        for number, key in enumerate(texts):
            assert slots.holders(key) == [(f"x{number}", "a", 0)]
            assert set(runs.refused("y1", a_claim(key, most=1))) == {key}

    def test_the_oldest_ten_holders_are_named(self, runs: Runs) -> None:
        for number in range(12):
            runs.claim(f"x{number}", a_claim(most=12), after=SECOND)
        full = runs.refused("y1", a_claim(most=12))["k"]
        assert full.holders == tuple((f"x{number}", "a", 0) for number in range(10))

    def test_an_execution_that_ends_frees_all(self, slots: Slots, runs: Runs) -> None:
        runs.claim("x1", a_claim("k1", most=1), a_claim("k2", "b", 4, most=1))
        runs.end("x1")
        assert slots.holders("k1") == slots.holders("k2") == []

    def test_of_racing_claimers_no_more_have_a_slot_than_there_are(
        self, slots: Slots, runs: Runs
    ) -> None:
        ids = [f"x{number}" for number in range(8)]
        for execution_id in ids:
            runs.record(execution_id)

        def claim(execution_id: str) -> bool:
            try:
                runs.claim(execution_id, a_claim(most=3))
            except SlotsFull:
                return False
            return True

        with ThreadPoolExecutor(8) as threads:
            got = list(threads.map(claim, ids))
        assert got.count(True) == 3
        assert len(slots.holders("k")) == 3

    def test_what_is_started_claims_with_the_commit_that_starts_it(
        self, store: Store, slots: Slots, runs: Runs
    ) -> None:
        start = a_creation("c1")
        start = start._replace(commit=start.commit._replace(claims=(a_claim(most=2),)))
        claims = tuple(a_claim(step=step, most=2) for step in "ab")
        with pytest.raises(SlotsFull):
            store.commit(a_commit(runs["x1"])._replace(claims=claims, starts=(start,)))
        store.commit(a_commit(runs["x1"])._replace(claims=claims[:1], starts=(start,)))
        assert set(slots.holders("k")) == {("x1", "a", 0), ("c1", "a", 0)}

    # rates ------------------------------------------------------------------------------------------

    def test_a_rate_gives_so_many_slots_in_any_window_of_its_time(self, runs: Runs) -> None:
        rate = (2, timedelta(seconds=10))
        runs.claim("x1", a_claim(rate=rate))
        runs.claim("x2", a_claim(rate=rate), after=4 * SECOND)
        full = runs.refused("x3", a_claim(rate=rate), after=5 * SECOND)["k"]
        assert (full.until, full.free) == (NOW + 10 * SECOND, 0)
        runs.claim("x3", a_claim(rate=rate), after=SECOND)
        full = runs.refused("x4", a_claim(rate=rate))["k"]
        assert full.until == NOW + 14 * SECOND

    def test_a_claim_counts_by_its_own_measure(self, runs: Runs) -> None:
        for number in range(3):
            runs.claim("x1", a_claim(run_id=number, rate=(3, 10 * SECOND)), after=SECOND)
        stricter = a_claim(rate=(1, 10 * SECOND))
        assert runs.refused("x2", stricter)["k"].until == NOW + 13 * SECOND
        runs.claim("x2", a_claim(rate=(1, SECOND / 2)), after=SECOND)

    def test_a_start_counts_though_its_holder_is_gone(self, slots: Slots, runs: Runs) -> None:
        rate = (1, timedelta(seconds=10))
        runs.claim("x1", a_claim(rate=rate))
        runs.free("x1", ("a", 0))
        assert slots.holders("k") == []
        assert runs.refused("x2", a_claim(rate=rate))["k"].until == NOW + 10 * SECOND
        runs.end("x1")
        assert "k" in runs.refused("x2", a_claim(rate=rate), after=9 * SECOND)
        runs.claim("x2", a_claim(rate=rate), after=SECOND)

    def test_the_claims_of_a_commit_count_for_a_rate_too(self, runs: Runs) -> None:
        claims = [a_claim(step=step, rate=(2, SECOND)) for step in "abc"]
        full = runs.refused("x1", *claims)["k"]
        assert (full.free, full.until) == (2, NOW + SECOND)
        runs.claim("x1", *claims[:2])

    def test_who_has_to_let_go_goes_before_when_the_rate_frees(self, runs: Runs) -> None:
        runs.claim("x1", a_claim(most=1, rate=(1, SECOND)))
        assert runs.refused("x2", a_claim(most=1, rate=(1, SECOND)))["k"].until is None
        runs.free("x1", ("a", 0))
        assert runs.refused("x2", a_claim(most=1, rate=(1, SECOND)))["k"].until == NOW + SECOND

    # waits ------------------------------------------------------------------------------------------

    def test_the_oldest_waiter_is_told_of_a_freed_slot(self, runs: Runs) -> None:
        runs.claim("x1", a_claim(most=1))
        for waiter in ("x3", "x2", "x4"):
            assert runs.wait(waiter, a_claim(most=1)) is False
        runs.free("x1", ("a", 0))
        assert runs.told() == {"x3": ["k"]}

    def test_waiting_again_keeps_the_place(self, runs: Runs) -> None:
        runs.claim("x1", a_claim(most=1))
        for waiter in ("x2", "x3", "x2"):
            runs.wait(waiter, a_claim(most=1))
        runs.free("x1", ("a", 0))
        assert runs.told() == {"x2": ["k"]}

    def test_of_two_slots_freed_in_a_row_two_waiters_are_told(self, runs: Runs) -> None:
        for holder in ("x1", "x2"):
            runs.claim(holder, a_claim(most=2))
        for waiter in ("x3", "x4", "x5"):
            runs.wait(waiter, a_claim(most=2))
        runs.free("x1", ("a", 0))
        runs.free("x2", ("a", 0))
        assert runs.told() == {"x3": ["k"], "x4": ["k"]}

    def test_who_was_told_and_came_too_late_is_told_again(self, runs: Runs) -> None:
        runs.claim("x1", a_claim(most=1))
        runs.wait("x2", a_claim(most=1))
        runs.free("x1", ("a", 0))
        assert runs.told() == {"x2": ["k"]}
        runs.claim("faster", a_claim(most=1))
        assert "k" in runs.refused("x2", a_claim(most=1))
        runs.free("faster", ("a", 0))
        assert runs.told() == {"x2": ["k"]}

    def test_who_has_claimed_is_no_waiter_any_more(self, runs: Runs) -> None:
        runs.claim("x1", a_claim(most=1))
        for waiter in ("x2", "x3"):
            runs.wait(waiter, a_claim(most=1))
        runs.free("x1", ("a", 0))
        runs.claim("x2", a_claim(most=1))
        assert runs.told() == {"x2": ["k"]}
        runs.free("x2", ("a", 0))
        assert runs.told() == {"x3": ["k"]}

    def test_who_has_claimed_does_not_stand_before_those_who_wait(self, runs: Runs) -> None:
        for holder in ("x1", "x2"):
            runs.claim(holder, a_claim(most=2))
        for waiter in ("x3", "x4"):
            runs.wait(waiter, a_claim(most=2))
        runs.free("x1", ("a", 0))
        runs.claim("x3", a_claim(most=2))
        assert runs.told() == {"x3": ["k"]}
        runs.free("x2", ("a", 0))
        assert runs.told() == {"x4": ["k"]}

    @pytest.mark.parametrize("leave", ["free", "end", "pause"])
    def test_if_one_who_was_told_leaves_the_next_is_told(self, runs: Runs, leave: str) -> None:
        runs.claim("x1", a_claim(most=1))
        for waiter in ("x2", "x3"):
            runs.wait(waiter, a_claim(most=1))
        runs.free("x1", ("a", 0))
        assert runs.told() == {"x2": ["k"]}
        {"free": runs.stop_waiting, "end": runs.end, "pause": runs.pause}[leave]("x2")
        assert runs.told() == {"x3": ["k"]}

    def test_the_waiters_of_a_paused_execution_are_passed_over(self, runs: Runs) -> None:
        runs.claim("x1", a_claim(most=1))
        for waiter in ("x2", "x3"):
            runs.wait(waiter, a_claim(most=1))
        runs.pause("x2")
        runs.free("x1", ("a", 0))
        assert runs.told() == {"x3": ["k"]}

    def test_who_waits_for_a_free_slot_is_told_at_once(self, runs: Runs) -> None:
        assert runs.wait("x1", a_claim(most=1)) is True
        assert runs.wait("x2", a_claim(rate=(1, SECOND))) is True
        assert runs.told() == {"x1": ["k"], "x2": ["k"]}
        runs.claim("x1", a_claim(rate=(1, SECOND)))
        assert runs.wait("x2", a_claim(rate=(1, SECOND))) is False
        assert runs.wait("x2", a_claim(rate=(1, SECOND)), after=SECOND) is True

    def test_a_wait_for_what_the_same_commit_frees_is_told_at_once(self, runs: Runs) -> None:
        runs.claim("x1", a_claim(most=1))
        runs.free("x1", ("a", 0), waits=(a_claim(step="b", most=1),))
        assert "x1" in runs.told()

    def test_waiters_of_other_keys_are_not_told(self, runs: Runs) -> None:
        runs.claim("x1", a_claim("k1", most=1), a_claim("k2", "b", most=1))
        runs.wait("x2", a_claim("k1", most=1))
        runs.wait("x3", a_claim("k2", most=1))
        runs.free("x1", ("b", 0))
        assert runs.told() == {"x3": ["k2"]}

    def test_a_slot_given_on_in_the_same_commit_is_told_to_nobody(self, runs: Runs) -> None:
        runs.claim("x1", a_claim(most=1))
        runs.wait("x2", a_claim(most=1))
        runs.claim("x1", a_claim(run_id=1, most=1), freed=("a", 0))
        assert runs.told() == {}

    def test_an_ending_execution_tells_the_waiters_of_all_its_slots(self, runs: Runs) -> None:
        runs.claim("x1", a_claim("k1", most=1), a_claim("k2", "b", most=1))
        runs.wait("x2", a_claim("k1", most=1), a_claim("k2", "b", most=1))
        runs.end("x1")
        assert sorted(runs.told()["x2"]) == ["k1", "k2"]

    def test_messages_about_slots_do_not_stand_for_each_other(self, runs: Runs) -> None:
        runs.claim("x1", a_claim(most=1))
        runs.wait("x2", a_claim(most=1), a_claim(step="b", most=1))
        runs.free("x1", ("a", 0))
        runs.claim("x1", a_claim(run_id=1, most=1))
        runs.free("x1", ("a", 1))
        assert runs.told() == {"x2": ["k", "k"]}
