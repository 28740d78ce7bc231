"""What a store promises that takes messages for its executions."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from runfox.backend.protocols import Due, Inbox, Message, Store
from runfox.errors import ExecutionNotFound, RevisionConflict
from runfox.testing.builders import a_commit, created
from runfox.testing.hostile import PAYLOAD, TEXTS
from runfox.values import text


def a_message(execution_id: str = "x1", key: str = "k1", kind: str = "result") -> Message:
    """Return a message, not yet placed."""
    return Message(execution_id, key, kind, {"key": key})


def keys(inbox: Inbox, execution_id: str = "x1", limit: int = 100) -> list[str]:
    """Return the keys of the messages that wait, in order."""
    return [message.key for message in inbox.read(execution_id, limit)]


class InboxContract:
    """``Inbox``, of a store. Checked where the store implements it."""

    @pytest.fixture
    def inbox(self, store: Store) -> Inbox:
        if not isinstance(store, Inbox):
            pytest.skip(f"{type(store).__name__} takes no messages")
        created(store, "x1")
        created(store, "x2")
        return store

    def test_messages_are_read_in_the_order_they_were_put(self, inbox: Inbox) -> None:
        for key in ("k3", "k1", "k2"):
            assert inbox.put(a_message(key=key))
        assert keys(inbox) == ["k3", "k1", "k2"]
        assert keys(inbox) == ["k3", "k1", "k2"]
        places = [message.place for message in inbox.read("x1", 100)]
        assert places == sorted(set(places))
        assert min(places) > 0

    def test_the_oldest_are_read_first(self, inbox: Inbox) -> None:
        for number in range(5):
            inbox.put(a_message(key=f"k{number}"))
        assert keys(inbox, limit=2) == ["k0", "k1"]

    def test_a_message_that_waits_already_is_not_put_again(self, inbox: Inbox) -> None:
        assert inbox.put(a_message(key="k1"))
        assert not inbox.put(a_message(key="k1"))
        assert not inbox.put(a_message(key="k1")._replace(body={"other": True}))
        (found,) = inbox.read("x1", 100)
        assert found.body == {"key": "k1"}

    def test_keys_are_unique_within_an_execution_only(self, inbox: Inbox) -> None:
        assert inbox.put(a_message("x1"))
        assert inbox.put(a_message("x2"))
        assert keys(inbox, "x1") == keys(inbox, "x2") == ["k1"]

    def test_of_racing_puts_of_one_key_one_is_new(self, inbox: Inbox) -> None:
        with ThreadPoolExecutor(8) as threads:
            new = list(threads.map(lambda _: inbox.put(a_message()), range(16)))
        assert new.count(True) == 1
        assert keys(inbox) == ["k1"]

    def test_no_message_is_lost_when_many_are_put_at_once(self, inbox: Inbox) -> None:
        with ThreadPoolExecutor(8) as threads:
            new = list(threads.map(lambda n: inbox.put(a_message(key=f"k{n}")), range(40)))
        assert all(new)
        assert sorted(keys(inbox)) == sorted(f"k{n}" for n in range(40))

    def test_a_message_to_an_execution_that_is_not_there_is_an_error(self, inbox: Inbox) -> None:
        for execution_id in ("x3", *TEXTS):
            with pytest.raises(ExecutionNotFound):
                inbox.put(a_message(execution_id))
            assert inbox.read(execution_id, 100) == []
        assert keys(inbox) == keys(inbox, "x2") == []

    def test_bodies_come_back_exactly_as_they_went_in(self, inbox: Inbox) -> None:
        inbox.put(a_message(kind="signal")._replace(body=PAYLOAD))
        (found,) = inbox.read("x1", 100)
        assert (found.execution_id, found.key, found.kind) == ("x1", "k1", "signal")
        assert text(found.body) == text(PAYLOAD)

    # Commits ----------------------------------------------------------------------------------------

    def test_a_commit_says_whether_messages_wait(self, store: Store, inbox: Inbox) -> None:
        commit = a_commit(created(store, "x3"))
        assert store.commit(commit) is False
        inbox.put(a_message("x3", "k1"))
        commit = a_commit(commit.record)
        assert store.commit(commit) is True
        assert store.commit(commit) is True
        place = inbox.read("x3", 100)[-1].place
        assert store.commit(a_commit(commit.record)._replace(consumed=place)) is False

    def test_a_commit_consumes_the_messages_up_to_a_place(self, store: Store, inbox: Inbox) -> None:
        for execution_id in ("x3", "x2"):
            if execution_id == "x3":
                record = created(store, "x3")
            for number in range(4):
                inbox.put(a_message(execution_id, f"k{number}"))
        place = inbox.read("x3", 2)[-1].place
        assert store.commit(a_commit(record)._replace(consumed=place)) is True
        assert keys(inbox, "x3") == ["k2", "k3"]
        assert keys(inbox, "x2") == ["k0", "k1", "k2", "k3"]

    def test_a_commit_that_fails_consumes_nothing(self, store: Store, inbox: Inbox) -> None:
        record = created(store, "x3")
        inbox.put(a_message("x3"))
        place = inbox.read("x3", 1)[0].place
        store.commit(a_commit(record))
        with pytest.raises(RevisionConflict):
            store.commit(a_commit(record)._replace(consumed=place))
        assert keys(inbox, "x3") == ["k1"]

    def test_a_message_that_was_consumed_may_be_put_again(self, store: Store, inbox: Inbox) -> None:
        record = created(store, "x3")
        inbox.put(a_message("x3"))
        (first,) = inbox.read("x3", 1)
        store.commit(a_commit(record)._replace(consumed=first.place))
        assert inbox.put(a_message("x3"))
        (second,) = inbox.read("x3", 1)
        assert second.place > first.place

    # forget -----------------------------------------------------------------------------------------

    def test_forgetting_deletes_up_to_a_place(self, inbox: Inbox) -> None:
        for number in range(4):
            inbox.put(a_message("x1", f"k{number}"))
            inbox.put(a_message("x2", f"k{number}"))
        inbox.forget("x1", inbox.read("x1", 2)[-1].place)
        assert keys(inbox) == ["k2", "k3"]
        assert keys(inbox, "x2") == ["k0", "k1", "k2", "k3"]

    def test_forgetting_what_was_forgotten_changes_nothing(self, inbox: Inbox) -> None:
        for number in range(4):
            inbox.put(a_message(key=f"k{number}"))
        places = [message.place for message in inbox.read("x1", 100)]
        inbox.forget("x1", places[2])
        inbox.forget("x1", places[0])
        inbox.forget("x3", places[3])
        assert keys(inbox) == ["k3"]

    def test_an_execution_is_due_as_long_as_messages_wait(self, store: Store, inbox: Inbox) -> None:
        if not isinstance(store, Due):
            pytest.skip(f"{type(store).__name__} does not find what is due")
        assert store.due(100) == []
        for key in ("k1", "k2", "k3"):
            inbox.put(a_message(key=key))
        first, _, last = inbox.read("x1", 100)
        assert store.due(100) == ["x1"]
        inbox.forget("x1", first.place)
        assert store.due(100) == ["x1"]
        inbox.forget("x1", last.place)
        assert store.due(100) == []

    def test_forgetting_late_does_not_make_it_due_again(self, store: Store, inbox: Inbox) -> None:
        if not isinstance(store, Due):
            pytest.skip(f"{type(store).__name__} does not find what is due")
        record = created(store, "x3")
        inbox.put(a_message("x3", "k1"))
        inbox.put(a_message("x3", "k2"))
        first, last = inbox.read("x3", 100)
        # Two drivers read: the one that saw more was faster.
        commit = a_commit(record)._replace(consumed=last.place)
        assert store.commit(commit) is False
        inbox.forget("x3", first.place)
        assert store.due(100) == []
        assert store.commit(a_commit(commit.record)) is False
