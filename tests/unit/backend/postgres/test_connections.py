"""Connections to a PostgreSQL database that are cut, lost, inherited: nothing is lost with them, nobody robbed."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from textwrap import dedent

import psycopg
import pytest

from runfox.backend.postgres import PostgresStore, committing, ledger, session
from runfox.backend.postgres.session import lock_key
from runfox.backend.protocols import Ask, Message, Taker
from runfox.connect import connect
from runfox.errors import StoreUnavailable
from runfox.testing import a_commit, a_job, a_spec, a_step, created, loaded, told
from tests.postgres_looks import PATIENCE, beside, cut, until
from tests.postgres_server import a_schema, a_server, with_schema

LEASE = timedelta(hours=1)
ME = Taker("w1", LEASE)

LISTENS = "query LIKE 'LISTEN%' OR query LIKE '%pg_try_advisory_lock%' OR query LIKE '%wal_insert%'"


@pytest.fixture
def store(postgres_database):
    store = PostgresStore(postgres_database)
    yield store
    store.close()


@pytest.fixture
def untold(monkeypatch):
    """Nobody looks by itself: who does not hear waits for ever."""
    monkeypatch.setattr(session, "POLL", 10 * PATIENCE)


def eventually(act):
    """Return what an act returns, once the server answers."""

    def tried():
        try:
            return [act()]
        except StoreUnavailable:
            return []

    return until(tried)[0]


def settled(store):
    """Let this thread know of all that was written until now."""
    store.wait(0.01)
    until(lambda: store._database.session._connection)
    for _ in range(3):
        store.wait(0.05)


# Hearing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [
        lambda store: store.put(Message("x1", "k", "signal", {})),
        lambda store: store.ledger.queue([a_job("a")]),
        lambda store: store.commit(a_step(loaded(store, "x1"))),
    ],
)
def test_who_waits_is_told_of_messages_and_of_jobs(store, postgres_database, untold, act):
    created(store)
    other = PostgresStore(postgres_database, size=3)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(settled, other).result(PATIENCE)
        waiting = thread.submit(other.wait, 9 * PATIENCE)
        act(store)
        waiting.result(PATIENCE)
    other.close()


def test_who_waits_is_told_of_an_end_and_of_a_job_that_is_given_back(store, untold):
    record = a_step(created(store))
    store.commit(record._replace(taker=ME))
    with ThreadPoolExecutor(1) as thread:
        thread.submit(settled, store).result(PATIENCE)
        waiting = thread.submit(store.wait, 9 * PATIENCE)
        store.ledger.release(ME, record.jobs)
        waiting.result(PATIENCE)
        thread.submit(settled, store).result(PATIENCE)
        waiting = thread.submit(store.wait, 9 * PATIENCE)
        with store._database.connection() as connection:
            connection.execute("UPDATE executions SET ended_at = 1")
        waiting.result(PATIENCE)


def test_who_was_cut_off_while_it_listened_hears_again(store, postgres_database, untold):
    created(store)
    settled(store)
    before = store._database.session._connection
    with beside(postgres_database) as connection:
        assert cut(connection, LISTENS) >= 1
    until(lambda: store._database.session._connection not in (None, before))
    with ThreadPoolExecutor(1) as thread:
        thread.submit(settled, store).result(PATIENCE)
        waiting = thread.submit(store.wait, 9 * PATIENCE)
        store.put(Message("x1", "k", "signal", {}))
        waiting.result(PATIENCE)


# Lost answers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("plain", [True, False])
def test_a_commit_whose_answer_was_lost_is_known_by_its_token(
    store, postgres_database, monkeypatch, plain
):
    record = created(store, "x1", a_spec("a", "b"))
    created(store, "x2")
    commit = a_step(record)
    if not plain:
        commit = commit._replace(messages=(Message("x2", "k", "signal", {}),))
    store.now()  # The server was asked for its time before.
    lost = []
    run = store._database.run

    def cut_after(work):
        answer = run(work)
        if not lost:
            lost.append(answer)
            # It is durable, and the way back is gone.
            with store._database.connection() as connection, beside(postgres_database) as other:
                cut(other, f"pid = {connection.info.backend_pid}")
                run(lambda _: connection.execute("SELECT 1"))
        return answer

    monkeypatch.setattr(store._database, "run", cut_after)
    with pytest.raises(StoreUnavailable):
        store.commit(commit)
    assert told(loaded(store, "x1")) == told(commit.record)
    assert store.commit(commit) is False
    assert told(loaded(store, "x1")) == told(commit.record)
    assert len(store.ledger.pending()) == 2
    assert len(store.read("x2", 10)) == (0 if plain else 1)


def test_a_commit_is_answered_though_no_snapshot_of_it_could_be_kept(store, monkeypatch, caplog):
    record = created(store)
    monkeypatch.setattr(committing, "SNAPSHOT_BYTES", 0)
    monkeypatch.setattr(committing, "_SNAPSHOT", "SELECT nothing")
    commit = a_step(record)
    assert store.commit(commit) is False
    assert "no snapshot" in caplog.text
    assert told(loaded(store, "x1")) == told(commit.record)


def test_a_decision_goes_through_though_its_answer_was_lost(postgres_database, monkeypatch):
    backend = connect(postgres_database)
    key = backend.create(a_spec("a"))
    answers = []
    fetched = committing.fetched

    def lose(connection, sql, values=()):
        rows = fetched(connection, sql, values)
        answers.append(rows)
        if len(answers) == 1:
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return rows

    monkeypatch.setattr(committing, "fetched", lose)
    assert len(backend.step(key).jobs) == 1
    assert len(answers) > 1
    assert backend.load(key).revision == 2
    assert len(backend.list_pending_jobs()) == 1
    backend.store.close()


def test_after_all_connections_were_cut_the_next_call_or_the_one_after_it_succeeds(
    store, postgres_database
):
    record = created(store)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: store.load("x1"), range(20)))
    with beside(postgres_database) as connection:
        cut(connection)
    failures = 0
    for _ in range(5):
        try:
            store.load("x1")
        except StoreUnavailable:
            failures += 1
    assert failures <= 1
    store.commit(a_commit(record))


def test_a_server_that_crashes_loses_nothing_that_it_acknowledged():
    with a_server() as server, a_schema(server.url) as name:
        url = with_schema(server.url, name)
        store = PostgresStore(url)
        acknowledged = created(store)
        store.ledger.queue([a_job("a")])
        assert len(store.ledger.take(Ask(ME))) == 1
        settled(store)
        for restart in (server.restart, server.kill):
            restart()
            for _ in range(3):
                commit = a_commit(acknowledged)
                eventually(lambda commit=commit: store.commit(commit))
                acknowledged = commit.record
            assert told(eventually(lambda: loaded(store, "x1"))) == told(acknowledged)
            # It hears again, and has the lock of its worker again.
            until(lambda: store._database.session._held == {"w1"})
            other = PostgresStore(url, size=3)
            assert eventually(lambda other=other: other.ledger.gone("w1")) is False
            assert eventually(lambda other=other: other.ledger.take(Ask(Taker("w2", LEASE)))) == []
            other.close()
        assert len(store.ledger.beat(ME)) == 1
        store.close()


# The living and the dead ------------------------------------------------------------------------------

DIES = """
    import os, signal, sys
    from datetime import timedelta
    from runfox.backend.postgres import PostgresStore
    from runfox.backend.protocols import Ask, Taker

    store = PostgresStore(sys.argv[1])
    taken = store.ledger.take(Ask(Taker("victim", timedelta(hours=1)), 10))
    print(len(taken), flush=True)
    signal.pause()
