"""Settings for all tests, and the PostgreSQL server that some of them need."""

import signal

import pytest
from hypothesis import settings

# How long an example takes says something about the machine, not about runfox.
settings.register_profile("runfox", deadline=None, print_blob=True)
settings.load_profile("runfox")

# Where this runs in the background, SIGINT may be ignored, and every process started here would ignore it too:
# those that a test interrupts would never hear of it. With a handler here they begin with the default.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres_url():
    """The URL of a database on a real server, one for all tests of this process."""
    from tests.postgres_server import a_url

    with a_url() as url:
        yield url


@pytest.fixture
def postgres_database(postgres_url):
    """A URL as ``connect`` takes it: of a schema of this test's own, dropped after it."""
    from tests.postgres_server import a_schema, with_schema

    with a_schema(postgres_url) as schema:
        yield with_schema(postgres_url, schema)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """Let a test that is skipped fail: what needs something that is not there starts it, or says so loudly."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and nothing is: {report.longrepr}"
    return report
