"""What may befall the file of a database: each is told as what it is, and nothing is begun anew in silence."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from runfox import Complete, Workflow
from runfox.backend.sqlite import database
from runfox.connect import connect
from runfox.errors import SchemaMismatch, StoreCorrupt, StoreUnavailable

STEPS = [{"id": f"s{number}"} for number in range(30)]
WIDE = {"name": "wide", "steps": STEPS}
DONE = {f"s{number}": {"text": "x" * 300} for number in range(30)}


def execute(fn, inputs):
    return DONE[fn]


def use(path):
    """Do what a program does with a database: read all that is there, and write."""
    backend = connect(str(path), executor=execute)
    with closing(backend.store):
        for one in backend.executions():
            record = backend.load(one.execution_id)
            backend.history(one.execution_id)
            assert {step: cell.output for step, cell in record.steps.items()} == DONE
        run = Workflow.from_dict(WIDE, backend)
        assert run.run() == Complete({})


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    path = tmp_path_factory.mktemp("sound") / "runs.db"
    use(path)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path, sound):
    (tmp_path / "runs.db").write_bytes(sound)
    return tmp_path / "runs.db"


def test_a_header_of_noise_is_no_database(path, sound):
    path.write_bytes(Random(1).randbytes(100) + sound[100:])
    before = path.read_bytes()
    with pytest.raises(SchemaMismatch, match=r"runs\.db is no SQLite database"):
        use(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("length", [60, 1_000, 4_096, 5_000, 8_192, 40_000])
def test_a_file_that_was_cut_off_is_damaged(path, sound, length):
    path.write_bytes(sound[:length])
    with pytest.raises(StoreCorrupt, match=r"runs\.db: .*backup"):
        use(path)
    assert path.stat().st_size == length


def test_a_page_of_noise_is_damage_that_is_told_or_it_is_not_in_use(path, sound):
    random, told = Random(2), 0
    for page in range(1, len(sound) // 4_096):
        damaged = bytearray(sound)
        damaged[page * 4_096 : (page + 1) * 4_096] = random.randbytes(4_096)
        one = path.with_name(f"page{page}.db")
        one.write_bytes(damaged)
        try:
            use(one)
        except StoreCorrupt:
            told += 1
    assert told > 10


def test_noise_in_the_write_ahead_log_is_what_was_never_acknowledged(path):
    path.with_name("runs.db-wal").write_bytes(Random(3).randbytes(50_000))
    path.with_name("runs.db-shm").write_bytes(Random(4).randbytes(32_768))
    use(path)


def gone(path):
    path.unlink()


def moved(path):
    path.rename(path.with_name("elsewhere.db"))


def replaced(path):
    shutil.copy(path, path.with_name("other.db"))
    path.with_name("other.db").replace(path)


@pytest.mark.parametrize("happens", [gone, moved, replaced])
def test_a_file_that_goes_while_it_is_open_is_not_written_to_and_not_made_anew(path, happens):
    backend = connect(str(path))
    run = Workflow.from_dict(WIDE, backend)
    with closing(backend.store):
        happens(path)
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match=r"runs\.db"):
                run.advance()
            backend.store.close()  # and the next connection is a new one
    assert path.exists() == (happens is replaced)


def test_a_file_that_is_back_is_used_again(path):
    backend = connect(str(path), executor=execute)
    with closing(backend.store):
        run = Workflow.from_dict(WIDE, backend)
        moved(path)
        with pytest.raises(StoreUnavailable, match="put it back"):
            run.run()
        path.with_name("elsewhere.db").rename(path)
        assert run.run() == Complete({})


def test_a_file_that_was_deleted_and_is_opened_anew_is_a_new_one(path):
    first = connect(str(path), executor=execute)
    with closing(first.store):
        Workflow.from_dict(WIDE, first).run()
    for file in path.parent.glob("runs.db*"):
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    with closing(connect(str(path)).store) as new:
        assert new.executions() == []
    use(path)


def test_a_file_that_is_emptied_while_it_is_open_is_not_taken_for_a_new_one(path):
    backend = connect(str(path))
    backend.store.close()
    path.write_bytes(b"")
    with closing(backend.store), pytest.raises(StoreCorrupt, match="emptied"):
        backend.executions()


def test_a_lock_that_is_not_let_go_is_told_after_a_while(path, monkeypatch):
    monkeypatch.setattr(database, "BUSY_MS", 50)
    backend = connect(str(path))
    with closing(backend.store), closing(sqlite3.connect(path, isolation_level=None)) as other:
        run = Workflow.from_dict(WIDE, backend)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(
            StoreUnavailable, match=r"runs\.db: database is locked.*Another process"
        ):
            run.advance()
        assert backend.load(run.id).revision == 1  # reading goes on
        other.execute("ROLLBACK")
        assert len(run.advance().jobs) == 30


def test_what_stands_where_the_locks_of_workers_should_be_is_told(path):
    path.with_name("runs.db-workers").touch()
    with pytest.raises(StoreUnavailable, match=r"runs\.db-workers"):
        use(path)


def test_a_file_that_may_not_be_written_is_told(path):
    backend = connect(str(path))
    with closing(backend.store):
        backend.store._database.connection.execute("PRAGMA query_only = 1")
        with pytest.raises(
            StoreUnavailable, match=r"runs\.db: attempt to write a readonly.*folder"
        ):
            Workflow.from_dict(WIDE, backend)


@pytest.fixture
def folder(sound):
    """A folder that other users can reach, with a database that they can write to."""
    with TemporaryDirectory() as name:
        made = Path(name)
        made.chmod(0o777)
        (made / "runs.db").write_bytes(sound)
        (made / "runs.db").chmod(0o666)
        yield made
        made.chmod(0o777)


def told_to_another_user(path):
    """Return what a user without rights of his own is told who uses a database."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        try:
            if os.geteuid() == 0:
                os.setuid(65_534)
            use(path)
        except BaseException as error:
            os.write(theirs, f"{type(error).__name__}: {error}".encode())
        os._exit(0)
    os.close(theirs)
    os.waitpid(child, 0)
    with os.fdopen(ours) as told:
        return told.read()


def test_a_file_that_this_user_may_not_write_is_told(folder):
    assert told_to_another_user(folder / "runs.db") == ""
    (folder / "runs.db").chmod(0o444)
    told = told_to_another_user(folder / "runs.db")
    assert told == f"StoreUnavailable: cannot open {folder}/runs.db: Permission denied"


def test_a_folder_that_this_user_may_not_write_is_told(folder):
    folder.chmod(0o555)
    told = told_to_another_user(folder / "runs.db")
    assert told.startswith(f"StoreUnavailable: {folder}/runs.db: ")
    assert "its folder" in told
