"""The tables of a PostgreSQL schema of runfox, and how an older one is brought up to date.

``python -m runfox.backend.postgres.schema`` prints all of it, for who wants to run it by hand.
"""

from typing import Any

import psycopg
from psycopg import errors

from runfox.errors import RequestError, SchemaMismatch

VERSION = 1

# Texts that users make up are kept in ASCII, escaped as in JSON; facts, records and inputs are JSON in ASCII.
# Moments are milliseconds since 1970 in UTC.
_V1 = (
    """
    CREATE TABLE meta (
      version  BIGINT NOT NULL
    )
    """,
    """
    INSERT INTO meta (version) VALUES (0)
    """,
    """
    CREATE TABLE definitions (
      workflow_id  TEXT COLLATE "C" PRIMARY KEY,
      name         TEXT COLLATE "C" NOT NULL,
      version      TEXT,
      spec         TEXT NOT NULL,
      created_at   BIGINT NOT NULL,
      number       BIGINT GENERATED ALWAYS AS IDENTITY,
      active       BOOLEAN NOT NULL DEFAULT FALSE
    )
    """,
    """
    CREATE INDEX definitions_named ON definitions (name, number)
    """,
    """
    CREATE UNIQUE INDEX definitions_active ON definitions (name) WHERE active
    """,
    # `number` stands in for the long id in `facts`, which has the most rows. What is left free in a page keeps
    # the row's next version in it, and out of the indexes.
    """
    CREATE TABLE executions (
      number             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      execution_id       TEXT COLLATE "C" NOT NULL UNIQUE,
      workflow_id        TEXT COLLATE "C" NOT NULL,
      name               TEXT COLLATE "C" NOT NULL,
      labels             TEXT NOT NULL,
      inputs_digest      TEXT NOT NULL,
      created_at         BIGINT NOT NULL,
      parent             TEXT COLLATE "C",
      root               TEXT COLLATE "C",
      priority           BIGINT NOT NULL,
      revision           BIGINT NOT NULL,
      token              TEXT NOT NULL,
      status             TEXT COLLATE "C" NOT NULL,
      wake_at            BIGINT,
      updated_at         BIGINT NOT NULL,
      ended_at           BIGINT,
      error_type         TEXT,
      min_engine         BIGINT NOT NULL,
      snapshot_revision  BIGINT NOT NULL DEFAULT 0,
      snapshot_bytes     BIGINT NOT NULL DEFAULT 0,
      tail_bytes         BIGINT NOT NULL DEFAULT 0,
      slotted            BOOLEAN NOT NULL DEFAULT FALSE
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE INDEX executions_wake ON executions (wake_at) WHERE wake_at IS NOT NULL
    """,
    """
    CREATE INDEX executions_parent ON executions (parent) WHERE parent IS NOT NULL
    """,
    """
    CREATE INDEX executions_root ON executions (root) WHERE root IS NOT NULL
    """,
    """
    CREATE INDEX executions_ended ON executions (ended_at) WHERE ended_at IS NOT NULL AND root IS NULL
    """,
    """
    CREATE TABLE facts (
      execution  BIGINT NOT NULL,
      revision   BIGINT NOT NULL,
      at         BIGINT NOT NULL,
      facts      TEXT NOT NULL,
      PRIMARY KEY (execution, revision)
    )
    """,
    """
    CREATE TABLE snapshots (
      execution  BIGINT PRIMARY KEY,
      revision   BIGINT NOT NULL,
      record     TEXT NOT NULL
    )
    """,
    # `number` is the place in the queue: when it was queued, in milliseconds, less a minute for each level of
    # priority, and the how-manieth of its process it was. `terms` is the source of what stands behind it.
    # `announce_at` is when a queue elsewhere is told of a job again; NULL where there is none. A process whose
    # engine is older than `engine` leaves the job alone.
    """
    CREATE TABLE jobs (
      execution_id           TEXT COLLATE "C" NOT NULL,
      step                   TEXT COLLATE "C" NOT NULL,
      run_id                 BIGINT NOT NULL,
      workflow_execution_id  TEXT COLLATE "C" NOT NULL,
      number                 BIGINT NOT NULL,
      fn                     TEXT NOT NULL,
      inputs                 TEXT NOT NULL,
      attempt                BIGINT NOT NULL,
      turn                   BIGINT NOT NULL,
      delivery               BIGINT NOT NULL DEFAULT 0,
      worker                 TEXT COLLATE "C",
      queue                  TEXT COLLATE "C" NOT NULL DEFAULT '',
      terms                  TEXT,
      wait_ms                BIGINT,
      attempt_ms             BIGINT,
      heartbeat_ms           BIGINT,
      taken_at               BIGINT,
      expires_at             BIGINT,
      queued_at              BIGINT NOT NULL,
      announce_at            BIGINT,
      engine                 BIGINT NOT NULL DEFAULT 0,
      PRIMARY KEY (execution_id, step, run_id)
    ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05)
    """,
    """
    CREATE INDEX jobs_queued ON jobs (number) WHERE worker IS NULL
    """,
    """
    CREATE INDEX jobs_held ON jobs (worker) WHERE worker IS NOT NULL
    """,
    """
    CREATE INDEX jobs_returned ON jobs (delivery) WHERE worker IS NULL AND delivery > 0
    """,
    """
    CREATE INDEX jobs_expiring ON jobs (expires_at) WHERE expires_at IS NOT NULL
    """,
    """
    CREATE INDEX jobs_announced ON jobs (announce_at) WHERE announce_at IS NOT NULL AND worker IS NULL
    """,
    # `lock` is the key of the advisory lock that the worker's process holds as long as it lives, `missed_at` when
    # somebody found it free.
    """
    CREATE TABLE workers (
      worker       TEXT COLLATE "C" PRIMARY KEY,
      host         TEXT NOT NULL,
      pid          BIGINT NOT NULL,
      role         TEXT NOT NULL DEFAULT 'worker',
      lease_until  BIGINT NOT NULL,
      lock         BIGINT,
      missed_at    BIGINT
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE SEQUENCE inbox_places
    """,
    """
    CREATE TABLE inbox (
      execution_id  TEXT COLLATE "C" NOT NULL,
      place         BIGINT NOT NULL,
      key           TEXT COLLATE "C" NOT NULL,
      kind          TEXT NOT NULL,
      body          TEXT NOT NULL,
      PRIMARY KEY (execution_id, place),
      UNIQUE (execution_id, key)
    ) WITH (autovacuum_vacuum_scale_factor = 0.05)
    """,
    # What a schema that is a queue alone holds of the jobs of a store elsewhere: their keys.
    """
    CREATE TABLE hints (
      workflow_execution_id  TEXT COLLATE "C" NOT NULL,
      step                   TEXT COLLATE "C" NOT NULL,
      run_id                 BIGINT NOT NULL,
      queue                  TEXT COLLATE "C" NOT NULL,
      number                 BIGINT NOT NULL,
      PRIMARY KEY (workflow_execution_id, step, run_id)
    ) WITH (autovacuum_vacuum_scale_factor = 0.05)
    """,
    """
    CREATE INDEX hints_line ON hints (number)
    """,
    """
    CREATE TABLE noted (
      name  TEXT COLLATE "C" PRIMARY KEY,
      at    BIGINT NOT NULL
    )
    """,
    """
    CREATE TABLE slots (
      key           TEXT COLLATE "C" NOT NULL,
      execution_id  TEXT COLLATE "C" NOT NULL,
      step          TEXT COLLATE "C" NOT NULL,
      run_id        BIGINT NOT NULL,
      taken_at      BIGINT NOT NULL,
      PRIMARY KEY (key, execution_id, step, run_id)
    )
    """,
    """
    CREATE INDEX slots_of ON slots (execution_id, step, run_id)
    """,
    # When slots of a key with a rate were given: kept until that is long enough ago, whoever holds them.
    """
    CREATE TABLE slot_starts (
      key           TEXT COLLATE "C" NOT NULL,
      at            BIGINT NOT NULL,
      execution_id  TEXT COLLATE "C" NOT NULL,
      step          TEXT COLLATE "C" NOT NULL,
      run_id        BIGINT NOT NULL,
      counts_until  BIGINT NOT NULL,
      PRIMARY KEY (key, at, execution_id, step, run_id)
    )
    """,
    """
    CREATE INDEX slot_starts_over ON slot_starts (counts_until)
    """,
    # `key` may be short for a long `full_key`, which is what its waiters are told.
    """
    CREATE TABLE slot_waits (
      key           TEXT COLLATE "C" NOT NULL,
      execution_id  TEXT COLLATE "C" NOT NULL,
      step          TEXT COLLATE "C" NOT NULL,
      run_id        BIGINT NOT NULL,
      number        BIGINT GENERATED ALWAYS AS IDENTITY,
      max           BIGINT,
      full_key      TEXT NOT NULL,
      PRIMARY KEY (key, execution_id, step, run_id)
    )
    """,
    """
    CREATE INDEX slot_waits_line ON slot_waits (key, number)
    """,
    """
    CREATE INDEX slot_waits_of ON slot_waits (execution_id, step, run_id)
    """,
    """
    CREATE TABLE cache (
      workflow_id  TEXT COLLATE "C" NOT NULL,
      step         TEXT COLLATE "C" NOT NULL,
      key          TEXT COLLATE "C" NOT NULL,
      output       TEXT NOT NULL,
      until        BIGINT,
      PRIMARY KEY (workflow_id, step, key)
    )
    """,
    """
    CREATE INDEX cache_over ON cache (until) WHERE until IS NOT NULL
    """,
    """
    CREATE TABLE fired (
      schedule  TEXT COLLATE "C" PRIMARY KEY,
      at        BIGINT NOT NULL
    )
    """,
    # Who waits for work, for results or for an end hears of it. A payload would only make two tellings differ.
    """
    CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify('runfox_' || TG_TABLE_SCHEMA, '');
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER jobs_queued AFTER INSERT ON jobs
    FOR EACH ROW WHEN (NEW.worker IS NULL) EXECUTE FUNCTION tell()
    """,
    """
    CREATE TRIGGER jobs_back AFTER UPDATE OF worker ON jobs
    FOR EACH ROW WHEN (NEW.worker IS NULL) EXECUTE FUNCTION tell()
    """,
    """
    CREATE TRIGGER inbox_told AFTER INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION tell()
    """,
    """
    CREATE TRIGGER hints_told AFTER INSERT ON hints FOR EACH ROW EXECUTE FUNCTION tell()
    """,
    """
    CREATE TRIGGER executions_ended AFTER UPDATE OF ended_at ON executions
    FOR EACH ROW WHEN (NEW.ended_at IS NOT NULL AND OLD.ended_at IS NULL) EXECUTE FUNCTION tell()
    """,
    # Messages are consumed up to a place, so none may turn up below one that was read. That is why who puts a
    # message into a box waits for whoever is doing so, and only then draws its place. There are 1024 such locks:
    # a transaction may tell more executions than the server has room for.
    """
    CREATE FUNCTION inbox_place() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtext('runfox inbox ' || TG_TABLE_SCHEMA),
        hashtext(NEW.execution_id) & 1023);
      NEW.place := nextval(format('%I.inbox_places', TG_TABLE_SCHEMA));
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER inbox_place BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION inbox_place()
    """,
    # A worker that speaks SQL alone would hold its jobs for ever if it were not in `workers`; and it does not
    # reckon by when it has to be done.
    """
    CREATE FUNCTION jobs_taken() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      found BOOLEAN;
      now_ms BIGINT := (extract(epoch FROM clock_timestamp()) * 1000)::BIGINT;
    BEGIN
      EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.workers WHERE worker = $1)', TG_TABLE_SCHEMA)
        INTO found USING NEW.worker;
      IF NOT found THEN
        RAISE EXCEPTION 'a worker that takes jobs must be in the table workers, with a lease';
      END IF;
      IF NEW.terms IS NOT NULL AND NEW.taken_at IS NULL THEN
        NEW.taken_at := now_ms;
        NEW.expires_at := now_ms + least(NEW.attempt_ms, NEW.heartbeat_ms);
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER jobs_taken BEFORE UPDATE OF worker ON jobs FOR EACH ROW
    WHEN (NEW.worker IS NOT NULL AND current_setting('runfox.client', true) IS DISTINCT FROM '1')
    EXECUTE FUNCTION jobs_taken()
    """,
)

