"""The driver's errors as ours: what to do about them decides which."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from runfox.errors import RequestError, RunfoxError, SchemaMismatch, StoreUnavailable

REPEATED = (errors.SerializationFailure, errors.DeadlockDetected)
"""Those after which the server has undone everything, and asks for the same again."""


def ours(error: Exception, where: str) -> RunfoxError:
    """Return an error of the driver as one of ours."""
    match error:
        case UnicodeEncodeError():
            return RequestError(f"half of a surrogate pair is no text: {error.object[:100]!r}")
        case errors.InsufficientPrivilege():
            return RequestError(
                f"{where}: {_said(error)}. Grant the role what it needs:"
                " runfox.backend.postgres.roles.grants() prints the statements"
            )
        case errors.UndefinedTable() | errors.UndefinedColumn() | errors.UndefinedFunction():
            return SchemaMismatch(
                f"{where}: {_said(error)}. The tables are not those of this runfox;"
                " runfox.backend.postgres.schema.statements() prints them"
            )
        case errors.ProgramLimitExceeded():
            return RequestError(f"{where}: a key is too long for an index: {_said(error)}")
        case psycopg.DataError():
            return RequestError(f"{where}: {_said(error)}")
        case _:
            return StoreUnavailable(f"{where}: {_said(error)}")


def _said(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn the driver's errors into ours."""
    try:
        yield
    except (psycopg.Error, UnicodeEncodeError) as error:
        raise ours(error, where) from error
