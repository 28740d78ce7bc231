"""The tables of a SQLite database of runfox, and how an older one is brought up to date."""

import sqlite3
from pathlib import Path

from runfox.errors import SchemaMismatch

APPLICATION_ID = 0x72756E66  # "runf", so that tools and people can tell whose file it is
VERSION = 3

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

_V2 = (
    # `number` is the how-manieth of its name a definition is.
    """
    ALTER TABLE definitions ADD COLUMN number INTEGER NOT NULL DEFAULT 0
    """,
    """
    ALTER TABLE definitions ADD COLUMN active INTEGER NOT NULL DEFAULT 0
    """,
    """
    UPDATE definitions SET number = (
      SELECT count(*) FROM definitions AS other WHERE other.name = definitions.name
      AND (other.created_at, other.workflow_id) <= (definitions.created_at, definitions.workflow_id)
    )
    """,
    """
    CREATE UNIQUE INDEX definitions_named ON definitions (name, number)
    """,
    """
    CREATE UNIQUE INDEX definitions_active ON definitions (name) WHERE active
    """,
    """
    ALTER TABLE executions ADD COLUMN parent TEXT
    """,
    """
    ALTER TABLE executions ADD COLUMN root TEXT
    """,
    """
    ALTER TABLE executions ADD COLUMN priority INTEGER NOT NULL DEFAULT 5
    """,
    # Whether it ever held a slot, or waited for one: the others need not look when they end.
    """
    ALTER TABLE executions ADD COLUMN slotted INTEGER NOT NULL DEFAULT 0
    """,
    """
    CREATE INDEX executions_parent ON executions (parent) WHERE parent IS NOT NULL
    """,
    # A plain job has none of these, and costs what it did. `terms` is their source, for whoever executes it.
    """
    ALTER TABLE jobs ADD COLUMN queue TEXT NOT NULL DEFAULT ''
    """,
    """
    ALTER TABLE jobs ADD COLUMN terms TEXT
    """,
    """
    ALTER TABLE jobs ADD COLUMN wait_ms INTEGER
    """,
    """
    ALTER TABLE jobs ADD COLUMN attempt_ms INTEGER
    """,
    """
    ALTER TABLE jobs ADD COLUMN heartbeat_ms INTEGER
    """,
    """
    ALTER TABLE jobs ADD COLUMN taken_at INTEGER
    """,
    """
    ALTER TABLE jobs ADD COLUMN expires_at INTEGER
    """,
    # A level of priority is worth a minute in `number` now, and jobs that were queued before get the usual 5.
    """
    UPDATE jobs SET number = number - 5 * 60000 * 1000000
    """,
    """
    CREATE INDEX jobs_expiring ON jobs (expires_at) WHERE expires_at IS NOT NULL
    """,
    # A worker that speaks SQL alone does not reckon by when it has to be done.
    """
    CREATE TRIGGER jobs_begun AFTER UPDATE OF worker ON jobs
    WHEN NEW.worker IS NOT NULL AND NEW.terms IS NOT NULL AND NEW.taken_at IS NULL
    BEGIN
      UPDATE jobs SET
        taken_at = CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER),
        expires_at = CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
          + min(coalesce(attempt_ms, heartbeat_ms), coalesce(heartbeat_ms, attempt_ms))
      WHERE execution_id = NEW.execution_id AND step = NEW.step AND run_id = NEW.run_id;
    END
    """,
    """
    CREATE TABLE slots (
      key           TEXT NOT NULL,
      execution_id  TEXT NOT NULL,
      step          TEXT NOT NULL,
      run_id        INTEGER NOT NULL,
      taken_at      INTEGER NOT NULL,
      PRIMARY KEY (key, execution_id, step, run_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX slots_of ON slots (execution_id, step, run_id)
    """,
    # When slots of a key with a rate were given: kept until that is long enough ago, whoever holds them.
    """
    CREATE TABLE slot_starts (
      key           TEXT NOT NULL,
      at            INTEGER NOT NULL,
      execution_id  TEXT NOT NULL,
      step          TEXT NOT NULL,
      run_id        INTEGER NOT NULL,
      counts_until  INTEGER NOT NULL,
      PRIMARY KEY (key, at, execution_id, step, run_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX slot_starts_over ON slot_starts (counts_until)
    """,
    """
    CREATE TABLE slot_waits (
      key           TEXT NOT NULL,
      execution_id  TEXT NOT NULL,
      step          TEXT NOT NULL,
      run_id        INTEGER NOT NULL,
      number        INTEGER NOT NULL,
      max           INTEGER,
      PRIMARY KEY (key, execution_id, step, run_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX slot_waits_line ON slot_waits (key, number)
    """,
    """
    CREATE INDEX slot_waits_of ON slot_waits (execution_id, step, run_id)
    """,
    """
    CREATE TABLE cache (
      workflow_id  TEXT NOT NULL,
      step         TEXT NOT NULL,
      key          TEXT NOT NULL,
      output       TEXT NOT NULL,
      until        INTEGER,
      PRIMARY KEY (workflow_id, step, key)
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX cache_over ON cache (until) WHERE until IS NOT NULL
    """,
    """
    CREATE TABLE fired (
      schedule  TEXT PRIMARY KEY,
      at        INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
)

_V3 = (
    # `announce_at` is when a queue elsewhere is told of a job again; NULL where there is none. A process whose
    # engine is older than `engine` leaves the job alone.
    """
    ALTER TABLE jobs ADD COLUMN queued_at INTEGER NOT NULL DEFAULT 0
    """,
    """
    ALTER TABLE jobs ADD COLUMN announce_at INTEGER
    """,
    """
    ALTER TABLE jobs ADD COLUMN engine INTEGER NOT NULL DEFAULT 2
    """,
    """
    CREATE INDEX jobs_announced ON jobs (announce_at) WHERE announce_at IS NOT NULL AND worker IS NULL
    """,
    """
    UPDATE jobs SET queued_at = CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    """,
    """
    ALTER TABLE workers ADD COLUMN role TEXT NOT NULL DEFAULT 'worker'
    """,
    # What a file that is a queue alone holds of the jobs of a store elsewhere: their keys.
    """
    CREATE TABLE hints (
      workflow_execution_id  TEXT NOT NULL,
      step                   TEXT NOT NULL,
      run_id                 INTEGER NOT NULL,
      queue                  TEXT NOT NULL,
      number                 INTEGER NOT NULL,
      PRIMARY KEY (workflow_execution_id, step, run_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX hints_line ON hints (number)
    """,
    """
    CREATE TABLE noted (
      name  TEXT PRIMARY KEY,
      at    INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX executions_root ON executions (root) WHERE root IS NOT NULL
    """,
    """
    CREATE INDEX executions_ended ON executions (ended_at) WHERE ended_at IS NOT NULL AND root IS NULL
    """,
)

_STATE = """
    SELECT (SELECT count(*) FROM sqlite_master), owner.application_id, version.user_version
    FROM pragma_application_id AS owner, pragma_user_version AS version
"""

MIGRATIONS = {1: _V1, 2: _V2, 3: _V3}
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


def version_of(path: str) -> int:
    """Return the version of a file, 0 for one that is empty or not there. Changes nothing, and makes nothing.

    A version that this runfox does not know is returned, too. Raises ``SchemaMismatch`` for what is none of ours.
    """
    if not Path(path).is_file():
        return 0
    connection = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)
    try:
        return _version(connection, path)
    finally:
        connection.close()


def check(connection: sqlite3.Connection, path: str) -> int:
    """Return the version of a database, 0 for an empty one. Raises ``SchemaMismatch`` if it is not for us."""
    version = _version(connection, path)
    if version > VERSION:
        raise SchemaMismatch(
            f"{path} has schema version {version}, and this runfox knows {VERSION}; use a newer runfox"
        )
    return version


def _version(connection: sqlite3.Connection, path: str) -> int:
    try:
        # One statement sees one state: another process may be making the tables just now.
        tables, owner, version = connection.execute(_STATE).fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise
        raise SchemaMismatch(f"{path} is no SQLite database; name another file") from error
    if owner != APPLICATION_ID and (version or tables):
        raise SchemaMismatch(f"{path} is a SQLite database of another program; name another file")
    found: int = version
    return found
