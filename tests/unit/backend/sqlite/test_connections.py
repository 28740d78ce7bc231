"""Each thread, and each process, has connections of its own, whoever comes, ends or forks meanwhile."""

import os
import signal
from threading import Event, Thread

import pytest

from runfox.backend.sqlite.database import open_database


@pytest.fixture
def database(tmp_path):
    made = open_database(tmp_path / "c.db")
    yield made
    made.close()


def in_a_thread(call):
    thread = Thread(target=call)
    thread.start()
    thread.join()


def test_a_thread_may_come_while_what_others_left_behind_is_closed(database, monkeypatch):
    def look():
        assert database.rows("SELECT 1") == [(1,)]

    look()
    alive, came = Thread.is_alive, []

    def coming(thread):
        if not came:
            came.append(thread)
            in_a_thread(look)
        return alive(thread)

    monkeypatch.setattr(Thread, "is_alive", coming)
    failed = []
    monkeypatch.setattr("threading.excepthook", failed.append)
    in_a_thread(look)
    assert came
    assert failed == []


def test_a_forked_child_that_closes_lets_its_parents_connections_be(database):
    began, go = Event(), Event()

    def write():
        with database.writing() as connection:
            began.set()
            go.wait(60)
            connection.execute("INSERT INTO noted (name, at) VALUES ('x', 1)")

    writer = Thread(target=write)
    writer.start()
    assert began.wait(60)
    child = os.fork()
    if not child:
        signal.alarm(30)  # where it waited for the thread that is not here
        database.close()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    go.set()
    writer.join()
    assert status == 0
    assert database.rows("SELECT at FROM noted WHERE name = 'x'") == [(1,)]
