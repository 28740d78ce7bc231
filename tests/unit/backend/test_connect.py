"""From a URL to a backend, or to an error that says which URLs there are."""

from datetime import timedelta

import pytest

import runfox
from runfox.backend.protocols import Depth
from runfox.backend.routes import Announced, Shared
from runfox.connect import SchemaVersion, connect, file_of, schema_version, shown
from runfox.errors import RequestError
from runfox.testing import a_spec


def test_memory_is_a_backend_of_this_process():
    assert isinstance(connect("memory:").store, runfox.InMemoryStore)


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}"])
def test_a_path_or_a_url_of_a_file_is_sqlite_with_a_queue_in_the_same_database(form, tmp_path):
    backend = connect(form.format(tmp_path / "x.db"))
    assert isinstance(backend.route, Shared)
    assert (tmp_path / "x.db").exists()
    backend.store.close()


@pytest.mark.parametrize("url", ["mysql://me:secret@host/db", "sqlite:", "sqlite:///", "redis://x"])
def test_other_urls_are_refused_with_the_ones_there_are(url):
    with pytest.raises(RequestError, match="sqlite:///") as raised:
        connect(url)
    assert "secret" not in str(raised.value)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RequestError, match=r"no folder .*missing"):
        connect(str(tmp_path / "missing" / "x.db"))


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_a_url_of_postgresql_is_a_store_and_a_queue_in_one_schema_of_it(scheme, postgres_database):
    backend = connect(postgres_database.replace("postgresql", scheme, 1))
    assert backend.route.kept and backend.route.hold is None
    key = backend.create(a_spec("a"), {"n": 1})
    assert [job.step_id for job in backend.step(key).jobs] == ["a"]
    assert len(backend.take_pending_jobs()) == 1
    assert backend.load(key).inputs == {"n": 1}
    backend.store.close()


def test_a_backend_of_postgresql_is_made_without_asking_the_server():
    assert connect("postgresql://nobody@host.invalid/db").route.kept


@pytest.mark.parametrize("schema", ["", "Runfox", "a-b", "x" * 60, "a;b", "a%20b"])
def test_what_cannot_be_the_name_of_a_schema_is_refused(schema):
    if schema:
        with pytest.raises(RequestError, match="cannot be the schema"):
            connect(f"postgresql://host/db?schema={schema}")
    else:
        assert connect("postgresql://host/db?schema=").store.database.endswith("/runfox")


def test_a_queue_apart_from_the_store_is_told_of_jobs_and_the_store_keeps_them(tmp_path):
    backend = connect(str(tmp_path / "s.db"), queue=f"sqlite:///{tmp_path}/q.db")
    assert isinstance(backend.route, Announced)
    key = backend.create(a_spec("a"))
    backend.step(key)
    assert [row[:3] for row in backend.depths()] == [("", "queued", 1)]
    assert isinstance(backend.depths()[0], Depth)
    assert [job.step_id for job in backend.take_pending_jobs()] == ["a"]
    backend.store.close()
    backend.runner.close()


def test_a_file_and_a_server_share_a_run(tmp_path, postgres_database):
    backend = connect(str(tmp_path / "s.db"), queue=postgres_database)
    key = backend.create(a_spec("a"))
    backend.step(key)
    other = connect(str(tmp_path / "s.db"), queue=postgres_database)
    [job] = other.take_pending_jobs()
    other.submit_work_result(key, job.step_id, {}, job.run_id)
    assert backend.step(key).record.status.ended
    backend.runner.close()
    backend.store.close()


def test_the_same_url_for_both_is_one_database(tmp_path):
    backend = connect(str(tmp_path / "s.db"), queue=f"sqlite:///{tmp_path}/s.db")
    assert isinstance(backend.route, Shared)
    backend.store.close()


def test_what_a_backend_is_set_to_is_said_when_it_is_connected(tmp_path):
    minute = timedelta(minutes=1)
    backend = connect("memory:", lease=minute, hold=minute, max_deliveries=2)
    assert (backend.lease, backend.max_deliveries) == (minute, 2)


def test_a_url_is_shown_without_its_password():
    assert shown("postgresql://me:secret@host/db") == "postgresql://me@host/db"
    assert shown("runs.db") == "runs.db"
    assert shown("sqlite:////srv/runs.db") == "sqlite:////srv/runs.db"


def test_the_file_of_a_url_is_known():
    assert [file_of(url) for url in ("runs.db", "sqlite:///a/b.db", "sqlite:////a", "memory:")] == [
        "runs.db",
        "a/b.db",
        "/a",
        None,
    ]


def test_the_version_of_what_is_not_there_is_0(tmp_path):
    path = tmp_path / "x.db"
    assert schema_version(str(path)).found == 0
    assert not path.exists()
    connect(str(path)).store.close()
    found = schema_version(str(path))
    assert found == SchemaVersion(found.known, found.known)
