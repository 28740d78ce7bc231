"""Which database a URL means, and which schema of it is runfox's."""

import os
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from runfox.errors import RequestError

SCHEMA = "runfox"

_NAME = re.compile("[a-z_][a-z0-9_]{0,49}")
"""What needs no quotes, and leaves room for more in the name of a channel."""


class Address(NamedTuple):
    """A schema of a database: how to connect to it, and a name that is the same for all who mean it."""

    conninfo: str
    schema: str
    identity: str


def address_of(url: str, schema: str | None = None) -> Address:
    """Return the address of a URL, or of a libpq connection string.

    ``postgresql://host/db?schema=name`` says the schema, too. Raises ``RequestError``.
    """
    url, named = _without_schema(url)
    schema = schema or named or SCHEMA
    if not _NAME.fullmatch(schema):
        raise RequestError(
            f"{schema!r} cannot be the schema: it must match {_NAME.pattern}, as 'runfox' does"
        )
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise RequestError(
            f"no PostgreSQL database: {str(error).strip()}. Write postgresql://user@host/database"
        ) from None
    return Address(make_conninfo(url), schema, _identity(parts, schema))


def _without_schema(url: str) -> tuple[str, str | None]:
    if "://" not in url:
        return url, None
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(key, value) for key, value in query if key != "schema"]
    if kept == query:
        return url, None
    named = dict(query)["schema"]
    return urlunsplit(parts._replace(query=urlencode(kept))), named


def _identity(parts: Mapping[str, object], schema: str) -> str:
    """Name the server and the database as libpq finds them: without passwords, and whoever connects."""

    def part(key: str, variable: str, otherwise: str) -> str:
        return str(parts.get(key) or os.environ.get(variable) or otherwise)

    user = part("user", "PGUSER", os.environ.get("USER", ""))
    host = part("host", "PGHOST", str(parts.get("hostaddr") or "local"))
    port = part("port", "PGPORT", "5432")
    database = part("dbname", "PGDATABASE", user)
    return f"postgresql:{host}:{port}/{database}/{schema}"
