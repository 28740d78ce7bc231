"""Several at once on a PostgreSQL database: whoever is second sees what the first has done."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from psycopg import errors

from runfox.backend.postgres import PostgresRunner, PostgresStore
from runfox.backend.postgres.database import TRIES
from runfox.backend.protocols import Ask, Message, Taker
from runfox.connect import connect
from runfox.errors import RequestError, RevisionConflict, SchemaMismatch, StoreUnavailable
from runfox.testing import a_commit, a_job, a_spec, created, loaded
from tests.postgres_looks import PATIENCE, beside, until

LEASE = timedelta(hours=1)


@pytest.fixture
def store(postgres_database):
    store = PostgresStore(postgres_database)
    yield store
    store.close()


def waits_for_a_lock(connection):
    return until(
        lambda: connection.execute(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'runfox' AND wait_event_type = 'Lock'"
        ).fetchone()
    )


def test_who_waited_for_another_commit_is_told_that_it_came_first(store, postgres_database):
    record = created(store)
    with (
        beside(postgres_database) as other,
        beside(postgres_database) as looking,
        ThreadPoolExecutor(1) as thread,
    ):
        with other.transaction():
            other.execute("UPDATE executions SET revision = 2, token = 'theirs'")
            waiting = thread.submit(store.commit, a_commit(record))
            waits_for_a_lock(looking)
        with pytest.raises(RevisionConflict):
            waiting.result(PATIENCE)
    assert store.load("x1", known=2).revision == 2


def test_who_waited_for_another_commit_that_was_undone_makes_its_own(store, postgres_database):
    record = created(store)
    with (
        beside(postgres_database) as other,
        beside(postgres_database) as looking,
        ThreadPoolExecutor(1) as thread,
    ):
        with other.transaction(force_rollback=True):
            other.execute("UPDATE executions SET revision = 2, token = 'theirs'")
            waiting = thread.submit(store.commit, a_commit(record))
            waits_for_a_lock(looking)
        assert waiting.result(PATIENCE) is False
    assert loaded(store, "x1").revision == 2


def test_a_job_that_another_is_taking_is_passed_over_without_waiting(store, postgres_database):
    store.ledger.queue([a_job("a"), a_job("b")])
    with beside(postgres_database) as other, other.transaction():
        other.execute("SELECT 1 FROM jobs WHERE step = 'a' FOR UPDATE")
        taken = store.ledger.take(Ask(Taker("w1", LEASE), 10))
        assert [job.step_id for job in taken] == ["b"]
    assert [job.step_id for job in store.ledger.take(Ask(Taker("w2", LEASE), 10))] == ["a"]


def test_what_reads_does_not_wait_for_what_writes(store, postgres_database):
    created(store)
    with beside(postgres_database) as other, other.transaction():
        other.execute("UPDATE executions SET revision = 7")
        other.execute("SELECT 1 FROM jobs FOR UPDATE")
        assert loaded(store, "x1").revision == 1
        assert [found.revision for found in store.executions()] == [1]
        assert store.due(10) == []


def test_a_message_never_gets_a_place_below_one_that_was_read(store, postgres_database):
    created(store)
    with (
        beside(postgres_database) as other,
        beside(postgres_database) as looking,
        ThreadPoolExecutor(1) as thread,
    ):
        with other.transaction():
            other.execute("INSERT INTO inbox VALUES ('x1', NULL, 'early', 'signal', '{}')")
            late = thread.submit(store.put, Message("x1", "late", "signal", {}))
            waits_for_a_lock(looking)
            assert store.read("x1", 10) == []
        assert late.result(PATIENCE) is True
    assert [message.key for message in store.read("x1", 10)] == ["early", "late"]


def test_what_the_server_undid_for_another_is_done_again(store):
    failures = [errors.DeadlockDetected("one"), errors.SerializationFailure("two")]

    def work(connection):
        if failures:
            raise failures.pop()
        return connection.execute("SELECT 1").fetchall()

    assert store._database.run(work) == [(1,)]


def test_what_is_undone_again_and_again_is_given_up(store):
    tries = []

    def work(connection):
        tries.append(1)
        raise errors.DeadlockDetected("always")

    with pytest.raises(StoreUnavailable, match="for the sake of others"):
        store._database.write(work)
    assert len(tries) == TRIES


def test_two_who_tell_each_other_do_not_stop_each_other(store):
    records = {name: created(store, name) for name in ("x1", "x2")}

    def tell(own, other):
        record = records[own]
        for number in range(30):
            message = Message(other, f"{own}-{number}", "signal", {})
            commit = a_commit(record)._replace(messages=(message,))
            store.commit(commit)
            record = commit.record

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(tell, ("x1", "x2"), ("x2", "x1")))
    assert len(store.read("x1", 100)) == len(store.read("x2", 100)) == 30


@pytest.mark.parametrize(
    ("failure", "ours"),
    [
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$", StoreUnavailable),
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '57014'; END $$", StoreUnavailable),
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '57P01'; END $$", StoreUnavailable),
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '25006'; END $$", StoreUnavailable),
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'XX001'; END $$", StoreUnavailable),
        ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '42501'; END $$", RequestError),
        ("SELECT nonsense", SchemaMismatch),
    ],
)
def test_no_error_of_the_driver_gets_out(store, failure, ours):
    with pytest.raises(ours) as raised:
        store._database.write(lambda connection: connection.execute(failure))
    assert isinstance(raised.value.__cause__, psycopg.Error)


def test_a_server_that_is_not_there_is_unavailable_and_says_where():
    store = connect("postgresql://127.0.0.1:1/nowhere").store
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1/nowhere"):
        store.executions()


def test_a_lock_that_is_held_for_ever_is_waited_for_no_longer_than_is_set(
    store, postgres_database, monkeypatch
):
    record = created(store)
    with store._database.connection() as connection:
        [settings] = connection.execute(
            "SELECT current_setting('lock_timeout'), current_setting('statement_timeout'),"
            " current_setting('idle_in_transaction_session_timeout'), current_setting('synchronous_commit')"
        ).fetchall()
        assert settings == ("10s", "30s", "30s", "on")
        connection.execute("SET lock_timeout = '50ms'")
    with beside(postgres_database) as other, other.transaction():
        other.execute("UPDATE executions SET revision = 2")
        with pytest.raises(StoreUnavailable, match="lock timeout"):
            store.commit(a_commit(record))


def test_store_and_runner_of_one_schema_share_their_connections(postgres_database):
    store, runner = PostgresStore(postgres_database), PostgresRunner(postgres_database)
    assert store._database is runner._database
    assert store.database == runner.database
    other = PostgresRunner(postgres_database, schema="another")
    assert other.database != store.database
    store.close()


def test_a_worker_that_speaks_sql_alone_has_what_it_needs(postgres_database):
    backend = connect(postgres_database)
    key = backend.create(a_spec("a"), {"n": 1})
    backend.step(key)
    with beside(postgres_database) as worker:
        take = "UPDATE jobs SET worker = 'sql', delivery = delivery + 1 RETURNING step"
        with pytest.raises(errors.RaiseException, match="must be in the table workers"):
            worker.execute(take)
        worker.execute(
            "INSERT INTO workers (worker, host, pid, lease_until)"
            " VALUES ('sql', 'here', 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint + 60000)"
        )
        assert worker.execute(take).fetchall() == [("a",)]
        assert backend.take_pending_jobs() == []
        worker.execute(
            "INSERT INTO inbox (execution_id, key, kind, body)"
            ' SELECT execution_id, \'k\', \'result\', \'{"step": "a", "run_id": 0, "output": {"n": 2}}\' FROM jobs'
        )
    assert backend.store.due(10) == [backend.load(key).execution_id]
    assert backend.step(key).record.status.ended
    backend.store.close()


def test_the_pool_is_as_large_as_it_was_asked_to_be(postgres_database):
    store = PostgresStore(postgres_database, size=2)
    created(store)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: store.load("x1"), range(40)))
    count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'runfox'"
    with beside(postgres_database) as connection:
        # Those of tests before are on their way out, perhaps.
        until(lambda: connection.execute(count).fetchone()[0] <= 2)
    store.close()
