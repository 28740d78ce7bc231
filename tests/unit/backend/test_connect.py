"""From a URL to a backend, or to an error that says which URLs there are."""

import pytest

import runfox
from runfox.backend.routes import Shared
from runfox.connect import connect
from runfox.errors import RequestError


def test_memory_is_a_backend_of_this_process():
    assert isinstance(connect("memory:").store, runfox.InMemoryStore)


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}"])
def test_a_path_or_a_url_of_a_file_is_sqlite_with_a_queue_in_the_same_database(form, tmp_path):
    backend = connect(form.format(tmp_path / "x.db"))
    assert isinstance(backend.route, Shared)
    assert (tmp_path / "x.db").exists()
    backend.store.close()


@pytest.mark.parametrize("url", ["postgres://host/db", "sqlite:", "sqlite:///", "redis://x"])
def test_other_urls_are_refused_with_the_ones_there_are(url):
    with pytest.raises(RequestError, match="sqlite:///"):
        connect(url)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RequestError, match=r"no folder .*missing"):
        connect(str(tmp_path / "missing" / "x.db"))
