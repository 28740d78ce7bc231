"""What a store promises of a commit that reaches beyond its execution: all of it is there, or nothing."""

import pytest

from runfox.backend.protocols import Due, Inbox, Message, Store
from runfox.errors import DefinitionNotFound, ExecutionNotFound, RevisionConflict
from runfox.graph import WorkflowRecord
from runfox.testing.builders import (
    a_commit,
    a_creation,
    a_spec,
    a_step,
    created,
    loaded,
    run_of,
    told,
)
from runfox.testing.hostile import TEXTS


class SpreadingContract:
    """``starts`` and ``messages`` of commits. No store can do without."""

    @pytest.fixture
    def mail(self, store: Store) -> Inbox:
        assert isinstance(store, Inbox)
        return store

    @pytest.fixture
    def record(self, store: Store) -> WorkflowRecord:
        created(store, "other")
        return created(store, "x1")

    # starts -----------------------------------------------------------------------------------------

    def test_what_a_commit_starts_is_there_with_it(
        self, store: Store, record: WorkflowRecord
    ) -> None:
        starts = a_creation("c1", a_spec("b"), caller=record), a_creation("c2", caller=record)
        commit = a_commit(record)._replace(starts=starts)
        store.commit(commit)
        for start in starts:
            own = start.commit.execution_id
            assert told(loaded(store, own)) == told(start.commit.record)
            assert store.definition(start.definition.workflow_id) == start.definition
        assert told(loaded(store, "x1")) == told(commit.record)

    def test_what_was_started_moves_on_like_any_other(
        self, store: Store, record: WorkflowRecord
    ) -> None:
        start = a_creation("c1", caller=record)
        store.commit(a_commit(record)._replace(starts=(start,)))
        commit = a_step(start.commit.record)
        store.commit(commit)
        assert told(loaded(store, "c1")) == told(commit.record)

    def test_a_start_whose_id_is_taken_is_left_alone(
        self, store: Store, record: WorkflowRecord
    ) -> None:
        moved = a_step(created(store, "c1"))
        store.commit(moved)
        other = a_spec("b", name="another")
        commit = a_commit(record)._replace(starts=(a_creation("c1", other), a_creation("c2")))
        store.commit(commit)
        assert told(loaded(store, "c1")) == told(moved.record)
        assert loaded(store, "c2").revision == 1
        with pytest.raises(DefinitionNotFound):
            store.definition(other.workflow_id)

    def test_starts_have_starts_of_their_own(self, store: Store, record: WorkflowRecord) -> None:
        inner = a_creation("c2")
        start = a_creation("c1")
        start = start._replace(commit=start.commit._replace(starts=(inner,)))
        store.commit(a_commit(record)._replace(starts=(start,)))
        assert loaded(store, "c2").revision == 1
        outer = a_creation("y1")
        last = a_creation("y2")
        assert store.create(outer.commit._replace(starts=(last,)), outer.definition)
        assert loaded(store, "y2").revision == 1

    def test_a_commit_that_fails_starts_nothing_and_tells_nobody(
        self, store: Store, mail: Inbox, record: WorkflowRecord
    ) -> None:
        store.commit(a_commit(record))
        message = Message("other", "k", "signal", {})
        late = a_commit(record)._replace(starts=(a_creation("c1"),), messages=(message,))
        with pytest.raises(RevisionConflict):
            store.commit(late)
        taken = a_creation("x1")
        refused = taken.commit._replace(starts=(a_creation("c1"),), messages=(message,))
        assert not store.create(refused, taken.definition)
        with pytest.raises(ExecutionNotFound):
            store.load("c1")
        assert mail.read("other", 10) == []

    def test_the_same_commit_again_starts_and_tells_nothing_again(
        self, store: Store, mail: Inbox, record: WorkflowRecord
    ) -> None:
        message = Message("other", "k", "signal", {})
        start = a_creation("c1")
        commit = a_commit(record)._replace(starts=(start,), messages=(message,))
        store.commit(commit)
        moved = a_step(start.commit.record)
        store.commit(moved)
        mail.forget("other", mail.read("other", 10)[0].place)
        store.commit(commit)
        assert told(loaded(store, "c1")) == told(moved.record)
        assert mail.read("other", 10) == []

    def test_the_jobs_of_what_is_started_are_there_with_it(
        self, store: Store, record: WorkflowRecord
    ) -> None:
        ledger = getattr(store, "ledger", None)
        if ledger is None:
            pytest.skip(f"{type(store).__name__} keeps no jobs")
        start = a_creation("c1")
        jobs = a_step(start.commit.record).jobs
        start = start._replace(commit=start.commit._replace(jobs=jobs))
        store.commit(a_commit(record)._replace(starts=(start,)))
        assert [run_of(job) for job in ledger.pending()] == [run_of(job) for job in jobs]

    # messages ---------------------------------------------------------------------------------------

    def test_messages_of_a_commit_are_in_the_inboxes_of_others(
        self, store: Store, mail: Inbox, record: WorkflowRecord
    ) -> None:
        messages = [Message("other", key, "ended", {"key": key}) for key in ("k2", "k1")]
        assert store.commit(a_commit(record)._replace(messages=tuple(messages))) is False
        found = mail.read("other", 10)
        assert [message._replace(place=0) for message in found] == messages
        assert mail.read("x1", 10) == []
        if isinstance(store, Due):
            assert store.due(10) == ["other"]

    def test_a_commit_may_tell_its_own_execution(
        self, store: Store, mail: Inbox, record: WorkflowRecord
    ) -> None:
        message = Message("x1", "k", "retry", {})
        assert store.commit(a_commit(record)._replace(messages=(message,))) is True
        assert [found.key for found in mail.read("x1", 10)] == ["k"]

    def test_a_message_for_nobody_is_dropped(
        self, store: Store, mail: Inbox, record: WorkflowRecord
    ) -> None:
        ids = ("nobody", "OTHER", "other ")
        messages = tuple(Message(nobody, "k", "cancel", {}) for nobody in (*ids, "other"))
        store.commit(a_commit(record)._replace(messages=messages))
        assert len(mail.read("other", 10)) == 1
        assert mail.read("nobody", 10) == []
        created(store, "nobody")
        assert mail.read("nobody", 10) == []

    def test_a_message_that_waits_already_is_not_put_again_by_a_commit(
        self, store: Store, mail: Inbox, record: WorkflowRecord
    ) -> None:
        mail.put(Message("other", "k", "signal", "first"))
        messages = (Message("other", "k", "signal", "second"),) * 2
        store.commit(a_commit(record)._replace(messages=messages))
        assert [message.body for message in mail.read("other", 10)] == ["first"]

    def test_a_message_like_one_that_its_commit_consumes_is_a_new_one(
        self, store: Store, mail: Inbox, record: WorkflowRecord
    ) -> None:
        mail.put(Message("x1", "k", "retry", "first"))
        (first,) = mail.read("x1", 10)
        messages = (Message("x1", "k", "retry", "second"),)
        commit = a_commit(record)._replace(messages=messages, consumed=first.place)
        assert store.commit(commit) is True
        assert [message.body for message in mail.read("x1", 10)] == ["second"]

    def test_what_is_started_can_be_told_something_at_once(
        self, store: Store, mail: Inbox, record: WorkflowRecord
    ) -> None:
        message = Message("c1", "k", "signal", {})
        store.commit(a_commit(record)._replace(starts=(a_creation("c1"),), messages=(message,)))
        assert len(mail.read("c1", 10)) == 1

    def test_hostile_messages_arrive_as_they_are(
        self, store: Store, mail: Inbox, record: WorkflowRecord
    ) -> None:
        messages = tuple(
            Message("other", f"k{number}", "signal", {hostile: hostile})
            for number, hostile in enumerate(TEXTS)
        )
        store.commit(a_commit(record)._replace(messages=messages))
        found = mail.read("other", 1_000)
        assert [message.body for message in found] == [message.body for message in messages]
