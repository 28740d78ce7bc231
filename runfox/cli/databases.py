"""Which database a command means."""

from pathlib import Path

from runfox.backend import Backend
from runfox.cli.refusal import Refused
from runfox.connect import connect

USUAL = "runfox.db"
MEMORY = "memory:"


def existing(db: str | None) -> str:
    """Return the database that was named, or the usual one of this folder; it has to be there."""
    if db is None:
        if not Path(USUAL).is_file():
            raise Refused(
                f"no database: there is no {USUAL} here. Name one with --db FILE or RUNFOX_DB; "
                "'runfox run FILE --db runfox.db' makes it."
            )
        return USUAL
    path = _file(db)
    if path is not None and not path.is_file():
        raise Refused(f"no database {db!r}. 'runfox run FILE --db {db}' makes it.")
    return db


def open_existing(db: str | None) -> Backend:
    """Return the backend of a database that is there."""
    return connect(existing(db))


def is_kept(db: str | None) -> bool:
    """Return whether executions outlive the process."""
    return db is not None and db != MEMORY


def _file(db: str) -> Path | None:
    if db == MEMORY:
        return None
    if db.startswith("sqlite:///"):
        return Path(db.removeprefix("sqlite:///"))
    return None if "://" in db else Path(db)