"""


def test_a_worker_that_was_killed_loses_its_jobs_long_before_its_lease_ends(
    store, postgres_database, monkeypatch
):
    monkeypatch.setattr(ledger, "LOOK", 0.0)
    store.ledger.queue([a_job("a"), a_job("b")])
    victim = subprocess.Popen(
        [sys.executable, "-c", dedent(DIES), postgres_database], stdout=subprocess.PIPE, text=True
    )
    with victim:
        assert victim.stdout.readline() == "2\n"
        assert store.ledger.take(Ask(ME, 10)) == []
        assert store.ledger.gone("victim") is False
        victim.send_signal(signal.SIGKILL)
    assert len(until(lambda: store.ledger.take(Ask(ME, 10)))) == 2
    assert [row.worker for row in store.ledger.workers()] == ["w1"]


def test_a_worker_whose_connection_was_cut_is_not_robbed(store, postgres_database, monkeypatch):
    monkeypatch.setattr(ledger, "LOOK", 0.0)
    store.ledger.queue([a_job("a")])
    store.ledger.take(Ask(ME))
    other = PostgresStore(postgres_database, size=3)
    with beside(postgres_database) as connection:
        for _ in range(3):
            cut(connection, LISTENS)
            # Found missing, perhaps: that is noted, and no more.
            assert other.ledger.take(Ask(Taker("w2", LEASE))) == []
            held = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted"
            key = lock_key(store._database.schema, "w1") & 0xFFFFFFFF
            until(lambda key=key, held=held: connection.execute(held, (key,)).fetchall())
            assert other.ledger.gone("w1") is False
            found = connection.execute("SELECT missed_at FROM workers WHERE worker = 'w1'")
            assert found.fetchall() == [(None,)]
    assert len(store.ledger.beat(ME)) == 1
    other.close()


def test_a_lock_that_is_free_for_longer_than_the_grace_says_that_its_worker_is_dead(
    store, postgres_database, monkeypatch
):
    monkeypatch.setattr(ledger, "LOOK", 0.0)
    store.ledger.queue([a_job("a")])
    with beside(postgres_database) as connection:
        connection.execute("INSERT INTO workers VALUES ('dead', 'there', 1, 'worker', 2^60, 7)")
        connection.execute("UPDATE jobs SET worker = 'dead', delivery = 1")
        assert store.ledger.gone("dead") is False
        assert store.ledger.take(Ask(ME)) == []
        connection.execute("UPDATE workers SET missed_at = missed_at - 2900")
        assert store.ledger.gone("dead") is False
        connection.execute("UPDATE workers SET missed_at = missed_at - 200")
        assert store.ledger.gone("dead") is True
        [job] = store.ledger.take(Ask(ME))
        assert job.delivery == 2
        assert store.ledger.gone("dead") is False


def test_that_a_lock_was_found_free_long_ago_says_nothing(store, postgres_database):
    with beside(postgres_database) as connection:
        store.executions()
        row = "INSERT INTO workers VALUES ('dead', 'there', 1, 'worker', 2^60, 7, 1)"
        connection.execute(row)
        assert store.ledger.gone("dead") is False
        connection.execute("UPDATE workers SET missed_at = missed_at - 5000")
        assert store.ledger.gone("dead") is True
        connection.execute("UPDATE workers SET missed_at = missed_at - 7000")
        assert store.ledger.gone("dead") is False


def test_jobs_of_a_worker_that_nobody_knows_come_back(store, postgres_database, monkeypatch):
    monkeypatch.setattr(ledger, "LOOK", 0.0)
    store.ledger.queue([a_job("a")])
    store.ledger.take(Ask(ME))
    with beside(postgres_database) as connection:
        connection.execute("DELETE FROM workers")
    other = PostgresStore(postgres_database, size=3)
    assert [job.delivery for job in other.ledger.take(Ask(Taker("w2", LEASE)))] == [2]
    other.close()


# Processes --------------------------------------------------------------------------------------------

FORKS = """
    import os, sys
    from datetime import timedelta
    from runfox.backend.postgres import PostgresStore
    from runfox.backend.protocols import Ask, Taker
    from runfox.testing import a_job, created

    store = PostgresStore(sys.argv[1])
    created(store, "x1")
    store.ledger.queue([a_job("a"), a_job("b")])
    assert len(store.ledger.take(Ask(Taker("parent", timedelta(hours=1))))) == 1
    child = os.fork()
    if child == 0:
        created(store, "x2")
        assert len(store.ledger.take(Ask(Taker("child", timedelta(hours=1))))) == 1
        assert store.ledger.gone("parent") is False
        store.wait(0.01)
        store.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    created(store, "x3")
    assert len(store.ledger.beat(Taker("parent", timedelta(hours=1)))) == 1
    assert sorted(row.worker for row in store.ledger.workers()) == ["parent"]
    assert len(store.executions()) == 3
