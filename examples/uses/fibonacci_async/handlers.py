"""The Fibonacci numbers, one per call."""

from typing import Any


def seed() -> dict[str, Any]:
    return {"sequence": [0, 1]}


def grow(*, sequence: list[int]) -> dict[str, Any]:
    last = sequence[-2] + sequence[-1]
    return {"sequence": [*sequence, last], "last": last}
