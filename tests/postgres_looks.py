"""Looking at a PostgreSQL database from beside runfox."""

from collections import Counter
from contextlib import closing, contextmanager
from time import monotonic, sleep

import psycopg

from runfox.backend.postgres.address import address_of

PATIENCE = 60.0
"""Seconds that a busy machine may take for what happens at once on an idle one."""


@contextmanager
def beside(url):
    """Give a connection of one's own to the schema of a URL."""
    address = address_of(url)
    with closing(psycopg.connect(address.conninfo, autocommit=True)) as connection:
        connection.execute(f"SET search_path TO {address.schema}")
        yield connection


@contextmanager
def statements(monkeypatch):
    """Count what is sent while this lasts, by its first words."""
    sent = Counter()
    execute = psycopg.Connection.execute

    def counting(self, query, *arguments, **keywords):
        sent[" ".join(str(query).split()[:3])] += 1
        return execute(self, query, *arguments, **keywords)

    with monkeypatch.context() as patched:
        patched.setattr(psycopg.Connection, "execute", counting)
        yield sent


def until(found):
    """Return what a function finds, once it does."""
    end = monotonic() + PATIENCE
    while not (answer := found()):
        assert monotonic() < end, "it has not come to this"
        sleep(0.02)
    return answer


def cut(connection, condition="TRUE"):
    """End the sessions of runfox for which a condition holds, as an administrator does; return how many."""
    return connection.execute(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        f" WHERE application_name = 'runfox' AND pid <> pg_backend_pid() AND ({condition})"
    ).fetchone()[0]
