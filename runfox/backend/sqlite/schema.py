"""The tables of a SQLite database of runfox, and how an older one is brought up to date."""

import sqlite3

from runfox.errors import SchemaMismatch

APPLICATION_ID = 0x72756E66  # "runf", so that tools and people can tell whose file it is
VERSION = 1

_V1 = (
    """
    CREATE TABLE definitions (
      workflow_id  TEXT PRIMARY KEY,
      name         TEXT NOT NULL,
      version      TEXT,
      spec         TEXT NOT NULL,
      created_at   INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    # `number` stands in for the long id in `facts`, which has the most rows.
    """
    CREATE TABLE executions (
      number             INTEGER PRIMARY KEY,
      execution_id       TEXT NOT NULL UNIQUE,
      workflow_id        TEXT NOT NULL REFERENCES definitions,
      name               TEXT NOT NULL,
      labels             TEXT NOT NULL,
      inputs_digest      TEXT NOT NULL,
      created_at         INTEGER NOT NULL,
      revision           INTEGER NOT NULL,
      token              TEXT NOT NULL,
      status             TEXT NOT NULL,
      wake_at            INTEGER,
      updated_at         INTEGER NOT NULL,
      ended_at           INTEGER,
      error_type         TEXT,
      min_engine         INTEGER NOT NULL,
      snapshot_revision  INTEGER NOT NULL DEFAULT 0,
      snapshot_bytes     INTEGER NOT NULL DEFAULT 0,
      tail_bytes         INTEGER NOT NULL DEFAULT 0,
      mail               INTEGER NOT NULL DEFAULT 0,
      consumed           INTEGER NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE INDEX executions_wake ON executions (wake_at) WHERE wake_at IS NOT NULL
    """,
    """
    CREATE INDEX executions_mail ON executions (number) WHERE mail > consumed
    """,
    """
    CREATE TABLE facts (
      execution  INTEGER NOT NULL,
      revision   INTEGER NOT NULL,
      at         INTEGER NOT NULL,
      facts      TEXT NOT NULL,
      PRIMARY KEY (execution, revision)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE snapshots (
      execution  INTEGER PRIMARY KEY,
      revision   INTEGER NOT NULL,
      record     TEXT NOT NULL
    )
    """,
    # The usual job is taken in the commit that makes it: such a row costs one page, and no index. `number` is
    # the place in the queue: when it was queued, in milliseconds, and the how-manieth of its commit it was.
    """
    CREATE TABLE jobs (
      execution_id           TEXT NOT NULL,
      step                   TEXT NOT NULL,
      run_id                 INTEGER NOT NULL,
      workflow_execution_id  TEXT NOT NULL,
      number                 INTEGER NOT NULL,
      fn                     TEXT NOT NULL,
      inputs                 TEXT NOT NULL,
      attempt                INTEGER NOT NULL,
      turn                   INTEGER NOT NULL,
      delivery               INTEGER NOT NULL DEFAULT 0,
      worker                 TEXT,
      PRIMARY KEY (execution_id, step, run_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX jobs_queued ON jobs (number) WHERE worker IS NULL
    """,
    """
    CREATE TABLE workers (
      worker       TEXT PRIMARY KEY,
      host         TEXT NOT NULL,
      pid          INTEGER NOT NULL,
      lease_until  INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE inbox (
      place         INTEGER PRIMARY KEY AUTOINCREMENT,
      execution_id  TEXT NOT NULL,
      key           TEXT NOT NULL,
      kind          TEXT NOT NULL,
      body          TEXT NOT NULL,
      UNIQUE (execution_id, key)
    )
    """,
    # A worker that speaks SQL alone and is not in `workers` would hold its jobs for ever.
    """
    CREATE TRIGGER jobs_taken BEFORE UPDATE OF worker ON jobs
    WHEN NEW.worker IS NOT NULL AND NOT EXISTS (SELECT 1 FROM workers WHERE worker = NEW.worker)
    BEGIN
      SELECT RAISE(ABORT, 'a worker that takes jobs must be in the table workers, with a lease');
    END
    """,
    # A worker that speaks SQL alone needs one INSERT: this is what tells the execution of it.
    """
    CREATE TRIGGER inbox_put AFTER INSERT ON inbox BEGIN
      UPDATE executions SET mail = NEW.place WHERE execution_id = NEW.execution_id;
    END
    """,
)

_STATE = """
    SELECT (SELECT count(*) FROM sqlite_master), owner.application_id, version.user_version
    FROM pragma_application_id AS owner, pragma_user_version AS version
"""

MIGRATIONS = {1: _V1}
"""What brings a database to each version from the one before."""


def prepare(connection: sqlite3.Connection, path: str) -> None:
    """Make the tables, or bring them up to date, in one transaction. Raises ``SchemaMismatch``."""
    if check(connection, path) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Again, inside: another process may have been faster.
        for version in range(check(connection, path) + 1, VERSION + 1):
            for statement in MIGRATIONS[version]:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def check(connection: sqlite3.Connection, path: str) -> int:
    """Return the version of a database, 0 for an empty one. Raises ``SchemaMismatch`` if it is not for us."""
    try:
        # One statement sees one state: another process may be making the tables just now.
        tables, owner, version = connection.execute(_STATE).fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise
        raise SchemaMismatch(f"{path} is no SQLite database; name another file") from error
    if owner != APPLICATION_ID and (version or tables):
        raise SchemaMismatch(f"{path} is a SQLite database of another program; name another file")
    if version > VERSION:
        raise SchemaMismatch(
            f"{path} has schema version {version}, and this runfox knows {VERSION}; use a newer runfox"
        )
    found: int = version
    return found