"""


def run(code, *arguments):
    # In newer Pythons a process with threads is warned of a fork; ours is one that knows what it does.
    warnings = ["-W", "error", "-W", "ignore::DeprecationWarning"]
    return subprocess.run(
        [sys.executable, *warnings, "-X", "dev", "-c", dedent(code), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_forked_child_has_connections_of_its_own(postgres_database):
    done = run(FORKS, postgres_database)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_process_that_ends_gives_back_what_it_holds_and_says_nothing(store, postgres_database):
    store.ledger.queue([a_job("a")])
    code = """
        import sys
        from datetime import timedelta
        from runfox.backend.postgres import PostgresStore
        from runfox.backend.protocols import Ask, Taker

        store = PostgresStore(sys.argv[1])
        assert len(store.ledger.take(Ask(Taker("other", timedelta(hours=1))))) == 1
        store.wait(0.01)
    """
    done = run(code, postgres_database)
    assert (done.returncode, done.stderr) == (0, "")
    assert store.ledger.workers() == []
    assert [job.delivery for job in store.ledger.take(Ask(ME))] == [2]


def test_who_waits_looks_by_itself_only_when_it_heard_nothing_for_a_while(
    store, untold, monkeypatch
):
    looks = []
    monkeypatch.setattr(session.Session, "_look", lambda self, connection: looks.append(1))
    settled(store)
    for _ in range(5):
        store.wait(0.01)
    assert looks == []


def test_no_connection_is_left_when_a_store_was_closed(postgres_database):
    store = PostgresStore(postgres_database)
    created(store)
    store.ledger.take(Ask(ME))
    store.wait(0.01)
    with beside(postgres_database) as connection:
        mine = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'runfox'"
        assert connection.execute(mine).fetchone()[0] >= 2
        store.close()
        until(lambda: connection.execute(mine).fetchone()[0] == 0)
    assert len(store.executions()) == 1
    store.close()
