"""What roles need in a PostgreSQL schema, and no more: who drives, who only executes, and who only reads.

``python -m runfox.backend.postgres.roles`` prints the statements. The tables are made, and brought up to date, by
their owner, who is none of these.
"""

from runfox.backend.postgres.address import SCHEMA

KINDS = ("driver", "worker", "reader")
"""``driver``: creates executions, decides and commits: programs, ``runfox worker``, ``runfox run``.

``worker``: takes jobs and submits what came of them, and neither sees nor changes what executions are: a process
of ``PostgresRunner.take_pending_jobs`` and ``submit_work_result``, or one that speaks SQL.

``reader``: lists, shows and explains.
"""

_GRANTS = {
    "driver": (
        "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema}",
        "USAGE ON ALL SEQUENCES IN SCHEMA {schema}",
    ),
    "worker": (
        "SELECT ON {schema}.meta",
        "SELECT, DELETE ON {schema}.jobs",
        # What is to be done, and of which execution, is not for it to change.
        "UPDATE (worker, delivery, taken_at, expires_at, queued_at, announce_at) ON {schema}.jobs",
        "SELECT, INSERT, UPDATE, DELETE ON {schema}.workers",
        "SELECT, INSERT ON {schema}.inbox",
        "SELECT, INSERT, DELETE ON {schema}.hints",
        "USAGE ON {schema}.inbox_places",
    ),
    "reader": ("SELECT ON ALL TABLES IN SCHEMA {schema}",),
}


def grants(schema: str = SCHEMA, prefix: str = "runfox") -> list[str]:
    """Return the statements that grant ``PREFIX_driver``, ``PREFIX_worker`` and ``PREFIX_reader`` what they need.

    The roles have to be there, and the tables; after a migration the owner runs them again.
    """
    found = []
    for kind in KINDS:
        role = f"{prefix}_{kind}"
        found.append(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
        found += [f"GRANT {what.format(schema=schema)} TO {role}" for what in _GRANTS[kind]]
        if kind == "driver":
            found.append(f"REVOKE INSERT, UPDATE, DELETE ON {schema}.meta FROM {role}")
    return found


def main() -> None:
    """Print the statements, for the schema and the prefix that the command line names."""
    import sys

    for statement in grants(*sys.argv[1:3]):
        print(f"{statement};")  # noqa: T201 - what it is for


if __name__ == "__main__":
    main()
