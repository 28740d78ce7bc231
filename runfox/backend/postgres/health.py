"""The health of a PostgreSQL database: facts, and what they mean."""

from collections.abc import Mapping
from typing import NamedTuple

from runfox.backend.health import schema_finding
from runfox.backend.postgres import schema
from runfox.backend.postgres.database import Database
from runfox.backend.protocols import Finding

OLDEST = 13
"""The oldest major release that is still looked after by its makers, or was until lately."""

SHARE = 0.9
"""The share of the server's connections that may be in use."""

NAMES = (
    "server_version",
    "server_version_num",
    "synchronous_commit",
    "fsync",
    "full_page_writes",
    "statement_timeout",
    "lock_timeout",
    "max_connections",
)


class Facts(NamedTuple):
    """What was found. ``settings`` are those of a connection of runfox."""

    settings: Mapping[str, str]
    version: int
    connections: int
    size: int


def facts_of(database: Database) -> Facts:
    """Ask the server."""
    names = ", ".join(f"'{name}'" for name in NAMES)
    settings = dict(
        database.rows(
            f"SELECT name, current_setting(name) FROM pg_settings WHERE name IN ({names})"
        )
    )
    return Facts(
        settings,
        database.run(lambda connection: schema.version_in(connection, database.schema)),
        int(
            database.rows(
                "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
            )[0][0]
        ),
        int(database.rows("SELECT pg_database_size(current_database())")[0][0]),
    )


def findings(facts: Facts) -> list[Finding]:
    """Return what the facts mean."""
    return [
        server(facts),
        schema_finding(facts.version, schema.VERSION),
        settings(facts),
        timeouts(facts),
        connections(facts),
        size(facts),
    ]


def server(facts: Facts) -> Finding:
    """Whether the server is of a release that is looked after."""
    what = f"PostgreSQL {facts.settings['server_version']}"
    if int(facts.settings["server_version_num"]) // 10_000 >= OLDEST:
        return Finding("ok", "server", what)
    return Finding("warning", "server", f"{what} gets no fixes any more", "upgrade it")


def settings(facts: Facts) -> Finding:
    """Whether a commit that was acknowledged survives the death of the server, and of its machine."""
    off = [name for name in ("fsync", "full_page_writes") if facts.settings[name] == "off"]
    if off:
        return Finding(
            "problem",
            "settings",
            f"{' and '.join(off)} off: a crash of its machine may damage the database",
            "turn them on in postgresql.conf, and reload it",
        )
    if facts.settings["synchronous_commit"] == "off":
        return Finding(
            "problem",
            "settings",
            "synchronous_commit is off: the server forgets what it has acknowledged when it dies",
            "do not set it off in the connection string",
        )
    return Finding(
        "ok", "settings", f"synchronous_commit {facts.settings['synchronous_commit']}, fsync on"
    )


def timeouts(facts: Facts) -> Finding:
    """Whether a statement that hangs ends some time."""
    what = ", ".join(
        f"{name} {facts.settings[name]}" for name in ("statement_timeout", "lock_timeout")
    )
    endless = [
        name for name in ("statement_timeout", "lock_timeout") if facts.settings[name] == "0"
    ]
    if not endless:
        return Finding("ok", "timeouts", what)
    out = "something between runfox and the server resets the settings of sessions: a pooler has to pool sessions"
    return Finding("warning", "timeouts", f"{what}: what hangs, hangs for ever", out)


def connections(facts: Facts) -> Finding:
    """Whether there is room for more connections."""
    most = int(facts.settings["max_connections"])
    what = f"{facts.connections} of {most} connections in use"
    if facts.connections < SHARE * most:
        return Finding("ok", "connections", what)
    return Finding("warning", "connections", what, "raise max_connections, or run fewer processes")


def size(facts: Facts) -> Finding:
    """How large the database is."""
    return Finding("ok", "size", f"{facts.size / (1024 * 1024):,.1f} MB")
