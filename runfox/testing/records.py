"""What every store promises: executions that are created once, committed whole, and read as they were written."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Event

import pytest

from runfox.backend.protocols import Limits, Store
from runfox.errors import DefinitionNotFound, ExecutionNotFound, RevisionConflict, StoreError
from runfox.graph import StepResult, WorkflowRecord
from runfox.status import WorkflowStatus
from runfox.testing.builders import (
    NOW,
    a_chain,
    a_commit,
    a_creation,
    a_definition,
    a_spec,
    a_step,
    created,
    loaded,
    told,
)
from runfox.testing.hostile import PAYLOAD, TEXTS
from runfox.values import text

MANY_TRIES = 2_000
"""After so many lost races in a row a store is said to be at fault."""


class RecordsContract:
    """The five methods of ``Store``. Subclass it and give a ``store`` fixture: an empty one for each test."""

    @pytest.fixture
    def store(self) -> Store:
        raise NotImplementedError("give a fixture `store`: an empty store, fresh for each test")

    # create -----------------------------------------------------------------------------------------

    def test_a_new_execution_loads_as_it_was_created(self, store: Store) -> None:
        record = created(store, "x1", a_spec("a", "b"), inputs={"n": 1})
        assert told(loaded(store, "x1")) == told(record)
        answer = store.load("x1")
        assert (answer.workflow_id, answer.revision) == (record.workflow_id, 1)

    def test_an_id_that_is_taken_is_not_created_again(self, store: Store) -> None:
        record = created(store, "x1", a_spec("a"), inputs={"by": "first"})
        assert not store.create(*a_creation("x1", a_spec("a"), inputs={"by": "first"}))
        assert not store.create(*a_creation("x1", a_spec("a"), inputs={"by": "second"}))
        assert told(loaded(store, "x1")) == told(record)

    def test_a_refused_creation_writes_nothing(self, store: Store) -> None:
        created(store, "x1", a_spec("a"))
        other = a_spec("b")
        assert not store.create(*a_creation("x1", other))
        with pytest.raises(DefinitionNotFound):
            store.definition(other.workflow_id)

    def test_an_execution_that_moved_on_is_not_created_again(self, store: Store) -> None:
        commit = a_commit(created(store))
        store.commit(commit)
        assert not store.create(*a_creation("x1"))
        assert told(loaded(store, "x1")) == told(commit.record)

    def test_of_racing_creators_of_one_id_one_wins(self, store: Store) -> None:
        commits = [a_creation("x1", inputs={"by": number}) for number in range(8)]
        with ThreadPoolExecutor(8) as threads:
            won = list(threads.map(lambda commit: store.create(*commit), commits))
        assert won.count(True) == 1
        assert loaded(store, "x1").inputs == {"by": won.index(True)}

    def test_ids_that_look_alike_are_not_the_same(self, store: Store) -> None:
        ids = ["x1", "X1", "x10", "x", "x.1", "x-1", "x_1", "1", "01", "1.0", "x" * 128]
        for number, execution_id in enumerate(ids):
            created(store, execution_id, inputs={"number": number})
        store.commit(a_commit(loaded(store, "x1")))
        for number, execution_id in enumerate(ids):
            found = loaded(store, execution_id)
            assert found.inputs == {"number": number}
            assert found.revision == (2 if execution_id == "x1" else 1)

    # definition -------------------------------------------------------------------------------------

    def test_a_definition_is_kept_once_for_all_its_executions(self, store: Store) -> None:
        spec = a_spec("a", "b")
        created(store, "x1", spec)
        created(store, "x2", spec)
        assert store.definition(spec.workflow_id) == a_definition(spec)

    def test_definitions_are_kept_apart(self, store: Store) -> None:
        one, other = a_spec("a"), a_spec("b")
        created(store, "x1", one)
        created(store, "x2", other)
        assert store.definition(one.workflow_id) == a_definition(one)
        assert store.definition(other.workflow_id) == a_definition(other)

    def test_a_definition_that_is_not_there_is_an_error(self, store: Store) -> None:
        created(store)
        for workflow_id in ("0" * 32, *TEXTS):
            with pytest.raises(DefinitionNotFound) as raised:
                store.definition(workflow_id)
            assert raised.value.workflow_id == workflow_id

    # load -------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("known", [0, 1])
    def test_an_execution_that_is_not_there_is_an_error(self, store: Store, known: int) -> None:
        record = created(store)
        for execution_id in ("x2", "X1", *TEXTS):
            with pytest.raises(ExecutionNotFound) as raised:
                store.load(execution_id, known=known)
            assert isinstance(raised.value, KeyError)
            assert raised.value.execution_id == execution_id
        assert told(loaded(store, "x1")) == told(record)

    def test_every_revision_loads_from_every_one_before_it(self, store: Store) -> None:
        records = [created(store, "x1", a_chain("a", "b", "c"))]
        results: list[tuple[StepResult, ...]] = [()]
        results += [(StepResult(step, 0, {"from": step}),) for step in ("a", "b", "c")]
        for result in results:
            commit = a_step(records[-1], *result)
            store.commit(commit)
            records.append(commit.record)
            for known in (None, *records):
                assert told(loaded(store, "x1", known)) == told(commit.record)
        assert loaded(store, "x1").status is WorkflowStatus.COMPLETE

    def test_a_long_history_loads_from_wherever_it_is_known(self, store: Store) -> None:
        records = [created(store, "x1", a_spec(*[f"s{n}" for n in range(40)]))]
        commit = a_step(records[-1])
        for number in range(40):
            store.commit(commit)
            records.append(commit.record)
            output = {f"k{number % 7}": "x" * 7_000 + str(number)}
            commit = a_step(commit.record, StepResult(f"s{number}", 0, output))
        store.commit(commit)
        assert told(loaded(store, "x1")) == told(commit.record)
        for known in records[::5]:
            assert told(loaded(store, "x1", known)) == told(commit.record)

    def test_asking_for_what_is_newer_than_the_newest_changes_nothing(self, store: Store) -> None:
        record = created(store)
        assert told(loaded(store, "x1", record)) == told(record)

    # commit -----------------------------------------------------------------------------------------

    def test_a_commit_is_what_loads_after_it(self, store: Store) -> None:
        record = created(store, "x1", a_spec("a", "b"))
        commit = a_step(record)
        store.commit(commit)
        assert told(loaded(store, "x1")) == told(commit.record)
        assert told(loaded(store, "x1")) != told(record)

    def test_of_two_writers_one_wins_and_the_other_is_told(self, store: Store) -> None:
        created(store, "x1", a_spec("a", attempts=2))
        mine, theirs = loaded(store, "x1"), loaded(store, "x1")
        won = a_commit(theirs)
        store.commit(won)
        with pytest.raises(RevisionConflict) as raised:
            store.commit(a_commit(mine))
        assert (raised.value.execution_id, raised.value.expected) == ("x1", 1)
        assert told(loaded(store, "x1")) == told(won.record)

    @pytest.mark.parametrize("ahead", [-1, 1, 2, 1_000_000])
    def test_revisions_have_no_gap_and_never_go_back(self, store: Store, ahead: int) -> None:
        record = _moved_on(store, times=3)
        with pytest.raises(RevisionConflict):
            store.commit(a_commit(record._replace(revision=record.revision + ahead)))
        assert told(loaded(store, "x1")) == told(record)

    def test_the_same_commit_again_is_a_success_and_changes_nothing(self, store: Store) -> None:
        commit = a_step(created(store, "x1", a_spec("a", "b")))
        store.commit(commit)
        store.commit(commit)
        assert told(loaded(store, "x1")) == told(commit.record)
        store.commit(a_step(commit.record, StepResult("a", 0, {})))

    def test_another_commit_of_the_same_revision_is_a_conflict(self, store: Store) -> None:
        commit = a_commit(created(store))
        store.commit(commit)
        with pytest.raises(RevisionConflict):
            store.commit(commit._replace(token="another"))  # noqa: S106 - no secret

    def test_a_commit_that_others_built_upon_is_a_conflict_when_repeated(
        self, store: Store
    ) -> None:
        first = a_commit(created(store))
        store.commit(first)
        second = a_commit(first.record)
        store.commit(second)
        with pytest.raises(RevisionConflict):
            store.commit(first)
        assert told(loaded(store, "x1")) == told(second.record)

    def test_the_same_token_at_another_revision_is_no_repetition(self, store: Store) -> None:
        first = a_commit(created(store))
        store.commit(first)
        second = a_commit(first.record)._replace(token=first.token)
        store.commit(second)
        assert told(loaded(store, "x1")) == told(second.record)

    def test_committing_to_an_execution_that_is_not_there_is_an_error(self, store: Store) -> None:
        record = created(store)
        with pytest.raises(ExecutionNotFound):
            store.commit(a_commit(record)._replace(execution_id="x2"))
        assert told(loaded(store, "x1")) == told(record)

    def test_executions_do_not_touch_each_other(self, store: Store) -> None:
        spec = a_spec("a", "b")
        records = {name: created(store, name, spec, inputs={"of": name}) for name in ("x1", "x2")}
        for _ in range(3):
            for name, record in records.items():
                commit = a_commit(record)
                store.commit(commit)
                records[name] = commit.record
        for name, record in records.items():
            assert told(loaded(store, name)) == told(record)

    def test_of_racing_writers_exactly_one_makes_each_revision(self, store: Store) -> None:
        created(store)

        def write(_writer: int) -> list[int]:
            made: list[int] = []
            for _ in range(MANY_TRIES):
                commit = a_commit(loaded(store, "x1"))
                try:
                    store.commit(commit)
                except RevisionConflict:
                    continue
                made.append(commit.revision)
                if len(made) == 5:
                    break
            return made

        with ThreadPoolExecutor(8) as threads:
            made = [revision for own in threads.map(write, range(8)) for revision in own]
        assert sorted(made) == list(range(2, 42))
        record = loaded(store, "x1")
        assert record.revision == 41
        assert len(record.ignored) == 40

    def test_readers_see_whole_commits_while_others_write(self, store: Store) -> None:
        record = created(store, "x1", a_spec(*[f"s{n}" for n in range(20)]))

        over = Event()

        def read(_reader: int) -> list[WorkflowRecord]:
            seen: list[WorkflowRecord] = []
            while not over.is_set():
                seen.append(loaded(store, "x1"))
            return seen

        with ThreadPoolExecutor(4) as threads:
            readers = [threads.submit(read, number) for number in range(4)]
            try:
                commit = a_step(record)
                store.commit(commit)
                for number in range(20):
                    commit = a_step(commit.record, StepResult(f"s{number}", 0, {"n": number}))
                    store.commit(commit)
            finally:
                over.set()
        for reader in readers:
            for before, after in pairwise(reader.result()):
                assert before.revision <= after.revision
                assert after.frame.open == 20 - max(0, after.revision - 2)

    # Values -----------------------------------------------------------------------------------------

    def test_payloads_come_back_exactly_as_they_went_in(self, store: Store) -> None:
        record = created(store, "x1", a_spec("a"), inputs=PAYLOAD)
        commit = a_step(record)
        store.commit(commit)
        commit = a_step(commit.record, StepResult("a", 0, PAYLOAD))
        store.commit(commit)
        found = loaded(store, "x1")
        # As text, because 1 == 1.0 == True, and 0.0 == -0.0.
        assert text(found.inputs) == text(PAYLOAD)
        assert text(found.steps["a"].output) == text(PAYLOAD)
        assert text(dict(found.state)) == text(PAYLOAD)

    def test_errors_come_back_exactly_as_they_went_in(self, store: Store) -> None:
        for number, hostile in enumerate(TEXTS):
            commit = a_step(created(store, f"x{number}"))
            store.commit(commit)
            error = {"type": "Error", "message": hostile}
            commit = a_step(commit.record, StepResult("a", 0, None, error))
            store.commit(commit)
            found = loaded(store, f"x{number}")
            assert found.status is WorkflowStatus.FAILED
            assert found.error == commit.record.error

    def test_moments_come_back_exactly_as_they_went_in(self, store: Store) -> None:
        spec = a_spec("a", attempts=2)
        moment = NOW + timedelta(days=20_000, milliseconds=1)
        commit = a_step(created(store, "x1", spec), now=moment)
        store.commit(commit)
        commit = a_step(
            commit.record, StepResult("a", 0, None, {"type": "E", "message": ""}), now=moment
        )
        store.commit(commit)
        found = loaded(store, "x1")
        assert found.origin.created_at == NOW
        assert found.started_at == moment
        assert found.steps["a"].started_at == moment

    # The store itself -------------------------------------------------------------------------------

    def test_its_time_is_in_utc_in_whole_milliseconds_and_does_not_go_back(
        self, store: Store
    ) -> None:
        moments = [store.now() for _ in range(100)]
        assert all(moment.utcoffset() == timedelta(0) for moment in moments)
        assert all(moment.microsecond % 1000 == 0 for moment in moments)
        assert moments == sorted(moments)

    def test_it_names_its_limits_and_what_a_transaction_spans(self, store: Store) -> None:
        assert isinstance(store.limits, Limits)
        assert store.database is None or store.database

    def test_its_errors_have_one_root(self, store: Store) -> None:
        commit = a_commit(created(store))
        store.commit(commit)
        with pytest.raises(StoreError):
            store.commit(commit._replace(token="another"))  # noqa: S106 - no secret


def _moved_on(store: Store, *, times: int) -> WorkflowRecord:
    record = created(store)
    for _ in range(times):
        commit = a_commit(record)
        store.commit(commit)
        record = commit.record
    return record
