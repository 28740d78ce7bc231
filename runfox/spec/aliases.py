"""What `*name` adds to a file: a copy, charged to a budget that the whole file shares.

Only what aliases add is counted, so a large file without them is never refused here. A copy keeps the data a
tree: nothing in it can change in two places at once, and its canonical text is as long as it looks.
"""

from runfox.spec.limits import MAX_ALIAS_BYTES, MAX_ALIAS_NODES, MAX_DEPTH
from runfox.values import Json


class TooLong(ValueError):
    """The aliases of a file add more than they may."""


class Expansion:
    """The budget of one file."""

    def __init__(self) -> None:
        self._nodes = MAX_ALIAS_NODES
        self._bytes = MAX_ALIAS_BYTES

    def copy(self, value: Json, depth: int) -> Json:
        """Return a copy of an anchored value at a place with ``depth`` levels left. Raises ``TooLong``."""
        self._charge(value)
        kind = type(value)
        if kind is not dict and kind is not list:
            return value
        if depth <= 0:
            raise TooLong(f"nests the file deeper than {MAX_DEPTH} levels")
        if kind is list:
            return [self.copy(item, depth - 1) for item in value]
        return {key: self.copy(item, depth - 1) for key, item in value.items()}

    def _charge(self, value: Json) -> None:
        self._nodes -= 1
        if type(value) is str:
            self._bytes -= len(value)
        elif type(value) is dict:
            self._bytes -= sum(map(len, value))
        if self._nodes < 0:
            raise TooLong(f"repeats too much: aliases may add {MAX_ALIAS_NODES:,} values to a file")
        if self._bytes < 0:
            raise TooLong(
                f"repeats too much: aliases may add {MAX_ALIAS_BYTES:,} characters to a file"
            )
