"""Texts that users make up, as keys in a database: ASCII, each another, and plain ones as they are."""

from runfox.values import parse, text


def written(key: str) -> str:
    """Return a key as it is stored; half of a surrogate pair, say, has no UTF-8."""
    return text(key)[1:-1]


def read(stored: str) -> str:
    """Return a stored key."""
    key: str = parse(f'"{stored}"')
    return key
