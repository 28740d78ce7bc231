"""What a store promises that remembers outputs, definitions, and what schedules did."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from runfox.backend.protocols import (
    CacheEntry,
    Caches,
    Definition,
    Definitions,
    Fired,
    Notes,
    Store,
)
from runfox.errors import DefinitionNotFound, RevisionConflict
from runfox.testing.builders import NOW, a_commit, a_definition, a_spec, created
from runfox.testing.hostile import PAYLOAD, TEXTS
from runfox.values import text

HOUR = timedelta(hours=1)


class CachesContract:
    """``Caches``. Checked where the store implements it."""

    @pytest.fixture
    def caches(self, store: Store) -> Caches:
        if not isinstance(store, Caches):
            pytest.skip(f"{type(store).__name__} remembers no outputs")
        return store

    def test_what_a_commit_remembers_is_recalled(self, store: Store, caches: Caches) -> None:
        record = created(store)
        assert caches.recall("w", "a", "k") is None
        store.commit(a_commit(record)._replace(cached=(CacheEntry("w", "a", "k", PAYLOAD),)))
        assert text(caches.recall("w", "a", "k")) == text(PAYLOAD)
        for other in (("W", "a", "k"), ("w", "b", "k"), ("w", "a", "K")):
            assert caches.recall(*other) is None

    def test_what_is_remembered_later_takes_the_place(self, store: Store, caches: Caches) -> None:
        _remember(store, "x1", CacheEntry("w", "a", "k", {"n": 1}, store.now() + HOUR))
        _remember(store, "x2", CacheEntry("w", "a", "k", {"n": 2}))
        assert caches.recall("w", "a", "k") == {"n": 2}

    def test_what_is_past_its_time_is_not_recalled(self, store: Store, caches: Caches) -> None:
        _remember(
            store,
            "x1",
            CacheEntry("w", "a", "past", {}, store.now() - HOUR),
            CacheEntry("w", "a", "future", {}, store.now() + HOUR),
        )
        assert caches.recall("w", "a", "past") is None
        _remember(store, "x2", CacheEntry("w", "a", "another", {}))
        assert caches.recall("w", "a", "past") is None
        assert caches.recall("w", "a", "future") == {}

    def test_a_commit_that_fails_remembers_nothing(self, store: Store, caches: Caches) -> None:
        record = created(store)
        store.commit(a_commit(record))
        with pytest.raises(RevisionConflict):
            store.commit(a_commit(record)._replace(cached=(CacheEntry("w", "a", "k", {}),)))
        assert caches.recall("w", "a", "k") is None

    def test_keys_of_outputs_may_be_any_text(self, store: Store, caches: Caches) -> None:
        texts = [*dict.fromkeys(TEXTS)]
        entries = [CacheEntry("w", "a", key, {"n": number}) for number, key in enumerate(texts)]
        _remember(store, "x1", *entries)
        for number, key in enumerate(texts):
            assert caches.recall("w", "a", key) == {"n": number}
            assert caches.recall(key, key, key) is None


def _remember(store: Store, execution_id: str, *entries: CacheEntry) -> None:
    store.commit(a_commit(created(store, execution_id))._replace(cached=entries))


class FiredContract:
    """``Fired``. Checked where the store implements it."""

    @pytest.fixture
    def schedules(self, store: Store) -> Fired:
        if not isinstance(store, Fired):
            pytest.skip(f"{type(store).__name__} remembers no schedules")
        return store

    def test_a_schedule_is_fired_by_who_knows_what_was_last(self, schedules: Fired) -> None:
        assert schedules.fired("s") is None
        assert not schedules.fire("s", NOW, NOW + HOUR)
        assert schedules.fire("s", None, NOW)
        assert not schedules.fire("s", None, NOW + HOUR)
        assert not schedules.fire("s", NOW + HOUR, NOW)
        assert schedules.fired("s") == NOW
        assert schedules.fire("s", NOW, NOW + HOUR)
        assert schedules.fired("s") == NOW + HOUR

    def test_of_racing_schedulers_one_fires(self, schedules: Fired) -> None:
        for before in (None, NOW):
            now = NOW if before is None else NOW + HOUR
            with ThreadPoolExecutor(8) as threads:
                fired = list(
                    threads.map(lambda _, b=before, n=now: schedules.fire("s", b, n), range(8))
                )
            assert fired.count(True) == 1

    def test_schedules_of_any_name_are_apart(self, schedules: Fired) -> None:
        for number, name in enumerate(dict.fromkeys(TEXTS)):
            assert schedules.fire(name, None, NOW + number * HOUR)
            assert schedules.fired(name) == NOW + number * HOUR


class NotesContract:
    """``Notes``. Checked where the store implements it."""

    @pytest.fixture
    def notes(self, store: Store) -> Notes:
        if not isinstance(store, Notes):
            pytest.skip(f"{type(store).__name__} takes no notes")
        return store

    def test_what_was_never_done_is_not_noted(self, notes: Notes) -> None:
        assert notes.noted("sweep") is None

    def test_when_it_was_done_last_is_noted(self, store: Store, notes: Notes) -> None:
        for _ in range(2):
            before = store.now()
            notes.note("sweep")
            at = notes.noted("sweep")
            assert at is not None
            assert before <= at <= store.now()

    def test_notes_of_any_name_are_apart(self, notes: Notes) -> None:
        names = list(dict.fromkeys(TEXTS))
        for noted, name in enumerate(names):
            assert notes.noted(name) is None
            notes.note(name)
            assert all(notes.noted(one) is not None for one in names[: noted + 1])


class DefinitionsContract:
    """``Definitions``. Checked where the store implements it."""

    @pytest.fixture
    def kept(self, store: Store) -> Definitions:
        if not isinstance(store, Definitions):
            pytest.skip(f"{type(store).__name__} keeps definitions with executions alone")
        return store

    def test_a_definition_can_be_kept_before_anybody_runs_it(
        self, store: Store, kept: Definitions
    ) -> None:
        assert kept.keep_definition(a_version("1"))
        assert not kept.keep_definition(a_version("1"))
        assert store.definition(a_version("1").workflow_id) == a_version("1")
        created(store, "x1", a_spec("b"))
        assert not kept.keep_definition(a_definition(a_spec("b")))

    def test_definitions_are_listed_newest_first(self, store: Store, kept: Definitions) -> None:
        assert kept.definitions() == []
        for version in ("2", "1", "3"):
            kept.keep_definition(a_version(version))
        created(store, "x1", a_spec(name="other"), now=store.now() + HOUR)
        rows = kept.definitions("order")
        assert [row.definition for row in rows] == [a_version(label) for label in "312"]
        assert not any(row.active for row in rows)
        assert all(store.now() - HOUR < row.created_at <= store.now() for row in rows)
        assert [row.definition.name for row in kept.definitions()] == ["other", *["order"] * 3]
        assert kept.definitions("Order") == []

    def test_of_a_name_at_most_one_is_active(self, kept: Definitions) -> None:
        for definition in (a_version("1"), a_version("2"), a_version("1", name="bill")):
            kept.keep_definition(definition)
        assert kept.active() == []
        kept.activate(a_version("2").workflow_id)
        kept.activate(a_version("1").workflow_id)
        kept.activate(a_version("1").workflow_id)
        kept.activate(a_version("1", name="bill").workflow_id)
        assert kept.active() == [a_version("1", name="bill"), a_version("1")]
        assert kept.active("order") == [a_version("1")]
        active = [row.definition for row in kept.definitions("order") if row.active]
        assert active == [a_version("1")]

    def test_what_is_not_kept_cannot_be_active(self, kept: Definitions) -> None:
        kept.keep_definition(a_version("1"))
        kept.activate(a_version("1").workflow_id)
        for workflow_id in ("0" * 32, *TEXTS):
            with pytest.raises(DefinitionNotFound):
                kept.activate(workflow_id)
        assert kept.active() == [a_version("1")]

    def test_a_name_stands_for_the_active_one_or_else_the_newest(self, kept: Definitions) -> None:
        assert kept.find("order") is None
        for version in ("2", "1", "3"):
            kept.keep_definition(a_version(version))
        assert kept.find("order") == a_version("3")
        kept.activate(a_version("1").workflow_id)
        assert kept.find("order") == a_version("1")
        kept.keep_definition(a_version("4"))
        assert kept.find("order") == a_version("1")
        assert kept.find("Order") is None

    def test_a_version_stands_for_the_newest_of_its_label(self, kept: Definitions) -> None:
        for definition in (a_version("1"), a_version("1", text="changed"), a_version("2")):
            kept.keep_definition(definition)
        kept.activate(a_version("1").workflow_id)
        assert kept.find("order", "1") == a_version("1", text="changed")
        assert kept.find("order", "2") == a_version("2")
        assert kept.find("order", "3") is None
        assert kept.find("bill", "1") is None

    def test_what_executions_were_created_with_is_found_by_name(
        self, store: Store, kept: Definitions
    ) -> None:
        created(store, "x1", a_spec("b", name="order"))
        assert kept.find("order") == a_definition(a_spec("b", name="order"))

    def test_hostile_names_find_nothing(self, kept: Definitions) -> None:
        kept.keep_definition(a_version("1"))
        for hostile in TEXTS:
            assert kept.find(hostile) is kept.find("order", hostile) is None
            assert kept.definitions(hostile) == []
            assert kept.active(hostile) == []


def a_version(version: str, *, name: str = "order", text: str = "") -> Definition:
    """Return a definition; stores do not read what is in one."""
    return Definition(f"{name}-{version}-{text}", name, version, "{}")
