"""Texts that users make up, as keys in a database: ASCII, each another, and plain ones as they are."""

from hashlib import sha256

from runfox.values import parse, text

LONG = 500
"""What is longer is too long for an index of some databases."""


def written(key: str) -> str:
    """Return a key as it is stored; half of a surrogate pair, say, has no UTF-8."""
    return text(key)[1:-1]


def read(stored: str) -> str:
    """Return a stored key."""
    key: str = parse(f'"{stored}"')
    return key


def short(stored: str) -> str:
    """Return what stands for a stored key in an index: itself, or of a long one the beginning and a hash."""
    if len(stored) <= LONG:
        return stored
    return f"{stored[:LONG]}#{sha256(stored.encode()).hexdigest()}"
