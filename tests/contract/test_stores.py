"""Every store keeps the promises of a store."""

import pytest

from runfox.backend import InMemoryStore, SqliteStore
from runfox.backend.postgres import PostgresStore
from runfox.backend.protocols import (
    Caches,
    Definitions,
    Due,
    Fired,
    Groups,
    Histories,
    Inbox,
    Lists,
    Notes,
    Prunes,
    Slots,
    Wakes,
)
from runfox.testing import InboxContract, RecordsContract, SpreadingContract, StoreContract
from tests.contract.text_store import TextStore


class TestInMemoryStore(StoreContract):
    @pytest.fixture
    def store(self):
        return InMemoryStore()


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        store = SqliteStore(tmp_path / "s.db")
        yield store
        store.close()


class TestFastSqliteStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        store = SqliteStore(tmp_path / "s.db", profile="fast")
        yield store
        store.close()


class TestPostgresStore(StoreContract):
    @pytest.fixture
    def store(self, postgres_database):
        store = PostgresStore(postgres_database)
        yield store
        store.close()


class TestStoreOfAThirdParty(RecordsContract, SpreadingContract, InboxContract):
    """It does what no store can do without; the classes of what it does not do would be skipped."""

    @pytest.fixture
    def store(self, tmp_path):
        return TextStore(tmp_path)


@pytest.mark.parametrize(
    "optional",
    [Caches, Definitions, Due, Fired, Groups, Histories, Inbox, Lists, Notes, Prunes, Slots, Wakes],
)
@pytest.mark.parametrize("store", [InMemoryStore, SqliteStore, PostgresStore])
def test_the_stores_of_this_package_can_do_everything(store, optional):
    assert isinstance(store.__new__(store), optional)