MIGRATIONS = {1: _V1}
"""What brings a schema to each version from the one before."""


def statements(schema: str = "runfox", since: int = 0) -> list[str]:
    """Return the statements that make the schema, or bring it up to date from a version; in one transaction."""
    found = [f"CREATE SCHEMA IF NOT EXISTS {schema}"] if since == 0 else []
    found.append(f"SET LOCAL search_path TO {schema}")
    for version in range(since + 1, VERSION + 1):
        found += [statement.strip("\n") for statement in MIGRATIONS[version]]
        found.append(f"UPDATE meta SET version = {version}")
    return found


def prepare(connection: "psycopg.Connection[Any]", schema: str) -> None:
    """Make the tables, or bring them up to date, in one transaction. Raises ``SchemaMismatch``."""
    if check(connection, schema) == VERSION:
        return
    with connection.transaction():
        # Of several processes that start at once, one makes them, and the others find them made.
        connection.execute(
            "SELECT pg_advisory_xact_lock(hashtext('runfox schema'), hashtext($1))", (schema,)
        )
        found = check(connection, schema)
        if found == VERSION:
            return
        try:
            for statement in statements(schema, found):
                connection.execute(statement, prepare=False)
        except errors.InsufficientPrivilege as error:
            raise RequestError(
                f"this role may not make the tables of the schema {schema} ({str(error).strip()});"
                " let their owner connect once, or run what"
                f" 'python -m runfox.backend.postgres.schema {schema}' prints"
            ) from error


