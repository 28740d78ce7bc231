"""From a URL to a backend, or to an error that says which URLs there are."""

import pytest

import runfox
from runfox.backend.routes import Shared
from runfox.connect import connect
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
