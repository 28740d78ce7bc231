"""The tables of a PostgreSQL schema: made once, by whoever comes first, and used by roles that need no more."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from runfox.backend import Backend
from runfox.backend.postgres import PostgresRunner, PostgresStore, roles, schema
from runfox.backend.postgres.address import address_of
from runfox.backend.protocols import Ask, Taker
from runfox.connect import connect
from runfox.errors import RequestError, SchemaMismatch
from runfox.results import Complete
from runfox.testing import a_commit, a_job, a_spec, created, loaded, told
from tests.postgres_looks import beside

LEASE = timedelta(hours=1)


def test_of_many_who_start_at_once_one_makes_the_tables(postgres_database):
    # Another size is another pool: as good as another process.
    stores = [PostgresStore(postgres_database, size=size) for size in range(1, 9)]
    barrier = Barrier(8)

    def start(store):
        barrier.wait()
        return store.executions()

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(start, stores)) == [[]] * 8
    with beside(postgres_database) as connection:
        assert connection.execute("SELECT version FROM meta").fetchall() == [(schema.VERSION,)]
    for store in stores:
        store.close()


def test_a_schema_of_a_newer_runfox_is_refused(postgres_database):
    PostgresStore(postgres_database).close()
    store = PostgresStore(postgres_database)
    created(store)
    store.close()
    with beside(postgres_database) as connection:
        connection.execute("UPDATE meta SET version = 99")
        before = connection.execute("SELECT * FROM executions").fetchall()
        with pytest.raises(SchemaMismatch, match=r"version 99.*newer runfox"):
            PostgresStore(postgres_database).executions()
        assert connection.execute("SELECT * FROM executions").fetchall() == before


def test_a_schema_of_another_program_is_left_alone(postgres_database):
    address = address_of(postgres_database)
    with beside(postgres_database) as connection:
        connection.execute(f"CREATE SCHEMA {address.schema}")
        connection.execute("CREATE TABLE facts (mine TEXT)")
        with pytest.raises(SchemaMismatch, match="another program"):
            PostgresStore(postgres_database).executions()
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = %s"
        assert connection.execute(tables, (address.schema,)).fetchall() == [(1,)]


def test_a_migration_that_breaks_off_leaves_nothing(postgres_database, monkeypatch):
    broken = (*schema.MIGRATIONS[1][:-1], "SELECT 1 / 0")
    monkeypatch.setitem(schema.MIGRATIONS, 1, broken)
    with pytest.raises(RequestError, match="division by zero"):
        PostgresStore(postgres_database).executions()
    with beside(postgres_database) as connection:
        found = "SELECT count(*) FROM pg_namespace WHERE nspname = %s"
        name = address_of(postgres_database).schema
        assert connection.execute(found, (name,)).fetchall() == [(0,)]
    monkeypatch.undo()
    store = PostgresStore(postgres_database)
    assert store.executions() == []
    store.close()


def test_what_is_printed_makes_the_same_tables(postgres_database):
    address = address_of(postgres_database)
    done = subprocess.run(
        [sys.executable, "-m", "runfox.backend.postgres.schema", address.schema],
        capture_output=True,
        text=True,
        check=True,
    )
    with psycopg.connect(address.conninfo, autocommit=True) as connection:
        connection.execute(done.stdout)
    store = PostgresStore(postgres_database)
    record = created(store)
    store.commit(commit := a_commit(record))
    assert told(loaded(store, "x1")) == told(commit.record)
    store.close()


# Roles ------------------------------------------------------------------------------------------------


@pytest.fixture
def as_role(postgres_database):
    """Return the URL of a schema with tables, for each of the three roles."""
    owner = PostgresStore(postgres_database)
    owner.executions()
    owner.close()
    address = address_of(postgres_database)
    prefix = f"r{uuid4().hex[:12]}"
    names = [f"{prefix}_{kind}" for kind in roles.KINDS]
    with psycopg.connect(address.conninfo, autocommit=True) as connection:
        for name in names:
            connection.execute(f"CREATE ROLE {name} LOGIN")
        for statement in roles.grants(address.schema, prefix):
            connection.execute(statement)
        yield lambda kind: make_conninfo(address.conninfo, user=f"{prefix}_{kind}")
        for name in names:
            connection.execute(f"DROP OWNED BY {name}")
            connection.execute(f"DROP ROLE {name}")


def test_a_driver_can_do_all_that_a_workflow_needs(as_role, postgres_database):
    own = address_of(postgres_database).schema
    store = PostgresStore(as_role("driver"), schema=own)
    runner = PostgresRunner(as_role("driver"), schema=own)
    backend = Backend(store, runner)
    spec = a_spec("a")
    backend.keep(spec)
    key = backend.create(spec)
    backend.step(key)
    [job] = backend.take_pending_jobs()
    backend.submit_work_result(key, "a", {}, job.run_id)
    assert isinstance(backend.step(key).decision, Complete)
    assert store.ledger.reclaim() == 0
    assert [found.status for found in store.executions()] == ["complete"]
    assert store.prune(store.now() + LEASE) == [key.rpartition("#")[2]]
    store.wait(0.01)
    store.close()


def test_a_driver_can_change_no_tables(as_role, postgres_database):
    own = address_of(postgres_database).schema
    with psycopg.connect(as_role("driver"), autocommit=True) as connection:
        for statement in (
            f"DROP TABLE {own}.facts",
            f"CREATE TABLE {own}.mine (a INT)",
            f"UPDATE {own}.meta SET version = 99",
            f"ALTER TABLE {own}.jobs ADD COLUMN mine INT",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_a_worker_takes_and_submits_and_sees_nothing_of_executions(as_role, postgres_database):
    backend = connect(postgres_database)
    key = backend.create(a_spec("a", "b"), {"secret": "inputs"})
    backend.step(key)
    own = address_of(postgres_database).schema
    runner = PostgresRunner(as_role("worker"), schema=own)
    one, other = runner.take_pending_jobs(2, lease=LEASE)
    runner.submit_work_result(key, one.step_id, {}, one.run_id)
    assert len(runner.ledger.beat(runner.hand(LEASE))) == 2
    runner.ledger.release(runner.hand(LEASE), [other])
    assert runner.ledger.reclaim() == 0
    assert runner.ledger.expire() == 0
    runner.wait(0.01)
    with psycopg.connect(as_role("worker"), autocommit=True) as connection:
        for statement in (
            f"SELECT * FROM {own}.executions",
            f"SELECT * FROM {own}.facts",
            f"SELECT * FROM {own}.snapshots",
            f"UPDATE {own}.jobs SET inputs = '{{}}'",
            f"INSERT INTO {own}.facts VALUES (1, 1, 1, '')",
            f"DELETE FROM {own}.inbox",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
    runner.close()
    with pytest.raises(RequestError, match=r"permission denied.*grants"):
        PostgresStore(as_role("worker"), schema=own).executions()
    assert backend.step(key).facts
    backend.store.close()


def test_a_reader_reads_and_writes_nothing(as_role, postgres_database):
    backend = connect(postgres_database)
    key = backend.create(a_spec("a"))
    backend.step(key)
    own = address_of(postgres_database).schema
    store = PostgresStore(as_role("reader"), schema=own)
    record = loaded(store, backend.load(key).execution_id)
    assert record.revision == 2
    assert [found.revision for found in store.executions()] == [2]
    assert len(store.history(record.execution_id)) == 2
    assert len(store.ledger.pending()) == 1
    assert store.ledger.depths()[0].jobs == 1
    for act in (
        lambda: store.commit(a_commit(record)),
        lambda: created(store, "x9"),
        lambda: store.ledger.take(Ask(Taker("w1", LEASE))),
        lambda: store.ledger.queue([a_job("a")]),
        lambda: store.forget("x1", 1),
    ):
        with pytest.raises(RequestError, match="permission denied"):
            act()
    store.close()
    backend.store.close()


def test_who_may_not_make_the_tables_is_told_who_may(postgres_database):
    address = address_of(postgres_database)
    name = f"r{uuid4().hex[:12]}"
    with psycopg.connect(address.conninfo, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN")
        try:
            store = PostgresStore(make_conninfo(address.conninfo, user=name), schema=address.schema)
            with pytest.raises(RequestError, match="may not make the tables"):
                store.executions()
        finally:
            connection.execute(f"DROP ROLE {name}")
