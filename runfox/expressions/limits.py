"""Bounds that keep a hostile or mistaken expression from taking the process down.

Size and depth are checked when compiling. At run time work is charged only where it can outgrow the
data (loops, ``cat``, ``merge``, ``vars``), and before it is done, so that a plain comparison pays
nothing.
"""

from typing import NamedTuple

MAX_NODES = 10_000
MAX_DEPTH = 100
# Templates hold literal payloads too, and those are not evaluated.
MAX_TEMPLATE_NODES = 200_000
# A mistake made everywhere needs no thousand messages, and looking for near words takes time.
MAX_PROBLEMS = 50
MAX_OPERATIONS = 500_000
MAX_BYTES = 10_000_000
MAX_STRING = 1 << 20
MAX_LIST = 100_000
# int("9" * n) takes quadratic time, and no number of 64 bits has more digits than this.
MAX_NUMBER_TEXT = 400
MAX_PATH = 1_000


class At(NamedTuple):
    """The operator that is charged, for the message when the budget is spent."""

    name: str
    path: tuple[str | int, ...]


class Exhausted(Exception):
    """A budget is spent. It knows its place, so nothing has to be evaluated again to find it."""

    def __init__(self, message: str, at: At | None) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


class Meter:
    """What one evaluation may still do. The class holds the full budget: making one is cheap."""

    operations = MAX_OPERATIONS
    bytes = MAX_BYTES

    def work(self, operations: int, at: At | None = None) -> None:
        self.operations -= operations
        if self.operations < 0:
            raise Exhausted(f"more than {MAX_OPERATIONS:,} operations; work on fewer items", at)

    def make(self, size: int, at: At | None = None) -> None:
        self.bytes -= size
        if self.bytes < 0:
            raise Exhausted(
                f"more than {MAX_BYTES:,} bytes of new values; pass a reference instead", at
            )

    def take(self, items: int, at: At, cost: int = 1) -> None:
        """Charge for going through a list, ``cost`` operations for each item."""
        check_list(items, at)
        self.work(items * cost, at)


class TracingMeter(Meter):
    """A tenth of the work: to find the place of a failure must not cost more than it did."""

    operations = MAX_OPERATIONS // 10


def check_string(length: int, at: At) -> None:
    if length > MAX_STRING:
        raise Exhausted(
            f"a string of more than {MAX_STRING:,} characters; pass a reference instead", at
        )


def check_list(length: int, at: At) -> None:
    if length > MAX_LIST:
        raise Exhausted(f"a list of more than {MAX_LIST:,} items; work on fewer at a time", at)