def check(connection: "psycopg.Connection[Any]", schema: str) -> int:
    """Return the version of a schema, 0 for one without tables. Raises ``SchemaMismatch`` if it is not for us."""
    version = version_in(connection, schema)
    if version > VERSION:
        raise SchemaMismatch(
            f"the schema {schema} has version {version}, and this runfox knows {VERSION}; use a newer runfox"
        )
    return version


def version_in(connection: "psycopg.Connection[Any]", schema: str) -> int:
    """Return the version of a schema, 0 for one without tables, also one that this runfox does not know."""
    ours, others = connection.execute(
        "SELECT count(*) FILTER (WHERE c.relname IN ('meta', 'facts')), count(*)"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = $1 AND c.relkind = 'r'",
        (schema,),
    ).fetchall()[0]
    if not others:
        return 0
    if ours != 2:
        raise SchemaMismatch(
            f"the schema {schema} has tables of another program; name another with ?schema=NAME"
        )
    version: int = connection.execute(f"SELECT version FROM {schema}.meta").fetchall()[0][0]
    return version


def main() -> None:
    """Print the statements, for the schema that the command line names."""
    import sys

    name = sys.argv[1] if len(sys.argv) > 1 else "runfox"
    print("BEGIN;", *(f"{statement};" for statement in statements(name)), "COMMIT;", sep="\n")  # noqa: T201 - what it is for


if __name__ == "__main__":
    main()
